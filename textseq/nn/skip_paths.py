"""Paths from a window straight to its forecast, beside an encoder: linear and seasonal."""

from __future__ import annotations

import torch
from torch import Tensor, nn

# First logit of what a path starts near, where the others' are 0.
FAVOURED = 3.0


class LinearPath(nn.Module):
    """One linear map from a window to all steps ahead, shared by all targets; zero at first.

    Parameters
    ----------
    reach : int
        Steps R of an aligned window.
    horizon : int
        Steps H ahead.

    References
    ----------
    Zeng et al. (2023), "Are Transformers Effective for Time Series Forecasting?", section 4:
    with windows less their last value it is NLinear.

    Examples
    --------
    >>> LinearPath(reach=5, horizon=2)(torch.ones(3, 5, 1)).shape
    torch.Size([3, 2, 1])
    """

    def __init__(self, reach: int, horizon: int) -> None:
        super().__init__()
        self.map = nn.Linear(reach, horizon)
        nn.init.zeros_(self.map.weight)
        nn.init.zeros_(self.map.bias)

    def forward(self, targets: Tensor) -> Tensor:
        """Map aligned windows (B, R, K) to (B, H, K)."""
        ahead: Tensor = self.map(targets.transpose(1, 2)).transpose(1, 2)
        return ahead


class SeasonalPath(nn.Module):
    """A season ahead as a mean of the seasons past, weighted by what the encoder saw.

    Season b ahead of target k is sum_j a_bkj s_jk, where s_1, s_2, ... are the window's seasons
    and a is a softmax of ``logits`` over them and over the window's level, which is 0. A
    network can so name the season to repeat: yesterday's, last week's, or none.

    Parameters
    ----------
    season_length : int
        Steps S of a season.
    reach : int
        Steps R of an aligned window, at least S.
    horizon : int
        Steps H ahead.
    n_targets : int
        K.

    Examples
    --------
    >>> path = SeasonalPath(season_length=2, reach=4, horizon=3, n_targets=1)
    >>> window = torch.tensor([[[1.0], [2.0], [3.0], [4.0]]])
    >>> logits = torch.tensor([[-99.0, 99.0, -99.0] * 2])  # the last season, for both ahead
    >>> path(window, torch.tensor([4]), logits).flatten().tolist()
    [3.0, 4.0, 3.0]
    """

    def __init__(self, season_length: int, reach: int, horizon: int, n_targets: int) -> None:
        super().__init__()
        self.season_length, self.horizon, self.n_targets = season_length, horizon, n_targets
        self.n_seasons = reach // season_length
        self.n_ahead = -(-horizon // season_length)
        self.n_logits = self.n_ahead * n_targets * (self.n_seasons + 1)

    def first_logits(self, level: bool) -> Tensor:
        """Return logits (n_logits,) that favour the level, or else the last season."""
        logits = torch.zeros(self.n_ahead * self.n_targets, self.n_seasons + 1)
        logits[:, -1 if level else -2] = FAVOURED
        return logits.flatten()

    def forward(self, targets: Tensor, lengths: Tensor, logits: Tensor) -> Tensor:
        """Return the forecast (B, H, K).

        Parameters
        ----------
        targets : Tensor of shape (B, R, K)
            Aligned windows.
        lengths : Tensor of shape (B,)
            Steps of each window before it was aligned. A season that it does not wholly hold
            has no weight, the last one excepted.
        logits : Tensor of shape (B, n_logits)
        """
        logits = logits.unflatten(1, (self.n_ahead, self.n_targets, self.n_seasons + 1))
        n_whole = (lengths // self.season_length).clamp(1, self.n_seasons)
        numbers = torch.arange(self.n_seasons + 1, device=logits.device)
        absent = numbers < self.n_seasons - n_whole[:, None]  # (B, n_seasons + 1)
        weights = logits.masked_fill(absent[:, None, None, :], -torch.inf).softmax(3)
        recent = targets[:, -self.n_seasons * self.season_length :]
        seasons = recent.unflatten(1, (self.n_seasons, self.season_length))  # (B, J, S, K)
        ahead = torch.einsum("bakj,bjsk->bask", weights[..., :-1], seasons)
        return ahead.flatten(1, 2)[:, : self.horizon]
