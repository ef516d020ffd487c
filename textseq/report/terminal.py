"""Lines and tables on a terminal, or through a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from textseq.figures import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

_ASCII = str.maketrans({"±": "+/-", "µ": "u", "–": "-", "…": "...", "²": "2"})


def is_plain(console: Console) -> bool:
    """Whether a console shows neither rules nor signs beyond ASCII."""
    return not console.is_terminal or not console.encoding.lower().startswith("utf")


def text_writer(console: Console) -> Callable[[str, str], Text]:
    """Return what turns a line and a style into text that a console can show as it is.

    Signs that do not print become spaces, and through a pipe the report's own signs
    plain ASCII.
    """
    from rich.text import Text

    encoding, plain = console.encoding, is_plain(console)

    def text(line: str, style: str) -> Text:
        if plain:
            line, style = line.translate(_ASCII), ""
        line = printable(line)
        # A Text, not a string: names may hold what rich would read as markup or emoji codes.
        return Text(line.encode(encoding, "backslashreplace").decode(encoding), style=style)

    return text


def text_table(
    headers: Sequence[str],
    rows: Iterable[Iterable[str]],
    console: Console,
    best_first: bool = False,
) -> Table:
    """Return a table to print.

    Parameters
    ----------
    headers : sequence of str
        All but the first and the last column hold numbers; ``seeds`` does, wherever it stands.
    rows : iterable of iterable of str
    console : rich.console.Console
    best_first : bool, default False
        Whether the first row is in bold letters.
    """
    from rich import box
    from rich.table import Table

    text = text_writer(console)
    table = Table(
        box=box.ASCII2 if is_plain(console) else box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        safe_box=True,
    )
    for column, header in enumerate(headers):
        number = 0 < column < len(headers) - 1 or header == "seeds"
        table.add_column(
            text(header, "bold"),
            justify="right" if number else "left",
            no_wrap=column > 0,
            min_width=None if column else 12,
            overflow="fold",
        )
    for rank, row in enumerate(rows):
        style = "bold" if best_first and not rank else ""
        table.add_row(*(text(cell, style) for cell in row))
    return table
