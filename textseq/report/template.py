"""Pages from templates: style sheet, script and figures inside the page, nothing beside it."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textseq.atomic import write_text
from textseq.figures import WIDTH, short
from textseq.report.figure_data import figure_data
from textseq.report.svg import inline_svg

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup
    from matplotlib.figure import Figure

# Templates are named by their paths from here, as in "report/drawing.html".
_PACKAGE = Path(__file__).parents[1]
# Letters of the name of a column that a table has room for.
_LONG_NAME = 10


@dataclass(frozen=True)
class Drawing:
    """A figure of a page.

    Parameters
    ----------
    message : str
        What it shows, in a sentence.
    svg : str
        Markup.
    width : int
        As drawn, in CSS pixels: the least at which its letters can be read.
    name : str
        Of the file of its data.
    data : Markup or None
        What its marks stand for, as JSON for the page's script.
    """

    message: str
    svg: str
    width: int
    name: str
    data: Markup | None

    @property
    def is_broad(self) -> bool:
        """Whether it must scroll on a phone for its letters to be read."""
        return self.width > round(WIDTH * 72)


def drawing(figure: Figure, prefix: str, name: str | None = None) -> Drawing:
    """Take a figure into a page; its title becomes a caption, in letters that wrap.

    Parameters
    ----------
    figure : matplotlib Figure
    prefix : str
        Put before every id, so that figures of one page do not clash.
    name : str, optional
        Of the file that its data can be saved as; by default the prefix.
    """
    from markupsafe import Markup

    message = " ".join(figure.get_suptitle().split())
    figure.suptitle("")
    points = figure.get_figwidth() * 72
    svg = Markup(inline_svg(figure, prefix, message))
    data = figure_data(figure)
    return Drawing(message, svg, round(points), name or prefix, data)


def write_filled(path: str | os.PathLike[str], template: str, **contents: Any) -> Path:
    """Write a self-contained HTML page.

    The page holds its figures and what their marks stand for, asks for nothing from the
    network, and follows light and dark mode, small screens and paper. It runs no script but
    ``report/page.js``, and needs none to be read.

    Parameters
    ----------
    path : path-like
        A file of that name is replaced; it stays whole if writing fails.
    template : str
        One that extends ``report/base.html``, by its path in the package.
    **contents
        What it names.

    Returns
    -------
    Path
        Where it was written.
    """
    from markupsafe import Markup

    css, script = (
        Markup((_PACKAGE / "report" / name).read_text(encoding="utf-8"))
        for name in ("page.css", "page.js")
    )
    # Of all scripts that a page might be made to hold, browsers run the one of this hash.
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    page = fill(template, css=css, script=script, script_digest=digest, **contents)
    return write_text(path, page)


def fill(template: str, **contents: Any) -> str:
    """Return a template with its contents filled in."""
    return _environment().get_template(template).render(**contents)


def _environment() -> Environment:
    """Return the templates' environment, which escapes whatever a user provides."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # Escapes everything but figures, style sheet and script, which are the package's own.
    environment = Environment(
        loader=FileSystemLoader(_PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["together"] = _together
    environment.filters["titled"] = _titled
    environment.filters["in_two_lines"] = _in_two_lines
    return environment


def flat(stored: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield a nested dict as lines of a name and a short text."""
    for name, value in stored.items():
        key = f"{above}{name}".replace("_", " ")
        if isinstance(value, dict):
            yield from flat(value, f"{key} · ")
        elif isinstance(value, float):
            yield key, f"{value:.4g}"
        elif isinstance(value, list | tuple):
            yield key, short(", ".join(map(str, value)), 200) or "–"
        else:
            yield key, short(str(value), 200)


def _titled(name: str) -> str:
    """Begin a name with a capital, unless its first word has one, as "chrF" does.

    Examples
    --------
    >>> _titled("balanced accuracy"), _titled("chrF"), _titled("AUC")
    ('Balanced accuracy', 'chrF', 'AUC')
    """
    first = name.split(" ")[0]
    return name if first != first.lower() else name[:1].upper() + name[1:]


def _in_two_lines(name: str) -> str:
    """Break a long name before its last word, so that a column need not be as wide."""
    from markupsafe import Markup, escape

    first, _, last = name.rpartition(" ")
    return (
        Markup("{}<br>{}").format(first, last) if len(name) > _LONG_NAME and first else escape(name)
    )


def _together(sentence: str) -> str:
    """Keep a number and its unit or interval on one line."""
    for sign in (" ±", "± ", " %"):
        sentence = sentence.replace(sign, sign.replace(" ", "\N{NO-BREAK SPACE}"))
    return sentence
