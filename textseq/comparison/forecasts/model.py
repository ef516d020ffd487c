"""One row of a comparison of forecasts, and the rows that others are held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from textseq.comparison.model import Model

# What a network must beat, the hardest first.
REFERENCES = ("seasonal_naive", "naive")


@dataclass(frozen=True, eq=False)
class ForecastedModel(Model):
    """One row of a comparison of forecasts.

    Parameters
    ----------
    name : str
        Of its columns in ``ForecastComparison.frame``.
    kind : {"network", "baseline"}
    scores : DataFrame
        One row a seed: ``mase``, ``smape``, ``rmse``, ``mae``, and where there are intervals
        ``weighted_quantile_loss``, ``coverage-80`` and ``width-80`` for each level. A baseline
        draws no random numbers and has one row.
    by_step : ndarray of shape (h,)
        Mean absolute scaled error of each step ahead.
    seconds : ndarray of shape (n_seeds,)
        What a fit and its forecasts took, the mean over cutoffs.
    n_parameters : int or None
    parameters : dict
        As used, after "auto" was resolved.
    """

    name: str
    kind: str
    scores: pd.DataFrame
    by_step: np.ndarray
    seconds: np.ndarray
    n_parameters: int | None = None
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def mase(self) -> np.ndarray:
        """Mean absolute scaled error of every seed, shape (n_seeds,)."""
        return self.scores["mase"].to_numpy()

    @property
    def mean_mase(self) -> float:
        """Its mean over seeds; infinite where there is none, so that it ranks last."""
        mean = float(np.mean(self.mase))
        return np.inf if np.isnan(mean) else mean

    @property
    def display_name(self) -> str:
        """The name as sentences, tables and figures have it."""
        return self.name.replace("_", " ") if self.kind == "baseline" else self.name


def best_network(ranked: Sequence[ForecastedModel]) -> ForecastedModel | None:
    """Return the first network of models ranked, if there is one."""
    return next((model for model in ranked if model.kind == "network"), None)


def reference_of(models: Sequence[ForecastedModel]) -> ForecastedModel | None:
    """Return the naive forecast that a network must beat, if it takes part."""
    by_name = {model.name: model for model in models if model.kind == "baseline"}
    return next((by_name[name] for name in REFERENCES if name in by_name), None)
