"""What ``compare`` returns: every row's scores and predictions on the same test texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class ComparedModel:
    """One row of a comparison: a model fitted once per seed (and fold).

    Parameters
    ----------
    name : str
        Name shown in tables and plots.
    kind : {"network", "baseline", "estimator"}
        A textseq network, a built-in baseline, or the caller's own estimator.
    scores : ndarray of shape (n_seeds,)
        Test score of every seed (the mean over folds under cross-validation).
        A model without randomness is fitted once and has one score.
    predictions : ndarray of shape (n_seeds, n_test) or (n_seeds, n_test, n_labels)
        Predicted class numbers (positions in ``Comparison.classes``), real
        values for regression, or 0/1 indicators for multilabel targets.
    fit_seconds : ndarray of shape (n_seeds,)
        Wall-clock seconds of training.
    predict_microseconds : float
        Microseconds a text, from raw text to prediction, averaged over the test texts.
    n_parameters : int or None
        Number of fitted numbers; None where the estimator does not tell.
    histories : tuple of DataFrame
        One per seed, as ``history_``; empty for models without epochs.
    parameters : dict
        Parameters as used, after "auto" was resolved.
    """

    name: str
    kind: str
    scores: np.ndarray
    predictions: np.ndarray
    fit_seconds: np.ndarray
    predict_microseconds: float
    n_parameters: int | None = None
    histories: tuple[pd.DataFrame, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Models side by side on the same test texts.

    Parameters
    ----------
    models : tuple of ComparedModel
        In the order they were asked for, baselines first.
    metric : {"accuracy", "r2", "subset accuracy"}
        Name of the score; higher is better.
    pairs : DataFrame
        One row a pair: ``first``, ``second``, ``difference`` (first minus
        second, mean over seeds), ``low``, ``high`` (95 % interval),
        ``p_value``, ``p_adjusted`` (Holm) and ``verdict``.
    targets : ndarray of shape (n_test,) or (n_test, n_labels)
        True class numbers, values or indicators of the test texts.
    classes : tuple of str
        Class (or label) names; empty for regression.
    texts : tuple of str
        The test texts; pairs are joined by `` ||| ``.
    warnings : tuple of str
        What the data's owner should know before trusting the table.
    receipt : dict
        Seeds, versions, thread count, split, data fingerprint, seconds.
    """

    models: tuple[ComparedModel, ...]
    metric: str
    pairs: pd.DataFrame
    targets: np.ndarray
    classes: tuple[str, ...]
    texts: tuple[str, ...]
    warnings: tuple[str, ...]
    receipt: dict[str, Any]
