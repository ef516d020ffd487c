"""What the scores can and cannot tell: intervals over seeds, paired tests between models."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from textseq.constancy import constant_columns

SIGNIFICANCE = 0.05
"""Adjusted p-values below this are called a difference."""

PAIR_COLUMNS = (
    "first",
    "second",
    "difference",
    "low",
    "high",
    "p_value",
    "p_adjusted",
    "verdict",
)

# Differences are pooled into cells of this share of their range before resampling. Right-or-wrong
# scores over a few seeds have a handful of distinct differences and lose nothing; squared errors
# lose under a thousandth of their variance unless their range passes 28 standard deviations.
_CELLS = 256


def item_scores(predictions: np.ndarray, targets: np.ndarray, metric: str) -> np.ndarray:
    """Score every test item under every seed, so that a model's score is their mean.

    Parameters
    ----------
    predictions : ndarray of shape (n_seeds, n_test) or (n_seeds, n_test, n_labels)
    targets : ndarray of shape (n_test,) or (n_test, n_labels)
    metric : {"accuracy", "subset accuracy", "r2"}

    Returns
    -------
    ndarray of shape (n_seeds, n_test), float64
        1 where the class, or the whole set of labels, is right and 0 elsewhere.
        For "r2", minus the squared error over the variance of the targets, whose
        differences between two models are differences in R squared.

    Examples
    --------
    >>> item_scores(np.array([[0, 1, 1]]), np.array([0, 1, 0]), "accuracy")
    array([[1., 1., 0.]])
    """
    if metric == "r2":
        targets = np.asarray(targets, dtype=np.float64)
        variance = 1.0 if constant_columns(targets[:, None]).all() else float(np.var(targets))
        return -np.square(np.asarray(predictions, dtype=np.float64) - targets) / variance
    right = np.asarray(predictions) == np.asarray(targets)
    if metric == "subset accuracy":
        right = right.all(axis=-1)
    return right.astype(np.float64)


def t_interval(scores: np.ndarray) -> tuple[float, float]:
    """Return the mean of scores over seeds and the half width of its 95 % interval.

    The interval is Student's t, which is honest at the two or three seeds one
    can afford: its factor is 12.7 at two seeds and 4.3 at three, not 1.96.

    Parameters
    ----------
    scores : ndarray of shape (n_seeds,)

    Returns
    -------
    mean : float
    half_width : float
        NaN for one seed, which tells nothing of the spread over seeds.

    References
    ----------
    Student (1908). The probable error of a mean. Biometrika 6, 1-25.

    Examples
    --------
    >>> mean, half_width = t_interval(np.array([0.80, 0.82, 0.84]))
    >>> print(f"{mean:.3f} +/- {half_width:.3f}")
    0.820 +/- 0.050
    """
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim != 1 or not len(scores):
        raise ValueError(f"scores must be one score a seed, got shape {scores.shape}")
    if len(scores) == 1:
        return float(scores[0]), float("nan")
    from scipy.stats import t

    error = scores.std(ddof=1) / np.sqrt(len(scores))
    return float(scores.mean()), float(t.ppf(0.975, len(scores) - 1) * error)


def paired_bootstrap(
    first: np.ndarray,
    second: np.ndarray,
    n_resamples: int = 10_000,
    random_state: int = 0,
    clusters: np.ndarray | None = None,
) -> tuple[float, float, float, float]:
    """Compare two models on the same test items, resampling the items.

    This one test serves every pair of a comparison. McNemar's test knows only
    right and wrong of a single fit; here an item's score may be a mean over
    seeds, or a squared error. The interval is the bootstrap's percentile
    interval. The p-value imposes the null hypothesis by giving each item's
    difference a random sign, and counts the resamples whose mean lies as far
    from 0 as the one observed. With one fit each it is McNemar's exact test up
    to resampling error. Counting bootstrap means beyond 0 instead would call
    five wins in five items p = 0.0002, where the truth is 0.0625.

    It speaks of other test texts from the same source and these fitted models;
    what another seed would do is the interval over seeds' to tell.

    Parameters
    ----------
    first, second : ndarray of shape (n_test,)
        Score of each test item, averaged over seeds; higher is better.
    n_resamples : int, default 10_000
    random_state : int, default 0
    clusters : ndarray of shape (n_test,), optional
        Items of one cluster are drawn, and change sign, together.

    Returns
    -------
    difference : float
        Mean of ``first - second``.
    low, high : float
        95 % interval of the difference.
    p_value : float
        Two-sided, ``(b + 1) / (n_resamples + 1)`` and so never 0.

    Raises
    ------
    ValueError
        If the shapes differ, there is no item, or a score is not finite.

    References
    ----------
    Efron and Tibshirani (1993). An Introduction to the Bootstrap, chapters 13 and 15.
    Yeh (2000). More accurate tests for the statistical significance of result
    differences. COLING, 947-953.
    Phipson and Smyth (2010). Permutation p-values should never be zero.
    Statistical Applications in Genetics and Molecular Biology 9 (1), article 39.

    Examples
    --------
    >>> right = np.repeat([1.0, 0.0], [90, 10])
    >>> fewer = np.repeat([1.0, 0.0], [70, 30])
    >>> difference, low, high, p_value = paired_bootstrap(right, fewer)
    >>> print(f"{difference:.2f} [{low:.2f}, {high:.2f}], p = {p_value:.4f}")
    0.20 [0.12, 0.28], p = 0.0001
    """
    differences = _differences(first, second)
    n_items = len(differences)
    rng = np.random.default_rng(random_state)
    if clusters is not None:
        return _bootstrap_clusters(differences, clusters, n_resamples, rng)
    values, counts = _pooled(differences)
    resampled = rng.multinomial(n_items, counts / n_items, size=n_resamples)
    low, high = np.quantile(resampled @ values / n_items, (0.025, 0.975))

    sizes, counts = _pooled(np.abs(differences))
    positive = rng.binomial(counts, 0.5, size=(n_resamples, len(counts)))
    flipped = np.abs((2 * positive - counts) @ sizes)
    # Resamples that tie with what was observed count, whatever rounding made of their sums.
    observed = abs(differences.sum()) * (1 - 1e-9)
    p_value = (np.count_nonzero(flipped >= observed) + 1) / (n_resamples + 1)
    return float(differences.mean()), float(low), float(high), float(p_value)


def _bootstrap_clusters(
    differences: np.ndarray, clusters: np.ndarray, n_resamples: int, rng: np.random.Generator
) -> tuple[float, float, float, float]:
    """Resample, and turn the sign of, whole clusters of items."""
    numbers = np.unique(clusters, return_inverse=True)[1]
    sums, sizes = np.bincount(numbers, differences), np.bincount(numbers)
    n_clusters = len(sums)
    means, flipped = np.empty(n_resamples), np.empty(n_resamples)
    step = max(1, 2_000_000 // n_clusters)  # bounds memory
    for start in range(0, n_resamples, step):
        part = slice(start, min(start + step, n_resamples))
        shape = part.stop - start, n_clusters
        drawn = rng.integers(0, n_clusters, shape)
        means[part] = sums[drawn].sum(1) / sizes[drawn].sum(1)
        flipped[part] = np.abs((rng.integers(0, 2, shape) * 2 - 1) @ sums)
    low, high = np.quantile(means, (0.025, 0.975))
    observed = abs(differences.sum()) * (1 - 1e-9)
    p_value = (np.count_nonzero(flipped >= observed) + 1) / (n_resamples + 1)
    return float(differences.mean()), float(low), float(high), float(p_value)


def holm(p_values: np.ndarray) -> np.ndarray:
    """Adjust p-values for their number, so that any false alarm has the stated rate.

    Parameters
    ----------
    p_values : ndarray of shape (n_tests,)

    Returns
    -------
    ndarray of shape (n_tests,)
        At least as large as ``p_values``, at most 1, in the same order.

    References
    ----------
    Holm (1979). A simple sequentially rejective multiple test procedure.
    Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03]))
    array([0.03, 0.06, 0.06])
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p_values, kind="stable")
    stepped = p_values[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1.0)
    return adjusted


