"""What a forecast's training minimises: errors of the steps that are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from textseq.training.objectives import Objective

# From the difference truth minus forecast, (B, H, K).
_ERRORS: dict[str, Callable[[Tensor], Tensor]] = {
    "mae": torch.abs,
    "mse": torch.square,
    "huber": lambda difference: torch.nn.functional.huber_loss(
        difference, torch.zeros_like(difference), reduction="none"
    ),
}
LOSSES = (*_ERRORS, "quantile")


def forecast_objective(loss: str, quantiles: Sequence[float]) -> Objective:
    """Build the objective of windows whose targets (B, H, K) are NaN where unknown.

    Parameters
    ----------
    loss : {"mae", "mse", "huber", "quantile"}
    quantiles : sequence of float
        Those that the network forecasts of each step, if ``loss`` is "quantile".

    References
    ----------
    Quantile loss: Koenker & Bassett (1978), "Regression Quantiles", equation 3.1.

    Examples
    --------
    >>> objective = forecast_objective("mae", ())
    >>> truth = torch.tensor([[[1.0], [torch.nan]]])
    >>> objective.losses(torch.tensor([[3.0, 9.0]]), truth)
    tensor([2.])
    """
    levels = torch.tensor(quantiles)

    def losses(outputs: Tensor, targets: Tensor) -> Tensor:
        known = ~targets.isnan()  # (B, H, K)
        truth = targets.nan_to_num().to(outputs.dtype)
        if loss == "quantile":
            difference = truth[..., None] - outputs.view(*truth.shape, len(levels))
            shares = levels.to(outputs)
            errors = torch.maximum(shares * difference, (shares - 1) * difference).mean(3)
        else:
            errors = _ERRORS[loss](truth - outputs.view(truth.shape))
        total = errors.masked_fill(~known, 0.0).sum((1, 2))
        return total / known.sum((1, 2)).clamp(min=1)

    def score(outputs: np.ndarray, targets: np.ndarray, weights: np.ndarray | None) -> float:
        rows = losses(torch.from_numpy(outputs), torch.from_numpy(targets))
        return -float(np.average(rows.numpy(), weights=weights))

    return Objective(f"negative {loss}", losses, score)
