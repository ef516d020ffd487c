"""Tokens to text again."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Written without a space before them, and without one behind them.
_CLOSING = re.compile(r"[.,;:!?%)\]}…»”]+|'(s|m|d|re|ve|ll)|n't|\.\.\.", re.IGNORECASE)
_OPENING = re.compile(r"[(\[{¿¡«“$€£#@]+")
# A dash between words was cut out of them.
_BETWEEN = re.compile(r"[-_/]")
# French words whose last letter an apostrophe stands for.
_ELIDED = re.compile(r"[cdjlmnst]|\w*qu|aujourd", re.IGNORECASE)


def join_words(tokens: Sequence[str]) -> str:
    """Join words and signs the way they are written.

    What the cut threw away (kinds of white space, capitals) does not come back.

    Parameters
    ----------
    tokens : sequence of str
        As ``Tokenizer("word")`` cuts them.

    Examples
    --------
    >>> join_words(["¿", "qué", "?", "i", "do", "n't", "know", "(", "yet", ")", "."])
    "¿qué? i don't know (yet)."
    """
    text, glued, quoted, before = "", True, False, ""
    for token in tokens:
        elides = token in ("'", "’") and _ELIDED.fullmatch(before)
        before = token
        if token == '"':
            # The first of two opens, the second closes.
            text += token if glued or quoted else f" {token}"
            quoted = not quoted
            glued = quoted
            continue
        closes = glued or elides or _CLOSING.fullmatch(token) or _BETWEEN.fullmatch(token)
        text += token if closes else f" {token}"
        glued = bool(elides or _OPENING.fullmatch(token) or _BETWEEN.fullmatch(token))
    return text
