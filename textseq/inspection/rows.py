"""A copy of a model, ready to be trained, for instruments that watch it learn."""

from __future__ import annotations

from typing import Any

from sklearn.base import clone

from textseq.estimators.base import Prepared, TrainedEstimator
from textseq.inspection.wording import ESTIMATORS


def prepared_copy(model: Any, X: Any, y: Any) -> tuple[Any, Prepared]:
    """Prepare an unfitted copy of a model for training, as ``fit`` does.

    Parameters
    ----------
    model : TextClassifier, TextRegressor, SeriesClassifier, SeriesRegressor or Forecaster
    X, y : as ``fit`` takes them
        A Forecaster's frame has the columns of its fit, or, before it, the default names.

    Returns
    -------
    copy : as ``model``
        With a fresh network.
    prepared : Prepared

    Raises
    ------
    ValueError
        As ``fit`` does.
    """
    if not isinstance(model, TrainedEstimator):
        raise ValueError(f"got {type(model).__name__}, which is no network; pass a {ESTIMATORS}")
    fresh = clone(model)
    return fresh, fresh.prepare(model.read(X), y)
