"""Share of outcomes inside 80 % and 95 % intervals by points, out of sample. Written by
``make calibration`` together with docs/method/calibration.md."""

from __future__ import annotations

MEASURED: dict[int, tuple[float, float]] = {
    4: (0.74, 0.92),
    5: (0.79, 0.95),
    6: (0.79, 0.95),
    7: (0.79, 0.95),
    8: (0.80, 0.95),
    9: (0.80, 0.95),
    10: (0.79, 0.95),
    11: (0.80, 0.95),
}
