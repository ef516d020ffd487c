"""The sentences of the pages, in the languages that they can be read in."""

from __future__ import annotations

import json
from pathlib import Path

LANGUAGES = ("en", "pt")
_FOLDER = Path(__file__).parent / "words"


def word_tables(prefix: str = "") -> dict[str, dict[str, str]]:
    """Return the sentences of a page by language and key.

    Parameters
    ----------
    prefix : str, default ""
        How the names of the page's files begin.

    Examples
    --------
    >>> word_tables()["pt"]["undo"]
    'Desfazer'
    """
    return {
        language: json.loads((_FOLDER / f"{prefix}{language}.json").read_text(encoding="utf-8"))
        for language in LANGUAGES
    }
