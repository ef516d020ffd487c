"""Paired tests of scores that are no means over rows but are computed of sums over all of them.

BLEU, chrF and the F1 of spans are such scores, and accuracy a token: each row adds its counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from textseq.comparison.statistics import pairs_table

# Counts (..., K), summed over rows, to scores (...).
Score = Callable[[np.ndarray], np.ndarray]

# More rows than these are drawn several together, so that no test takes minutes.
MOST_UNITS = 2_000
# Numbers that are held at once.
_TOGETHER = 2_000_000


def paired_resampling(
    first: np.ndarray,
    second: np.ndarray,
    score: Score,
    n_resamples: int = 10_000,
    random_state: int = 0,
    units: np.ndarray | None = None,
) -> tuple[float, float, float, float]:
    """Compare two models by a score of sums over the same rows.

    The interval is that of the paired bootstrap: rows are drawn with replacement, and both models
    scored on the same ones. The p-value is that of approximate randomisation: on each row the two
    models are exchanged, or not, at random, and it counts how often their scores then lie as far
    apart as they do. With several seeds a row is drawn, and exchanged, with all of them.

    Parameters
    ----------
    first, second : ndarray of shape (n_seeds, n_rows, K)
        What each row adds to the counts. A model without randomness has one seed.
    score : callable
        Counts (..., K) to scores (...).
    n_resamples : int, default 10_000
    random_state : int, default 0
    units : ndarray of shape (n_rows,), optional
        Rows of the same number are drawn, and exchanged, together.

    Returns
    -------
    difference, low, high, p_value : float
        Score of ``first`` minus that of ``second``, means over seeds; its 95 % interval; and
        two-sided p, ``(b + 1) / (n_resamples + 1)``.

    References
    ----------
    Koehn (2004). Statistical significance tests for machine translation evaluation. EMNLP,
    388-395. Yeh (2000). More accurate tests for the statistical significance of result
    differences. COLING, 947-953.

    Examples
    --------
    Right tokens and all tokens of each of 40 rows:

    >>> tokens = np.full(40, 10.0)
    >>> better = np.stack([np.tile([9.0, 10.0], 20), tokens], axis=-1)[None]
    >>> worse = np.stack([np.tile([8.0, 9.0], 20), tokens], axis=-1)[None]
    >>> test = paired_resampling(better, worse, lambda sums: sums[..., 0] / sums[..., 1])
    >>> print("{:.2f} [{:.2f}, {:.2f}], p = {:.4f}".format(*test))
    0.10 [0.10, 0.10], p = 0.0001
    """
    n_seeds = max(len(first), len(second))
    if not {len(first), len(second)} <= {1, n_seeds}:
        raise ValueError(
            f"one model has {len(first)} seeds and the other {len(second)}; fit both with the same"
        )
    both = [_by_unit(counts, units, n_seeds) for counts in (first, second)]
    n_units = len(both[0])
    shape = (-1, n_seeds, first.shape[2])
    rng = np.random.default_rng(random_state)

    def difference(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return (score(one.reshape(shape)) - score(other.reshape(shape))).mean(axis=-1)

    # Of an exchange: half of all counts, and half of what the models differ by, to either side.
    half, apart = (both[0] + both[1]) / 2, (both[0] - both[1]) / 2
    drawn, exchanged = np.empty(n_resamples), np.empty(n_resamples)
    step = max(1, _TOGETHER // n_units)
    for start in range(0, n_resamples, step):
        part = slice(start, min(start + step, n_resamples))
        n = part.stop - part.start
        times = rng.multinomial(n_units, np.full(n_units, 1 / n_units), size=n).astype(np.float64)
        drawn[part] = difference(times @ both[0], times @ both[1])
        signs = rng.integers(0, 2, (n, n_units)) * 2.0 - 1.0
        turned = signs @ apart
        exchanged[part] = difference(half.sum(0) + turned, half.sum(0) - turned)
    found = float(difference(both[0].sum(0), both[1].sum(0))[0])
    # Exchanges that tie with what was found count, whatever rounding made of their sums.
    beyond = np.count_nonzero(np.abs(exchanged) >= abs(found) * (1 - 1e-9))
    low, high = np.quantile(drawn, (0.025, 0.975))
    return found, float(low), float(high), (beyond + 1) / (n_resamples + 1)


def compare_corpus_scores(
    names: Sequence[str],
    counts: Sequence[np.ndarray],
    score: Score,
    units: np.ndarray | None = None,
) -> pd.DataFrame:
    """Test every pair of models, as ``compare_pairs`` does of scores that are means over rows.

    Parameters
    ----------
    names : sequence of str
    counts : sequence of ndarray of shape (n_seeds, n_rows, K)
        Of each model.
    score, units
        As ``paired_resampling`` takes them.

    Returns
    -------
    DataFrame
        As ``Comparison.pairs``.
    """
    tests = [
        paired_resampling(one, other, score, units=units) for one, other in combinations(counts, 2)
    ]
    return pairs_table(list(names), np.array(tests, dtype=np.float64).reshape(-1, 4))


def _by_unit(counts: np.ndarray, units: np.ndarray | None, n_seeds: int) -> np.ndarray:
    """Return the counts (n_units, n_seeds * K) of what is drawn together."""
    n_rows = counts.shape[1]
    numbers = np.arange(n_rows) if units is None else np.unique(units, return_inverse=True)[1]
    numbers = numbers % MOST_UNITS
    whole = np.broadcast_to(counts, (n_seeds, *counts.shape[1:]))
    flat = whole.transpose(1, 0, 2).reshape(n_rows, -1)
    found = np.zeros((int(numbers.max()) + 1, flat.shape[1]))
    np.add.at(found, numbers, flat)
    return found
