"""The lab: a page in which small networks learn in the browser, with guided steps."""

from __future__ import annotations

import os
from pathlib import Path

from markupsafe import Markup

from textseq.playground.scripts import joined, source_hash
from textseq.playground.sentences import sentences_form
from textseq.playground.tokenization import as_json
from textseq.playground.words import word_tables
from textseq.report.template import write_filled

ENTRY = "lab/main.js"
_FOLDER = Path(__file__).parent


def write_lab(path: str | os.PathLike[str]) -> Path:
    """Write the lab: one HTML file that needs no network, no model and no server.

    Small networks learn in it while one looks on: to remember the first of T words, to echo, to
    count odd and even, to tell rising from falling numbers, the sentiment of short sentences, a
    sine. Guided steps, in English and Portuguese, have learners make training fail, ask why, and
    mend it; notes for teachers stand below.

    Parameters
    ----------
    path : path-like
        A file of that name is replaced; it stays whole if writing fails.

    Returns
    -------
    Path
        Where it was written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_lab(Path(folder) / "lab.html").name
    'lab.html'
    """
    script = joined(ENTRY)
    return write_filled(
        path,
        "playground/lab.html",
        style=Markup("".join(_text(name) for name in ("playground.css", "lab.css"))),
        own_script=Markup(script),
        own_script_hash=Markup(source_hash(script)),
        words=Markup(as_json(word_tables())),
        lab_words=Markup(as_json(word_tables("lab_"))),
        sentences=Markup(as_json(sentences_form())),
    )


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
