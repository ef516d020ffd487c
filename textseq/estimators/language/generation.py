"""Text that a language model says: token after token, drawn from its probabilities."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch

from textseq.checks import as_int, check_count, check_number
from textseq.nn.language import LanguageNetwork
from textseq.text.tokenizer import Tokenizer

# What a text shows in place of bytes that are no character yet.
_INCOMPLETE = "\ufffd"


def sample_ids(
    network: LanguageNetwork,
    prompt: np.ndarray,
    suppressed: Sequence[int],
    draw: Callable[[np.ndarray], int],
) -> Iterator[int]:
    """Yield the ids that a network says after a prompt, each read before the next, without end.

    Parameters
    ----------
    network : LanguageNetwork
        In evaluation mode.
    prompt : ndarray of shape (n_ids,), int64
        One id at least.
    suppressed : sequence of int
        Ids that are never drawn.
    draw : callable
        log p (V,) -> id.
    """
    read, states = torch.from_numpy(prompt), None
    while True:
        with torch.inference_mode():
            after, states = network.next_token(read[None], states)
            scores = after[0].double().numpy()
        scores[list(suppressed)] = -np.inf
        drawn = draw(scores)
        yield drawn
        read = torch.tensor([drawn])


def draw_token(
    scores: np.ndarray,
    rng: np.random.Generator,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> int:
    """Draw a token from its log-probabilities.

    Parameters
    ----------
    scores : ndarray of shape (V,)
        log p, up to a constant; -inf is never drawn.
    rng : numpy Generator
    temperature : float, default 1.0
        Under 1 likely tokens grow likelier; 0 takes the likeliest.
    top_k : int, optional
        Only the k likeliest are drawn.
    top_p : float, optional
        Only the fewest tokens whose probabilities, after ``top_k``, reach this sum.

    Returns
    -------
    int

    References
    ----------
    ``top_k``: Fan et al. (2018), "Hierarchical Neural Story Generation", section 5.2;
    ``top_p``: Holtzman et al. (2020), "The Curious Case of Neural Text Degeneration",
    section 3.1.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> scores = np.log([0.5, 0.3, 0.2])
    >>> {draw_token(scores, rng, top_p=0.7) for _ in range(100)}
    {0, 1}
    """
    if temperature == 0:
        return int(scores.argmax())
    order = np.argsort(-scores, kind="stable")[: as_int(top_k)]
    shares = np.exp((scores[order] - scores[order[0]]) / temperature)
    sums = shares.cumsum()
    if top_p is not None:
        sums = sums[: int(np.searchsorted(sums, top_p * sums[-1])) + 1]
    index = int(np.searchsorted(sums, rng.random() * sums[-1], side="right"))
    return int(order[min(index, len(sums) - 1)])


def check_sampling(temperature: float, top_k: int | None, top_p: float | None) -> None:
    """Check what ``generate`` is asked to draw from."""
    check_number("temperature", temperature)
    if top_k is not None:
        check_count("top_k", top_k)
    if top_p is not None and not 0 < check_number("top_p", top_p) <= 1:
        raise ValueError(f"top_p must be a share above 0 and at most 1, got {top_p!r}")


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
    tokenizer : Tokenizer
    prompt : str
    before : list of str
        The prompt's tokens.
    stop : tuple of str
        Texts before the first of which the continuation ends.
    stream : callable, optional
        Called with each new piece of text.

    Examples
    --------
    >>> words = Continuation(Tokenizer(), "So it", ["so", "it"], (), None)
    >>> words.add("goes"), words.add("."), words.close()
    (False, False, ' goes.')
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        prompt: str,
        before: list[str],
        stop: tuple[str, ...],
        stream: Callable[[str], object] | None,
    ) -> None:
        self._join, self._tokens = tokenizer.join, list(before)
        self._stop, self._stream = stop, stream
        begun = self._join(before)
        self._begun = len(begun)
        # A space that the prompt ends in, but its tokens lost, is not written again.
        self._spaced = prompt[-1:].isspace() and not begun[-1:].isspace()
        self._shown = 0

    def add(self, token: str) -> bool:
        """Add a token; True if ``stop`` has been said."""
        self._tokens.append(token)
        if not self._stop and self._stream is None:
            return False
        text = self._text()
        if any(stop in text for stop in self._stop):
            return True
        open_end = len(text) - len(text.rstrip(_INCOMPLETE))
        # What may be the beginning of a stop waits.
        open_end = max(open_end, *(len(stop) - 1 for stop in self._stop), 0)
        self._show(text[: len(text) - open_end])
        return False

    def close(self) -> str:
        """Hand on what is left, and return all that was said."""
        text = self._text()
        text = text[: min((text.index(stop) for stop in self._stop if stop in text), default=None)]
        self._show(text)
        return text

    def _text(self) -> str:
        text = self._join(self._tokens)[self._begun :]
        return text.removeprefix(" ") if self._spaced else text

    def _show(self, text: str) -> None:
        if self._stream is not None and len(text) > self._shown:
            self._stream(text[self._shown :])
            self._shown = len(text)
