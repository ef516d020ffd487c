"""What instruments look at: rows with their targets, and a copy of a model that is to learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone

from textseq.batches import NetworkRows
from textseq.estimators.base import Prepared, TrainedEstimator
from textseq.inspection.wording import ESTIMATORS


def prepared_copy(model: Any, X: Any, y: Any) -> tuple[Any, Prepared]:
    """Prepare an unfitted copy of a model for training, as ``fit`` does.

    Parameters
    ----------
    model : any estimator
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


def targets_of(rows: NetworkRows) -> np.ndarray:
    """Return the targets of rows.

    Raises
    ------
    ValueError
        If there are none: no y was passed to a model that needs one.
    """
    if rows.targets is None:
        raise ValueError(
            "y is missing, and without it there is no loss and no score; pass the targets of X"
        )
    return rows.targets
