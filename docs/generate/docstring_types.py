"""How the types of numpydoc docstrings are shown: as they are written."""

from __future__ import annotations

import re
from typing import Any

import griffe

# griffe reads types as code: of `{"a", "b"} or None, default "b"` it keeps the set alone, with "a"
# as the default, and "path-like" becomes a difference.
TYPED = re.compile(r"^( *[*\w][\w, *]* : )(.+)$", re.MULTILINE)


def as_written(docstring: str) -> str:
    r"""Return a docstring whose types are text, not code to be parsed.

    Examples
    --------
    >>> as_written('mode : {"a", "b"} or None, default "a"').replace("\u2060", "")
    'mode : one of "a", "b" or None, default "a"'
    """

    def text(match: re.Match[str]) -> str:
        # A word joiner, which no Python expression may begin with, and which nobody sees.
        kind = re.sub(r"\{([^}]*)\}", r"one of \1", match[2], count=1).replace("``", "")
        return f"{match[1]}\u2060{kind}"

    return TYPED.sub(text, docstring)


class TypesAsWritten(griffe.Extension):
    """Shows the types of parameters as their docstrings have them."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of a module, class, function or attribute."""
        if obj.docstring is not None:
            obj.docstring.value = as_written(obj.docstring.value)
