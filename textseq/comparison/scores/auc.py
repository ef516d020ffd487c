"""Area under the ROC curve: how well a model ranks texts, wherever it puts its threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score


def class_probabilities(model: Any, texts: Any) -> np.ndarray | None:
    """Return a fitted model's probabilities (n, n_classes) or (n, n_labels); None without them."""
    if not hasattr(model, "predict_proba"):
        return None
    probabilities = model.predict_proba(texts)
    if isinstance(probabilities, list):
        # Forests, neighbours and dummies give an array (n, 2) a label.
        return np.column_stack([label[:, -1] for label in probabilities])
    return np.asarray(probabilities)


def class_scores(
    model: Any, texts: Any, multilabel: bool, probabilities: np.ndarray | None = None
) -> np.ndarray | None:
    """Return what a fitted model ranks texts by.

    Parameters
    ----------
    model : estimator
        Fitted on two classes, or on an indicator matrix.
    texts : texts
        As the model reads them.
    multilabel : bool
        Whether it was fitted on an indicator matrix.
    probabilities : ndarray, optional
        Its ``class_probabilities``, where they are known.

    Returns
    -------
    ndarray of shape (n,), (n, n_classes) or (n, n_labels), or None
        Probability (else decision value) of the second of two classes, or of every
        class or label; None if the model gives neither.
    """
    scores = class_probabilities(model, texts) if probabilities is None else probabilities
    if scores is None:
        if not hasattr(model, "decision_function"):
            return None
        scores = np.asarray(model.decision_function(texts))
    return scores if multilabel or scores.ndim == 1 or scores.shape[1] > 2 else scores[:, -1]


def auc(marks: np.ndarray, scores: np.ndarray | None) -> float:
    """Return the area under the ROC curve, its mean over labels where there are several.

    It is the chance that a text with the mark scores above a text without it.

    Parameters
    ----------
    marks : ndarray of shape (n,) or (n, n_labels)
        1 where a text has the class or label, else 0.
    scores : ndarray of the same shape, or None
        Higher where a model holds the mark to be likelier.

    Returns
    -------
    float
        In 0 to 1, .5 by guessing. NaN without scores, if a score is not
        finite, and if no label has texts with and without it.

    References
    ----------
    Hanley and McNeil (1982). The meaning and use of the area under a receiver
    operating characteristic (ROC) curve. Radiology 143 (1), 29-36.

    Examples
    --------
    >>> auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.75
    """
    if scores is None or not np.isfinite(scores).all():
        return float("nan")
    labels = zip(np.atleast_2d(marks.T), np.atleast_2d(scores.T), strict=True)
    areas = [roc_auc_score(mark, score) for mark, score in labels if len(np.unique(mark)) == 2]
    return float(np.mean(areas)) if areas else float("nan")
