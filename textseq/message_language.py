"""The language a message is read in: how it counts places, and how it writes values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_IN_R: ContextVar[bool] = ContextVar("in_r", default=False)


@contextmanager
def speaking_r() -> Iterator[None]:
    """Let messages within speak to users of R, in this thread alone."""
    token = _IN_R.set(True)
    try:
        yield
    finally:
        _IN_R.reset(token)


def number_of(place: int) -> int:
    """Return the number of a row, channel, unit or step: from 0 in Python, from 1 in R.

    Examples
    --------
    >>> number_of(4)
    4
    >>> with speaking_r():
    ...     number_of(4)
    5
    """
    return int(place) + _IN_R.get()


def written(value: Any) -> str:
    """Return a value as one writes it: ``None`` in Python, ``NULL`` in R.

    Examples
    --------
    >>> written([True, None, "word"])
    "[True, None, 'word']"
    >>> with speaking_r():
    ...     print(written([True, None, "word"]), written({"rare": 2.0}), written(()))
    list(TRUE, NULL, "word") c(rare = 2) c()
    """
    return _in_r(value) if _IN_R.get() else repr(value)


def _in_r(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return "NaN" if value != value else f"{value:.15g}"
    if isinstance(value, Mapping):
        items = [f"{name} = {_in_r(item)}" for name, item in value.items()]
        return f"{_kind(value.values())}({', '.join(items)})"
    if isinstance(value, list | tuple):
        return f"{_kind(value)}({', '.join(map(_in_r, value))})"
    return repr(value)


def _kind(items: Any) -> str:
    """Return what makes such a value in R: vectors hold one kind, and no NULL."""
    kinds = {float if isinstance(item, int | float) and not isinstance(item, bool) else type(item)
             for item in items}  # fmt: skip
    return "c" if len(kinds) <= 1 and kinds <= {bool, float, str} else "list"
