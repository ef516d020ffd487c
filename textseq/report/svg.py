"""Figures as SVG that can stand inside a page, several at once, and follow its colours."""

from __future__ import annotations

import base64
import html
import io
import re
import warnings
from typing import TYPE_CHECKING

from textseq.figures import ACCENT, INK, LINE, MUTED, PAPER, SECOND, figure_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_VARIABLES = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    LINE: "var(--line)",
    PAPER: "var(--paper)",
    ACCENT: "var(--accent)",
    SECOND: "var(--second)",
}

# Of a PNG with a palette, and of a pixel that hides what is behind it.
_MOST_COLORS, _OPAQUE = 256, 255


def inline_svg(figure: Figure, prefix: str, label: str) -> str:
    """Return a figure as an ``<svg>`` element.

    Parameters
    ----------
    figure : matplotlib Figure
        In the report's colours, which become the page's variables.
    prefix : str
        Put before every id, so that figures of one page do not clash.
    label : str
        What the figure shows, for those who do not see it.

    Returns
    -------
    str
        Markup without size, comments, metadata or addresses to fetch.
    """
    written = io.StringIO()
    with figure_style(), warnings.catch_warnings():
        # The browser draws the letters, with fonts that know more signs than matplotlib's.
        warnings.filterwarnings(
            "ignore", message="Glyph .* missing from font", category=UserWarning
        )
        figure.savefig(
            written,
            format="svg",
            transparent=True,
            metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
        )
    svg = written.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    box = re.search(r'viewBox="([^"]*)"', svg)
    assert box is not None
    # Groups carry ids nobody refers to; what is referred to lives in <defs> and clip paths.
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    svg = re.sub(r' id="([^"]*)"', rf' id="{prefix}-\1"', svg)
    svg = re.sub(r'xlink:href="#([^"]*)"', rf'href="#{prefix}-\1"', svg)
    svg = re.sub(r"url\(#([^)]*)\)", rf"url(#{prefix}-\1)", svg)
    svg = re.sub(r'(?<="data:image/png;base64,)[^"]*', lambda image: _of_palette(image[0]), svg)
    for color, variable in _VARIABLES.items():
        svg = svg.replace(color, variable)
    svg = re.sub(r"\s*\n\s*", "\n", svg)
    # Bars of missing values are paths that go nowhere.
    svg = re.sub(r'<g>\n<path d="M 0 0\nz\n"[^>]*>\n</g>\n', "", svg)
    svg = re.sub(r"<g([^>]*)>\n((?:<use [^>]*>\n){2,})</g>", _shared, svg)
    # The page names the fonts; the first of matplotlib's tells letters of one width from others.
    svg = re.sub(r"(font(?:-family)?: [^',;\"]*'[^']*'), [^;\"]*", r"\1", svg)
    svg = re.sub(r' transform="rotate\(-0 [^"]*\)"', "", svg)
    # Hundredths of a point are finer than any screen; transforms may be small factors.
    svg = re.sub(r"<[a-z][^>]*>", lambda tag: _rounded(tag[0]), svg)
    opening = f'<svg viewBox="{box[1]}" role="img" aria-label="{html.escape(label)}">'
    return opening + svg[svg.index(">") + 1 :]


def _of_palette(image: str) -> str:
    """Write a PNG, in Base64, with a number a pixel if it has few opaque colours: half the size."""
    import numpy as np
    from PIL import Image

    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(image))).convert("RGBA"))
    colors, numbers = np.unique(pixels.reshape(-1, 4), axis=0, return_inverse=True)
    if len(colors) > _MOST_COLORS or (colors[:, 3] < _OPAQUE).any():
        return image
    drawn = Image.fromarray(numbers.reshape(pixels.shape[:2]).astype(np.uint8), "P")
    drawn.putpalette(colors[:, :3].tobytes())
    written = io.BytesIO()
    drawn.save(written, format="png", optimize=True)
    return base64.b64encode(written.getvalue()).decode("ascii")


def _shared(group: re.Match[str]) -> str:
    """Write the style of a group's marks once, if they have one in common."""
    styles = set(re.findall(r' style="[^"]*"', group[2]))
    if len(styles) != 1 or group[2].count(" style=") != group[2].count("<use "):
        return group[0]
    (style,) = styles
    return f"<g{group[1]}{style}>\n{group[2].replace(style, '')}</g>"


def _rounded(tag: str) -> str:
    """Cut the numbers of a tag, but those of its transform, to two decimals."""
    return re.sub(r'(transform="[^"]*")|(\.\d\d)\d+', lambda part: part[1] or part[2], tag)
