"""One number that puts a classifier's probabilities right."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from textseq.training.objectives import Objective
from textseq.training.threads import ThreadTeam

# Rows may be told apart without error, where no temperature is low enough.
LOWEST, HIGHEST = 0.05, 20.0


def find_temperature(
    outputs: np.ndarray, targets: np.ndarray, weights: np.ndarray | None, objective: Objective
) -> float:
    """Return what outputs of held-out rows are best divided by, for the least loss.

    Parameters
    ----------
    outputs : ndarray of shape (n, n_outputs)
        Logits.
    targets : ndarray
    weights : ndarray of shape (n,), optional
    objective : Objective

    References
    ----------
    Guo et al. (2017), "On Calibration of Modern Neural Networks", section 4.2.

    Examples
    --------
    >>> from textseq.training.objectives import OBJECTIVES
    >>> sure = np.array([[4.0, 0.0]] * 4, dtype=np.float32)  # by 98 %, and right in 75 %
    >>> found = find_temperature(sure, np.array([0, 0, 0, 1]), None, OBJECTIVES["classes"])
    >>> bool(abs(4 / found - np.log(3)) < 1e-3)
    True
    """

    def loss(logarithm: float) -> float:
        return objective.loss(outputs / outputs.dtype.type(np.exp(logarithm)), targets, weights)

    with ThreadTeam(1):
        found = minimize_scalar(
            loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded",
            options={"xatol": 1e-4},
        )  # fmt: skip
    return float(np.exp(found.x))
