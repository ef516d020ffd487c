"""A page in which a fitted model can be played with."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from markupsafe import Markup

from textseq.playground.exported import Exported
from textseq.playground.scripts import joined, source_hash
from textseq.playground.tokenization import as_json
from textseq.playground.words import word_tables
from textseq.report.template import flat, write_filled

# What starts the page.
ENTRY = "page.js"


def write_page(
    path: str | os.PathLike[str],
    exported: Exported,
    precision: str = "auto",
    title: str | None = None,
) -> Path:
    """Write a page that holds a model and computes with it, and asks for nothing.

    Parameters
    ----------
    path : path-like
        A file of that name is replaced; it stays whole if writing fails.
    exported : Exported
    precision : {"auto", "float32", "float16"}
    title : str, optional
        By default the model's own.

    Returns
    -------
    Path
        Where it was written.
    """
    form, block = exported.laid(precision)
    receipt = [list(fact) for fact in flat(dict(exported.receipt))]
    form = form | {"title": exported.title if title is None else title, "receipt": receipt}
    script = joined(ENTRY)
    return write_filled(
        path,
        "playground/page.html",
        title=form["title"],
        own_css=Markup((Path(__file__).parent / "playground.css").read_text(encoding="utf-8")),
        words=Markup(as_json(word_tables())),
        own_script=Markup(script),
        own_script_hash=Markup(source_hash(script)),
        model=Markup(as_json(form)),
        weights=Markup(base64.b64encode(block).decode()),
    )
