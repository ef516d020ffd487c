"""Text behind a prompt, as it is said: where it ends, and what is handed on."""

from __future__ import annotations

from collections.abc import Callable

from textseq.text.running_join import RunningJoin


def read_stops(stop: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the texts that end a continuation: none, one or several.

    Raises
    ------
    ValueError
        If one is no text, or empty.
    """
    stops = () if stop is None else tuple(stop) if isinstance(stop, list | tuple) else (stop,)
    for one in stops:
        if not isinstance(one, str):
            raise ValueError(f"stop must be a string, or a list of them, got {one!r}")
        if not one:
            raise ValueError("stop='' stands before every text; name one, or leave it out")
    return stops


class Continuation:
    """What is said behind a prompt, as text, handed on as soon as it can't change any more.

    Parameters
    ----------
    tokens : RunningJoin
        Behind the prompt's tokens.
    stop : tuple of str
        Texts before the first of which the continuation ends.
    stream : callable, optional
        Called with each new piece of text.
    spaced : bool, default False
        Whether the prompt ends in a space that its tokens have lost: it is not written again.

    Examples
    --------
    >>> from textseq.text.tokenizer import Tokenizer
    >>> words = Continuation(Tokenizer().running_join(["so", "it"]))
    >>> words.add("goes"), words.add("."), words.close()
    (False, False, ' goes.')
    """

    def __init__(
        self,
        tokens: RunningJoin,
        stop: tuple[str, ...] = (),
        stream: Callable[[str], object] | None = None,
        *,
        spaced: bool = False,
    ) -> None:
        self._tokens, self._stops, self._stream = tokens, stop, stream
        self._spaced = spaced
        self._sure: list[str] = []
        # The end of what was said: it may be the beginning of a stop.
        self._waiting = ""
        self._n_waiting = max((len(one) - 1 for one in stop), default=0)
        self._stopped = False

    def add(self, token: str) -> bool:
        """Add a token; True if ``stop`` has been said."""
        return self._stopped or self._say(self._tokens.add(token))

    def close(self) -> str:
        """Hand on what is left, and return all that was said."""
        if not self._stopped:
            self._say(self._tokens.close())
        self._hand_on(len(self._waiting))
        return "".join(self._sure)

    def _say(self, piece: str) -> bool:
        if self._spaced and piece:
            piece, self._spaced = piece.removeprefix(" "), False
        self._waiting += piece
        # None was said before: one that is there now ends in this piece.
        starts = [self._waiting.index(stop) for stop in self._stops if stop in self._waiting]
        if starts:
            self._waiting, self._stopped = self._waiting[: min(starts)], True
        else:
            self._hand_on(len(self._waiting) - self._n_waiting)
        return self._stopped

    def _hand_on(self, n_characters: int) -> None:
        if n_characters <= 0:
            return
        piece, self._waiting = self._waiting[:n_characters], self._waiting[n_characters:]
        self._sure.append(piece)
        if self._stream is not None:
            self._stream(piece)
