"""Tokens to text again, one by one as they come."""

from __future__ import annotations

import codecs
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from textseq.text.joining import WordJoiner

# What a text shows in place of bytes that are no character yet.
_INCOMPLETE = "\ufffd"
# A character has no more bytes than this, and so no more tokens.
_MOST_BYTES = 4


class RunningJoin(ABC):
    """The text of tokens that come one by one: at each token what it adds, which stays.

    All that was added, and what ``close`` adds, is what joining all tokens at once gives.
    """

    @abstractmethod
    def add(self, token: str) -> str:
        """Return the text that is sure with one more token, behind what was sure before."""

    def close(self) -> str:
        """Return what was not sure, where no more tokens come."""
        return ""


class SeparatedJoin(RunningJoin):
    """Tokens with a separator between them.

    Parameters
    ----------
    separator : str
    goes_on : bool
        Whether there are tokens before.
    """

    def __init__(self, separator: str, goes_on: bool) -> None:
        self._separator, self._goes_on = separator, goes_on

    def add(self, token: str) -> str:
        """Return the token, and what stands before it."""
        piece = self._separator + token if self._goes_on else token
        self._goes_on = True
        return piece


class WordJoin(RunningJoin):
    """Words and signs the way they are written.

    Parameters
    ----------
    before : sequence of str
    """

    def __init__(self, before: Sequence[str]) -> None:
        self._words = WordJoiner()
        for token in before:
            self._words.add(token)

    def add(self, token: str) -> str:
        """Return the token, and the space before it if there is one."""
        return self._words.add(token)


class ByteJoin(RunningJoin):
    """Pieces of bytes, as byte-level BPE cuts texts; half a character waits for its other half."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def add(self, token: str) -> str:
        """Return the characters whose last byte the token has."""
        return self._decoder.decode(_bytes_of(token))

    def close(self) -> str:
        """Return what stands for half a character."""
        return self._decoder.decode(b"", final=True)


class DecodedJoin(RunningJoin):
    """Tokens as a function joins them, which looks at the token before at most.

    Parameters
    ----------
    join : callable
        Tokens -> text.
    before : sequence of str
    """

    def __init__(self, join: Callable[[list[str]], str], before: Sequence[str]) -> None:
        self._join = join
        self._before, self._open = list(before[-_MOST_BYTES:]), list[str]()

    def add(self, token: str) -> str:
        """Return what the token adds; bytes of half a character wait for the others."""
        self._open.append(token)
        text = self._join([*self._before, *self._open])
        if text.endswith(_INCOMPLETE) and len(self._open) < _MOST_BYTES:
            return ""
        return self._settle(text)

    def close(self) -> str:
        """Return what waited."""
        return self._settle(self._join([*self._before, *self._open])) if self._open else ""

    def _settle(self, text: str) -> str:
        piece = text[len(self._join(self._before)) if self._before else 0 :]
        self._before, self._open = self._open, []
        return piece


def _byte_signs() -> dict[str, int]:
    """Return the byte that each sign of byte-level BPE stands for.

    Bytes that are printable in Latin-1 stand for themselves, the others are signs from 256 on, as
    in GPT-2's ``bytes_to_unicode``.
    """
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = [byte for byte in range(256) if byte not in printable]
    signs = {chr(256 + place): byte for place, byte in enumerate(others)}
    return signs | {chr(byte): byte for byte in printable}


_BYTES = _byte_signs()


def _bytes_of(token: str) -> bytes:
    """Return the bytes of a piece; one of other signs, which no text is cut into, is its own."""
    try:
        return bytes(_BYTES[sign] for sign in token)
    except KeyError:
        return token.encode()
