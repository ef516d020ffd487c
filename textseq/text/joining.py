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
    words = WordJoiner()
    return "".join(map(words.add, tokens))


class WordJoiner:
    """What joining words and signs looks at: what was written so far, however long it is.

    Examples
    --------
    >>> words = WordJoiner()
    >>> [words.add(token) for token in ["it", "'s", "so"]]
    ['it', "'s", ' so']
    """

    def __init__(self) -> None:
        self._glued, self._quoted, self._before = True, False, ""

    def add(self, token: str) -> str:
        """Return the next word or sign, with the space before it if there is one."""
        return token if self._is_glued(token) else f" {token}"

    def _is_glued(self, token: str) -> bool:
        """Whether no space stands before the next word or sign."""
        elides = token in ("'", "’") and _ELIDED.fullmatch(self._before)
        glued, self._before = self._glued, token
        if token == '"':
            # The first of two opens, the second closes.
            glued = glued or self._quoted
            self._quoted = not self._quoted
            self._glued = self._quoted
            return glued
        self._glued = bool(elides or _OPENING.fullmatch(token) or _BETWEEN.fullmatch(token))
        closes = glued or elides or _CLOSING.fullmatch(token) or _BETWEEN.fullmatch(token)
        return bool(closes)
