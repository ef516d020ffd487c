"""Tokens to text again."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Characters of scripts that are written without spaces, and their signs.
NO_SPACES = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
_WIDE_SIGNS = "\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
# Written without a space before them, and without one behind them.
_CLOSING = re.compile(r"[.,;:!?%)\]}…»”،؛؟٪۔।॥፣።]+|'(s|m|d|re|ve|ll)|n't|\.\.\.", re.IGNORECASE)
_OPENING = re.compile(r"[(\[{¿¡«“„‚$€£#@]+")
# A dash between words was cut out of them.
_BETWEEN = re.compile(r"[-_/]")
_NO_SPACE = re.compile(rf"[{NO_SPACES}]\S*|[{_WIDE_SIGNS}]+")
_WIDE_SIGN = re.compile(rf"[{_WIDE_SIGNS}]+")
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
    >>> join_words(["我", "很", "好", "。"])
    '我很好。'
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
        return token if self.is_glued(token) else f" {token}"

    def is_glued(self, token: str) -> bool:
        """Whether no space stands before the next word or sign."""
        elides = token in ("'", "’") and _ELIDED.fullmatch(self._before)
        runs_on = _runs_on(self._before, token)
        glued, self._before = self._glued, token
        if token == '"':
            # The first of two opens, the second closes.
            glued = glued or self._quoted
            self._quoted = not self._quoted
            self._glued = self._quoted
            return glued
        self._glued = bool(elides or _OPENING.fullmatch(token) or _BETWEEN.fullmatch(token))
        closing = elides or _CLOSING.fullmatch(token) or _BETWEEN.fullmatch(token)
        return bool(glued or closing or runs_on)


def glued_words(tokens: Sequence[str]) -> list[bool]:
    """Tell of each word or sign whether it is written without a space before it."""
    words = WordJoiner()
    return [words.is_glued(token) for token in tokens]


def _runs_on(before: str, token: str) -> bool:
    """Whether two tokens are of a script without spaces; its signs stand close to any word."""
    if _WIDE_SIGN.fullmatch(token) or _WIDE_SIGN.fullmatch(before):
        return True
    return bool(_NO_SPACE.match(before) and _NO_SPACE.match(token))
