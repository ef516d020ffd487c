"""What training minimises and what validation scores, for each kind of target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from textseq.constancy import constant_columns


@dataclass(frozen=True)
class Objective:
    """A loss and a score for one kind of target.

    Parameters
    ----------
    score_name : str
        What ``score`` measures; higher is better.
    losses : callable
        (outputs (B, K), targets) -> loss of each row (B,).
    score : callable
        (outputs (n, K), targets, weights (n,) or None) -> float.
    row_scores : callable, optional
        (outputs (n, K)) -> score of each row (n,), of networks whose outputs are scores.
    """

    score_name: str
    losses: Callable[[Tensor, Tensor], Tensor]
    score: Callable[[np.ndarray, np.ndarray, np.ndarray | None], float]
    row_scores: Callable[[np.ndarray], np.ndarray] | None = None

    def loss(self, outputs: np.ndarray, targets: np.ndarray, weights: np.ndarray | None) -> float:
        """Return the weighted mean loss of all rows."""
        rows = self.losses(torch.from_numpy(outputs), torch.from_numpy(targets))
        return float(np.average(rows.numpy(), weights=weights))


def _accuracy(outputs: np.ndarray, targets: np.ndarray, weights: np.ndarray | None) -> float:
    return float(np.average(outputs.argmax(1) == targets, weights=weights))


def _subset_accuracy(outputs: np.ndarray, targets: np.ndarray, weights: np.ndarray | None) -> float:
    return float(np.average(((outputs > 0) == (targets > 0.5)).all(1), weights=weights))


def _r2(outputs: np.ndarray, targets: np.ndarray, weights: np.ndarray | None) -> float:
    mean = np.average(targets, weights=weights)
    residual = np.average((targets - outputs[:, 0]) ** 2, weights=weights)
    total = np.average((targets - mean) ** 2, weights=weights)
    if constant_columns(targets[:, None]).all():
        return float(residual == 0)
    return float(1 - residual / total)


def _class_losses(outputs: Tensor, targets: Tensor) -> Tensor:
    # Of very many rows they are kept in 32 bits.
    return functional.cross_entropy(outputs, targets.long(), reduction="none")


def _label_losses(outputs: Tensor, targets: Tensor) -> Tensor:
    losses = functional.binary_cross_entropy_with_logits(
        outputs, targets.to(outputs.dtype), reduction="none"
    )
    return losses.mean(1)


def weighted_label_losses(weights: np.ndarray) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the losses of several labels whose 0s and 1s weigh ``weights`` (K, 2)."""
    absent, there = torch.from_numpy(weights).float().T

    def losses(outputs: Tensor, targets: Tensor) -> Tensor:
        each = torch.where(targets > 0.5, there.to(outputs.device), absent.to(outputs.device))
        return functional.binary_cross_entropy_with_logits(
            outputs, targets.to(outputs.dtype), weight=each, reduction="none"
        ).mean(1)

    return losses


def _squared_errors(outputs: Tensor, targets: Tensor) -> Tensor:
    return (outputs[:, 0] - targets.to(outputs.dtype)).square()


def _mean_likelihood(outputs: np.ndarray, targets: np.ndarray, weights: np.ndarray | None) -> float:
    return -float(np.average(outputs[:, 0], weights=weights))


def _mean_hits(outputs: np.ndarray, targets: np.ndarray, weights: np.ndarray | None) -> float:
    return float(np.average(outputs[:, 1], weights=weights))


def _share_right(outputs: np.ndarray, targets: np.ndarray, weights: np.ndarray | None) -> float:
    return 1 - float(outputs[:, 1].sum() / max(outputs[:, 2].sum(), 1))


# Of networks that read what they should say, and whose outputs are the losses (B, 1) themselves.
# A row's weight is its number of tokens, so that the mean is one over tokens.
LIKELIHOOD = Objective(
    "log-likelihood a token",
    lambda outputs, targets: outputs[:, 0],
    _mean_likelihood,
    lambda outputs: -outputs[:, 0],
)
# Likewise, with the share of a row's steps that are tagged right beside it (B, 2).
TAGGING = Objective("token accuracy", LIKELIHOOD.losses, _mean_hits, lambda outputs: outputs[:, 1])
# Likewise, with the symbols of a row that are wrong and those there should be (B, 3).
TRANSCRIPTION = Objective(
    "symbol accuracy",
    LIKELIHOOD.losses,
    _share_right,
    lambda outputs: 1 - outputs[:, 1] / np.maximum(outputs[:, 2], 1),
)
OBJECTIVES = {
    "classes": Objective("accuracy", _class_losses, _accuracy),
    "labels": Objective("subset accuracy", _label_losses, _subset_accuracy),
    "number": Objective("r2", _squared_errors, _r2),
}
