"""Drawing of charts: the Chinese font, one style, SVG that is the same bytes for the same figures.

A missing Chinese glyph or font is an error, never a box.
"""

from __future__ import annotations

import base64
import io
import unicodedata
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from gdplan.files.text_width import display_width
from gdplan.problems import Problem, ProblemError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 6.1
INK = "#1b4f72"
RC = {
    "axes.unicode_minus": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 8,
    "hatch.linewidth": 0.5,
    "svg.hashsalt": "gdplan",
    "svg.fonttype": "path",
}
PICTURES = ("So", "Sk", "Mn", "Me", "Cf", "Co", "Cs", "Cc")
"""Kinds of characters (emoji, marks, controls) that are written as code points where no font has
them; a letter or a Chinese character that is missing is an error."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A finished chart: SVG text, caption, and the sentence a reader who cannot see it gets."""

    svg: str
    caption: str
    alt: str

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.svg.encode()).decode()
        return (
            f'<figure><img src="data:image/svg+xml;base64,{data}" alt="{escape(self.alt)}">'
            f"<figcaption>{escape(self.caption)}</figcaption></figure>"
        )


@dataclass(frozen=True, slots=True)
class Charts:
    """Several charts shown one below the other, under a heading or none."""

    charts: tuple[Chart, ...]

    def _repr_html_(self) -> str:
        return "\n".join(chart._repr_html_() for chart in self.charts)


@cache
def font_families() -> tuple[str, ...]:
    """The Chinese font, registered with matplotlib, and the one for what it lacks.

    Raises
    ------
    ProblemError
        When the font package is missing.
    """
    from matplotlib import font_manager

    try:
        import pylopdf_fonts_zh_cn as fonts
    except ImportError as error:
        raise ProblemError(
            Problem(
                "no_cjk_font", "", "缺少中文字体，无法绘图",
                expected="pylopdf-fonts-zh-cn", fix="重新安装 requirements.lock 中的依赖",
            )
        ) from error  # fmt: skip
    path = str(fonts.sans_path())
    font_manager.fontManager.addfont(path)
    return str(font_manager.FontProperties(fname=path).get_name()), "DejaVu Sans"


@cache
def _glyphs() -> frozenset[int]:
    from matplotlib import font_manager

    paths = [font_manager.findfont(family) for family in font_families()]
    return frozenset(code for p in paths for code in font_manager.get_font(p).get_charmap())


def drawable(text: str) -> str:
    """Text as a chart can show it: an emoji no font has becomes its code point.

    Examples
    --------
    >>> drawable("就业\\U0001faf6")
    '就业[U+1FAF6]'
    """
    if text.isascii() and "$" not in text:
        return text
    known = _glyphs()
    shown = "".join(
        c if ord(c) in known or unicodedata.category(c) not in PICTURES else f"[U+{ord(c):04X}]"
        for c in text
    )
    return shown.replace("$", r"\$")


def cut(text: str, width: int) -> str:
    """Text cut to a display width, in which a Chinese character counts two.

    Examples
    --------
    >>> cut("城镇新增就业人数", 10)
    '城镇新增…'
    """
    if display_width(text) <= width:
        return text
    kept = ""
    for c in text:
        if display_width(kept + c) > width - 2:
            break
        kept += c
    return kept + "…"


def render(draw: Callable[[Figure], None], size: tuple[float, float], source: str = "") -> str:
    """SVG of a figure of a size in inches, with its source line below."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    style: Any = {**RC, "font.family": list(font_families())}
    buffer = io.StringIO()
    with mpl.rc_context(style), warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*[Gg]lyph.*missing.*")
        figure = Figure(figsize=size, layout="constrained", facecolor="white")
        FigureCanvasSVG(figure)
        draw(figure)
        if source:
            figure.supxlabel(drawable(source), x=0.01, ha="left", fontsize=6, color="#444444")
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
