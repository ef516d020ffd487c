"""What a head knows of columns before it learns: a linear model of them alone."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression, Ridge

from textseq.batches import SequenceData
from textseq.nn.heads import Head
from textseq.training.threads import ThreadTeam

# Of the likelihood against the squared weights, features being from 0 to 1.
STRENGTH = 1.0
MOST_PASSES = 1_000


def start_columns(head: Head, rows: SequenceData, kind: str) -> None:
    """Let a linear head begin with what columns tell by themselves.

    A network's rate suits its own layers, and may be too slow by far for a few weights that
    nothing is behind. Hidden layers in a head learn quickly enough.

    Parameters
    ----------
    head : Head
        With its first values.
    rows : SequenceData
        The training rows.
    kind : {"classes", "labels", "number"}
    """
    features, targets = rows.columns, rows.targets
    if features is None or not features.shape[1] or len(head.hidden):
        return
    assert targets is not None
    n_outputs = head.output.out_features
    weight, bias = _fitted(features, targets, kind, n_outputs, rows.weights)
    with ThreadTeam(1), torch.no_grad():
        head.output.weight[:, -features.shape[1] :] = torch.from_numpy(weight)
        head.output.bias.copy_(torch.from_numpy(bias))


def _fitted(
    features: np.ndarray, targets: np.ndarray, kind: str, n_outputs: int, counts: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights (n_outputs, F) and bias (n_outputs,) of a linear model."""
    if kind == "number":
        ridge = Ridge(1 / STRENGTH).fit(features, targets, sample_weight=counts)
        return ridge.coef_.reshape(1, -1), np.array([ridge.intercept_])
    weights, bias = np.zeros((n_outputs, features.shape[1])), np.zeros(n_outputs)
    if kind == "classes":
        there = np.unique(targets)
        # A class that partial_fit was only told of is as rare as one row more would make it.
        bias[np.setdiff1d(np.arange(n_outputs), there)] = -np.log(len(targets) + 1)
        if len(there) > 1:
            model = LogisticRegression(C=STRENGTH, max_iter=MOST_PASSES)
            model.fit(features, targets, sample_weight=counts)
            signs = np.array([[-0.5], [0.5]]) if len(there) == 2 else np.ones((1, 1))
            weights[there], bias[there] = signs * model.coef_, signs[:, 0] * model.intercept_
        return weights, bias
    for label in range(n_outputs):
        there = targets[:, label] > 0
        if there.any() and not there.all():
            model = LogisticRegression(C=STRENGTH, max_iter=MOST_PASSES)
            model.fit(features, there, sample_weight=counts)
            weights[label], bias[label] = model.coef_[0], model.intercept_[0]
    return weights, bias
