"""Coverage measured out of sample. Written by `make calibration`; not edited by hand."""

MEASURED: dict[int, tuple[float, float]] = {4: (0.78, 0.93), 11: (0.8, 0.95)}
