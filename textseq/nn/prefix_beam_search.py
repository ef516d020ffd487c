"""Likely symbols of a row under CTC: the probabilities of all ways to say them, added up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from textseq.nn.ctc import BLANK

Prefix = tuple[int, ...]
# (symbols so far) -> log-probabilities (K + 1,) of each next symbol and, last, of the end.
NextSymbol = Callable[[Prefix], np.ndarray]
# Symbols less probable than this at a step are not tried there.
LEAST = np.log(1e-5)


def prefix_beam_search(
    log_p: np.ndarray,
    beam_size: int,
    next_symbol: NextSymbol | None = None,
    *,
    weight: float = 0.0,
    bonus: float = 0.0,
) -> tuple[np.ndarray, float]:
    """Find likely symbols of one row.

    Parameters
    ----------
    log_p : ndarray of shape (T, K)
        Log-probability of each symbol at each step; ``BLANK`` is none.
    beam_size : int
        Beginnings that go on from step to step.
    next_symbol : callable, optional
        A language model: log-probabilities of what comes behind some symbols, the blank's unread.
    weight : float, default 0
        What the language model counts for beside the network (shallow fusion).
    bonus : float, default 0
        Added for each symbol, in nats: a language model's weight makes answers short.

    Returns
    -------
    symbols : ndarray of shape (n,), int64
    score : float
        Log-probability of the symbols, with what the language model and the bonus add.

    References
    ----------
    Hannun, Maas, Jurafsky & Ng (2014), "First-Pass Large Vocabulary Continuous Speech Recognition
    using Bi-Directional Recurrent DNNs", algorithm 1.

    Examples
    --------
    One way for the likeliest path, two for what is likelier in all:

    >>> steps = np.log(np.array([[0.6, 0.4], [0.6, 0.4]]))
    >>> symbols, score = prefix_beam_search(steps, beam_size=4)
    >>> symbols.tolist(), round(float(np.exp(score)), 2)
    ([1], 0.64)
    """
    # Of each beginning: log p of the ways that end in a blank, and of those that end in a symbol.
    beams: dict[Prefix, tuple[float, float]] = {(): (0.0, -np.inf)}
    added: dict[Prefix, float] = {(): 0.0}

    def gain(prefix: Prefix) -> float:
        """Return what the language model and the bonus add for a beginning."""
        if prefix not in added:
            own = bonus
            if next_symbol is not None:
                own += weight * float(next_symbol(prefix[:-1])[prefix[-1]])
            added[prefix] = added[prefix[:-1]] + own
        return added[prefix]

    for step in log_p:
        tried = [symbol for symbol in np.flatnonzero(step > LEAST).tolist() if symbol != BLANK]
        beams = _extended(beams, step, tried)
        totals = {prefix: np.logaddexp(*ways) + gain(prefix) for prefix, ways in beams.items()}
        # Of equal scores the first in the order of symbols stays, whatever came before.
        kept = sorted(totals, key=lambda prefix: (-totals[prefix], prefix))[:beam_size]
        beams = {prefix: beams[prefix] for prefix in kept}
    ends = {prefix: np.logaddexp(*ways) + gain(prefix) for prefix, ways in beams.items()}
    if next_symbol is not None:
        ends = {prefix: s + weight * float(next_symbol(prefix)[-1]) for prefix, s in ends.items()}
    best = min(ends, key=lambda prefix: (-ends[prefix], prefix))
    return np.array(best, dtype=np.int64), float(ends[best])


def _extended(
    beams: dict[Prefix, tuple[float, float]], step: np.ndarray, tried: list[int]
) -> dict[Prefix, tuple[float, float]]:
    """Return the beginnings after one more step (K,), and the ways to say each."""
    longer: dict[Prefix, tuple[float, float]] = {}

    def add(prefix: Prefix, blank: float, symbol: float) -> None:
        before = longer.get(prefix, (-np.inf, -np.inf))
        found = np.logaddexp(before[0], blank), np.logaddexp(before[1], symbol)
        longer[prefix] = float(found[0]), float(found[1])

    for prefix, (blank, symbol) in beams.items():
        both = float(np.logaddexp(blank, symbol))
        add(prefix, both + float(step[BLANK]), -np.inf)
        for number in tried:
            own = float(step[number])
            if prefix and prefix[-1] == number:
                # The same symbol goes on; it is said again only behind a blank.
                add(prefix, -np.inf, symbol + own)
                add((*prefix, number), -np.inf, blank + own)
            else:
                add((*prefix, number), -np.inf, both + own)
    return longer
