"""What "auto" stands for in a forecaster: the recipe, chosen on validation parts of many sets."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from textseq.checks import check_count
from textseq.estimators.auto import decide
from textseq.estimators.declared import is_auto
from textseq.series.panel import Panel

FEWEST_EPOCHS = 1
MOST_EPOCHS = 100
# Rows of the first fit, in horizons: with fewer none validate and there are no intervals.
CALIBRATED_HORIZONS = 3
# Steps ahead where the series are long enough.
USUAL_HORIZON = 24


def horizon_of(h: int | str, panel: Panel, season_length: int | str, n_windows: int = 0) -> int:
    """Return ``h``; for "auto" 24, or as many steps as leave rows to train and calibrate on.

    Of fewer than 24, whole seasons if the rows allow one.

    Parameters
    ----------
    h : int or "auto"
    panel : Panel
    season_length : int or "auto"
    n_windows : int, default 0
        Of a backtest, one horizon apart: all must leave rows before their cutoff.
    """
    if not isinstance(h, str):
        return check_count("h", h)
    n_parts = CALIBRATED_HORIZONS + n_windows
    most = int(np.median(panel.lengths)) // n_parts
    if most >= USUAL_HORIZON:
        return USUAL_HORIZON
    named = not isinstance(season_length, str)
    season = check_count("season_length", season_length) if named else panel.frequency.season_length
    return max(most // season * season or most, 1)


@dataclass(frozen=True)
class ForecastFacts:
    """What the defaults may look at.

    Parameters
    ----------
    h, steps : int
        Steps ahead, and those that the network answers at once.
    season_length : int
        Steps in a season.
    fewest_seasons : int
        Those that a window must hold: one where the season was named, else two.
    n_series : int
    median_length : float
        Rows of the median series.
    n_rows : int
    """

    h: int
    steps: int
    season_length: int
    fewest_seasons: int
    n_series: int
    median_length: float
    n_rows: int

    @classmethod
    def of(cls, panel: Panel, h: int, steps: int, season_length: int | str) -> Self:
        """Look at the rows that are trained on; "auto" takes the frequency's season."""
        named = not isinstance(season_length, str)
        if not named:
            season_length = panel.frequency.season_length
        return cls(
            h=h,
            steps=steps,
            season_length=int(season_length),
            fewest_seasons=1 if named else 2,
            n_series=len(panel),
            median_length=float(np.median(panel.lengths)),
            n_rows=int(panel.lengths.sum()),
        )


def decide_all(parameters: dict[str, Any], facts: ForecastFacts) -> dict[str, Any]:
    """Return the parameters with every "auto" decided.

    Warns of a season that was named, but is too long for the series to learn it.
    """
    found = recipe(facts)
    lost = found["season_length"] < facts.season_length
    if lost and is_auto(parameters["input_size"]) and not is_auto(parameters["season_length"]):
        warnings.warn(
            f"season_length={facts.season_length} is left out: the median series has less "
            f"than {ROWS_PER_WINDOW} seasons to train on; bring more rows, or set "
            f"input_size={facts.season_length} to keep it",
            stacklevel=2,
        )
        parameters = parameters | {"season_length": "auto"}
    return decide(parameters, found)


# Seasons that a window holds where the series are long enough.
SEASONS = 14
# Windows without a season: so many horizons.
HORIZONS = 2
SHORTEST_WINDOW = 8
# A window takes at most one in so many rows of the median series.
ROWS_PER_WINDOW = 3
# With this many series, a network learns what they share.
MANY_SERIES = 30
# With this many windows, a few series can be learned slowly and in detail.
MANY_WINDOWS = 4_000


def recipe(facts: ForecastFacts) -> dict[str, Any]:
    """Return what "auto" stands for.

    It was chosen on validation parts of M4 Hourly, of ETTh1 and vic_elec, and of monthly series.
    """
    season, input_size = facts.season_length, _input_size(facts)
    if season > input_size // facts.fewest_seasons:
        season = 1
    n_windows = max(facts.n_rows - facts.n_series * (input_size + facts.h), 1)
    if facts.n_series >= MANY_SERIES:
        regime = _of_many_series(n_windows)
    elif n_windows >= MANY_WINDOWS:
        regime = _of_long_series(n_windows, facts.steps)
    else:
        regime = _of_short_series(n_windows)
    if season == 1:
        regime |= {"window_scaling": "last", "skip": "linear"}
    return regime | {
        "input_size": input_size,
        "num_layers": 1,
        "season_length": season,
        "fold": season if season > 1 else None,
        "calendar": False,
        "head_sizes": (64,),
        "dropout": 0.0,
        "schedule": "one_cycle",
        "weight_decay": 1e-2,
        "patience": None,
    }


def _of_many_series(n_windows: int) -> dict[str, Any]:
    return {
        "window_scaling": "seasonal",
        "skip": "seasonal",
        "hidden_size": 64,
        "head_dropout": 0.0,
        "loss": "mae",
        "learning_rate": 2e-3,
        "max_epochs": _epochs(n_windows, 200_000),
        "batch_size": 128,
    }


def _of_long_series(n_windows: int, steps: int) -> dict[str, Any]:
    """Slowly, as what is learned by heart soon outweighs what is learned; one step ahead, less."""
    return {
        "window_scaling": "last",
        "skip": "linear+seasonal",
        "hidden_size": 32,
        "head_dropout": 0.3,
        "loss": "mae",
        "learning_rate": 1e-3 if steps == 1 else 2e-4,
        "max_epochs": _epochs(n_windows, 160_000 if steps == 1 else 40_000),
        "batch_size": 64,
    }


def _of_short_series(n_windows: int) -> dict[str, Any]:
    return {
        "window_scaling": "last",
        "skip": "seasonal",
        "hidden_size": 32,
        "head_dropout": 0.3,
        "loss": "mae",
        "learning_rate": 2e-3,
        "max_epochs": _epochs(n_windows, 40_000),
        "batch_size": 16,
    }


def _input_size(facts: ForecastFacts) -> int:
    """Whole seasons, at most a third of the median series."""
    most = max(int(facts.median_length) // ROWS_PER_WINDOW, 2)
    if facts.season_length > 1:
        n_seasons = min(SEASONS, most // facts.season_length)
        if n_seasons >= facts.fewest_seasons:
            return n_seasons * facts.season_length
    return min(max(HORIZONS * facts.h, SHORTEST_WINDOW), most)


def _epochs(n_windows: int, to_see: int) -> int:
    return int(min(max(round(to_see / n_windows), FEWEST_EPOCHS), MOST_EPOCHS))
