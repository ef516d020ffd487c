"""The JSON file of a comparison, as it is read back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FORMAT = 1
"""Version of the JSON form."""


def read_stored(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return what a comparison's file holds, of whatever kind and format.

    Raises
    ------
    ValueError
        If the file is no comparison.
    """
    try:
        stored: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
        stored["format"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"{str(path)!r} is not a comparison's JSON: {error!r}") from error
    return stored


@contextmanager
def known_format(stored: dict[str, Any], path: str | os.PathLike[str]) -> Iterator[None]:
    """Read the fields of this format within; what they lack is told of the file.

    Raises
    ------
    ValueError
        If the file is of another format, or a field is missing or of another form.
    """
    number = stored["format"]
    if number != FORMAT:
        raise ValueError(f"{str(path)!r} has format {number}, this textseq reads {FORMAT}")
    try:
        yield
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{str(path)!r} is not a whole comparison: {error!r}") from error