def compare_pairs(
    names: list[str],
    item_scores: list[np.ndarray],
    n_resamples: int = 10_000,
    random_state: int = 0,
    clusters: np.ndarray | None = None,
) -> pd.DataFrame:
    """Test every pair of models on the same test items.

    Parameters
    ----------
    names : list of str
    item_scores : list of ndarray of shape (n_test,)
        Each model's score of each test item, averaged over seeds.
    n_resamples : int, default 10_000
    random_state : int, default 0
    clusters : ndarray of shape (n_test,), optional
        As ``paired_bootstrap`` takes them.

    Returns
    -------
    DataFrame
        One row a pair, as ``Comparison.pairs``: first, second, difference
        (first minus second), low, high, p_value, p_adjusted (Holm), verdict.

    Examples
    --------
    >>> right = np.repeat([1.0, 0.0], [90, 10])
    >>> fewer = np.repeat([1.0, 0.0], [70, 30])
    >>> compare_pairs(["lstm", "mean"], [right, fewer])["verdict"].tolist()
    ['lstm above mean']
    """
    if len(names) != len(item_scores):
        raise ValueError(f"{len(names)} names for {len(item_scores)} models' scores; give each one")
    pairs = list(combinations(range(len(names)), 2))
    options = n_resamples, random_state, clusters
    tests = [
        paired_bootstrap(item_scores[one], item_scores[other], *options) for one, other in pairs
    ]
    return pairs_table(names, np.array(tests, dtype=np.float64).reshape(-1, 4))


def pairs_table(names: list[str], tests: np.ndarray) -> pd.DataFrame:
    """Return ``Comparison.pairs`` of the difference, low, high and p of every pair (n_pairs, 4)."""
    pairs = combinations(range(len(names)), 2)
    adjusted = holm(tests[:, 3])
    rows = [
        (names[one], names[other], *test, p, _verdict(names[one], names[other], test[0], p))
        for (one, other), test, p in zip(pairs, tests.tolist(), adjusted.tolist(), strict=True)
    ]
    return pd.DataFrame(rows, columns=list(PAIR_COLUMNS))


def _differences(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    first = np.asarray(first, dtype=np.float64)
    second = np.asarray(second, dtype=np.float64)
    if first.shape != second.shape or first.ndim != 1 or not len(first):
        raise ValueError(
            f"scores must be one a test item, of the same items; got shapes "
            f"{first.shape} and {second.shape}"
        )
    differences = first - second
    if not np.isfinite(differences).all():
        item = int(np.flatnonzero(~np.isfinite(differences))[0])
        raise ValueError(
            f"item {item} scores {first[item]} and {second[item]}; scores must be finite"
        )
    return differences


def _pooled(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pool values into cells of their range: each cell's mean and count, empty cells left out."""
    low, high = values.min(), values.max()
    width = (high - low) / _CELLS or 1.0
    cells = ((values - low) / width + 0.5).astype(np.int64)
    counts = np.bincount(cells)
    sums = np.bincount(cells, weights=values)
    filled = counts > 0
    return sums[filled] / counts[filled], counts[filled]


def _verdict(first: str, second: str, difference: float, p_adjusted: float) -> str:
    if p_adjusted >= SIGNIFICANCE:
        return "no difference shown"
    return f"{first} above {second}" if difference > 0 else f"{second} above {first}"
