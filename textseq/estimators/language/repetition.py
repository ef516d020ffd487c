"""What a text that is being written has said already, and how far it may say it again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np


class Repetition:
    """Makes what was said less likely, and rules out that an n-gram is said twice.

    Parameters
    ----------
    n_tokens : int
        V.
    penalty : float
        What the log-probability of a token that has been said is multiplied by: above 1 it is
        less likely, at 1 as likely as ever.
    ngram_size : int, optional
        No run of so many tokens is said twice.

    References
    ----------
    ``penalty``: Keskar et al. (2019), "CTRL: A Conditional Transformer Language Model for
    Controllable Generation", section 4.1, of scores, which log-probabilities are that no constant
    can shift; ``ngram_size``: Paulus et al. (2018), "A Deep Reinforced Model for Abstractive
    Summarization", section 2.5.

    Examples
    --------
    >>> said = Repetition(n_tokens=4, penalty=2.0, ngram_size=2).add([1, 2, 1])
    >>> said.weigh(np.log([0.25, 0.25, 0.25, 0.25])).round(2).tolist()
    [-1.39, -2.77, -inf, -1.39]
    """

    def __init__(self, n_tokens: int, penalty: float, ngram_size: int | None) -> None:
        self._penalty, self._size = penalty, ngram_size
        self._said = np.zeros(n_tokens, dtype=bool)
        self._last: tuple[int, ...] = ()
        # What has followed each run of n - 1 tokens: here, and in what several go on from.
        self._followers: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
        self._before: Mapping[tuple[int, ...], list[int]] = {}

    def add(self, ids: Sequence[int]) -> Repetition:
        """Note tokens that were said, one behind the other."""
        self._said[ids] = True
        if self._size is not None:
            for number in ids:
                if len(self._last) == self._size - 1:
                    self._followers[self._last].append(number)
                self._last = (*self._last, number)[1 - self._size :] if self._size > 1 else ()
        return self

    def branch(self) -> Repetition:
        """Return one that goes on from here by itself; this one must stay as it is."""
        other = Repetition(len(self._said), self._penalty, self._size)
        other._said[:], other._last, other._before = self._said, self._last, self._followers
        return other

    def weigh(self, scores: np.ndarray) -> np.ndarray:
        """Return log-probabilities (V,) of the next token with what was said less likely."""
        if self._penalty != 1:
            scores = np.where(self._said, scores * self._penalty, scores)
        if self._size is not None:
            if self._penalty == 1:
                scores = scores.copy()
            for followers in (self._before, self._followers):
                scores[followers.get(self._last, [])] = -np.inf
        return scores
