"""``textseq lab``: the page in which small networks learn."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from textseq.cli import options
from textseq.cli.options import examples

EXAMPLES = examples("textseq lab --out lab.html")


def lab(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="HTML page to write.")],
) -> None:
    """Write the lab, a page in which small networks learn while one looks on.

    It needs no model, no network and no server: open the file in a browser. Guided steps, in
    English and Portuguese, make training fail, ask why, and mend it, with notes for teachers.
    """
    options.check_outputs(out, None)
    from textseq.playground.lab import write_lab

    typer.echo(f"page: {write_lab(out).absolute()}")
