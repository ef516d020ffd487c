"""Tokens that a language model says, drawn from its probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from textseq.checks import as_int, check_count, check_number
from textseq.estimators.language.repetition import Repetition

# Likeliest tokens that are sorted first.
FEW_LIKELY = 64


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
    n_kept = len(scores) if top_k is None else min(int(top_k), len(scores))
    shares = np.exp((scores - scores.max()) / temperature)
    whole = float(shares.sum() if n_kept == len(scores) else _sums(scores, shares, n_kept)[1][-1])
    if top_p is not None:
        order, sums = _sums(scores, shares, n_kept, top_p * whole)
        sums = sums[: int(np.searchsorted(sums, top_p * whole)) + 1]
        drawn = rng.random() * sums[-1]
    else:
        drawn = rng.random() * whole
        order, sums = _sums(scores, shares, n_kept, drawn)
    # Rounding may draw beyond the last token that has a share.
    last = int(np.searchsorted(sums, sums[-1]))
    return int(order[min(int(np.searchsorted(sums, drawn, side="right")), last)])


def _sums(
    scores: np.ndarray, shares: np.ndarray, n_kept: int, enough: float = np.inf
) -> tuple[np.ndarray, np.ndarray]:
    """Return the likeliest of ``n_kept`` tokens in order, and the sums of their shares.

    To sort all tokens takes longer than a step of the network: it ends where a sum is ``enough``.
    """
    n_sorted = FEW_LIKELY
    while True:
        order = likeliest(scores, min(n_sorted, n_kept))
        sums = shares[order].cumsum()
        if n_sorted >= n_kept or sums[-1] > enough:
            return order, sums
        n_sorted *= FEW_LIKELY


def likeliest(scores: np.ndarray, n: int) -> np.ndarray:
    """Return the ids of the ``n`` highest scores (V,), the highest first, of equal ones the lower.

    Examples
    --------
    >>> likeliest(np.array([1.0, 3.0, 0.0, 3.0, 1.0]), 3).tolist()
    [1, 3, 0]
    """
    if n == len(scores):
        return np.argsort(-scores, kind="stable")
    lowest = np.partition(scores, len(scores) - n)[len(scores) - n]
    among = np.flatnonzero(scores >= lowest)
    return among[np.argsort(-scores[among], kind="stable")[:n]]


@dataclass(frozen=True)
class Sampling:
    """How tokens are drawn, as ``generate`` takes it.

    Raises
    ------
    ValueError
        If one can't be drawn by.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    repetition_penalty: float = 1.0
    no_repeat_ngram_size: int | None = None

    def __post_init__(self) -> None:
        check_number("temperature", self.temperature)
        check_number("repetition_penalty", self.repetition_penalty, above=True)
        for name in ("top_k", "no_repeat_ngram_size"):
            if getattr(self, name) is not None:
                check_count(name, getattr(self, name))
        if self.top_p is not None and not 0 < check_number("top_p", self.top_p) <= 1:
            raise ValueError(f"top_p must be a share above 0 and at most 1, got {self.top_p!r}")

    def repetition(self, n_tokens: int) -> Repetition:
        """Return what weighs repeats among ``n_tokens`` ids."""
        return Repetition(n_tokens, self.repetition_penalty, as_int(self.no_repeat_ngram_size))

    def draw(self, scores: np.ndarray, rng: np.random.Generator) -> int:
        """Draw a token from its log-probabilities (V,)."""
        return draw_token(
            scores, rng, temperature=self.temperature, top_k=self.top_k, top_p=self.top_p
        )
