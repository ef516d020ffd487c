"""One row of a comparison of scores."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from textseq.comparison.model import Model


@dataclass(frozen=True, eq=False)
class ComparedModel(Model):
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
    aucs : ndarray of shape (n_seeds,) or None
        Area under the ROC curve of every seed, the mean over labels where there
        are several; NaN if the model gives no scores. None unless the targets
        are two classes or several labels.
    probabilities : ndarray of shape (n_seeds, n_test, n_classes), optional
        Of every class or label; None of numbers, and if the model gives none.
    encode_microseconds : float, optional
        Part of ``predict_microseconds`` that makes a text its vector, in a row of a transformer
        of scikit-learn.
    disk_bytes : int, optional
        What must be kept to predict: a network's model file; of a pretrained transformer its
        files and the linear model, of an embedding service the linear model alone. None where
        the estimator can't be pickled.
    dollars_per_1000 : float, optional
        What an embedding service takes for a thousand texts, in US dollars, by the tokens that
        it counted, whether or not they were in the cache. None where no price is known.
    network_scores : ndarray of shape (n_seeds,), optional
        Of the network alone, where a wide path stands beside it.
    measures : dict of str to ndarray of shape (n_seeds,)
        Scores beside the one that models are compared by, where there are several.
    cached_share : float, default 0
        Share of an embedding service's vectors that came from the cache, and so in less time.
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
    aucs: np.ndarray | None = None
    probabilities: np.ndarray | None = None
    encode_microseconds: float | None = None
    disk_bytes: int | None = None
    dollars_per_1000: float | None = None
    network_scores: np.ndarray | None = None
    cached_share: float = 0.0
    measures: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def is_constant(self) -> bool:
        """Whether it predicts the same for every row, as the majority class does."""
        return bool((self.predictions == self.predictions[:1, :1]).all())
