"""Whether intervals hold as many values as they should, as far as a backtest can tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from textseq.comparison.statistics import SIGNIFICANCE
from textseq.constancy import is_constant
from textseq.series.columns import read_column, read_numbers
from textseq.series.panel import Columns

# Further from its level than this, coverage misleads.
TOLERANCE = 0.05


class CoverageTest(NamedTuple):
    """The share of values that intervals held, and what may be said of it.

    ``low`` and ``high`` are the ends of its 95 % interval; ``verdict`` is "narrow" or "wide" where
    that excludes the level, by more than 5 percent points; "about right" where all of it lies
    within 5 percent points of the level, and "unclear" else.
    """

    held: float
    low: float
    high: float
    verdict: str


def coverage_test(frames: Sequence[Any], names: Columns, model: str, level: float) -> CoverageTest:
    """Test the coverage of a model's intervals in a backtest.

    The values of one forecast lie in or out together: each series after a cutoff counts as one.
    The interval is Student's t over them; where all held the same share, that of the exact
    binomial test with as many trials.

    Parameters
    ----------
    frames : sequence of DataFrame
        The backtest of every seed.
    names : Columns
    model : str
    level : float

    References
    ----------
    Clopper & Pearson (1934), "The use of confidence or fiducial limits illustrated in the case of
    the binomial", Biometrika 26.
    """
    by_seed = [_held_by_block(frame, names, model, level) for frame in frames]
    blocks = np.mean(by_seed, axis=0)
    blocks, share = blocks[~np.isnan(blocks)], level / 100
    if not len(blocks):
        return CoverageTest(np.nan, np.nan, np.nan, "unclear")
    held, low, high = _interval(blocks)
    if share < low or share > high:
        off = abs(held - share) > TOLERANCE
        return CoverageTest(
            held, low, high, ("narrow" if held < share else "wide") if off else "about right"
        )
    sure = max(share - low, high - share) <= TOLERANCE
    return CoverageTest(held, low, high, "about right" if sure else "unclear")


def _held_by_block(frame: Any, names: Columns, model: str, level: float) -> np.ndarray:
    """Return the share of values held after each cutoff of each series and target."""
    y, lower, upper = (
        read_numbers(frame, name)
        for name in ("y", f"{model}-lo-{level:g}", f"{model}-hi-{level:g}")
    )
    unknown = np.isnan(y) | np.isnan(lower) | np.isnan(upper)
    keys = [names.id, "cutoff", *(["variable"] if len(names.targets) > 1 else [])]
    blocks = pd.DataFrame({key: read_column(frame, key) for key in keys})
    held = pd.Series(np.where(unknown, np.nan, (lower <= y) & (y <= upper)))
    return held.groupby([blocks[key] for key in keys]).mean().to_numpy()


def _interval(blocks: np.ndarray) -> tuple[float, float, float]:
    from scipy.stats import beta, t

    n, held = len(blocks), float(blocks.mean())
    error = blocks.std(ddof=1) / np.sqrt(n) if n > 1 else 0.0
    if is_constant(error, 1.0):
        inside, tail = held * n, SIGNIFICANCE / 2
        low = beta.ppf(tail, inside, n - inside + 1) if inside > 0 else 0.0
        high = beta.ppf(1 - tail, inside + 1, n - inside) if inside < n else 1.0
        return held, float(low), float(high)
    half = float(t.ppf(1 - SIGNIFICANCE / 2, n - 1) * error)
    return held, max(held - half, 0.0), min(held + half, 1.0)
