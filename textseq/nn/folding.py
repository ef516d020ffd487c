"""Windows of a series as an encoder reads them: season under season, without their padding."""

from __future__ import annotations

import torch
from torch import Tensor

from textseq.nn.recurrent import take_steps

# Size of a window of zeros.
SMALLEST = 1e-6


class Folding:
    """Turn windows of one value a step into steps that an encoder reads.

    A step holds every channel, each target over its root mean square in the window, each target's
    difference to the season before (through asinh, so that a jump can't drown the rest), and
    the logarithm of that root mean square. Folded, a step is a whole season of these.

    Parameters
    ----------
    n_channels : int
        Values C of a step, targets first.
    n_targets : int
        Values K of them.
    input_size : int
        Steps of the longest window.
    season_length : int
        Steps from a value to the one that it is compared with.
    fold : int, optional
        Steps that are laid side by side as one.

    References
    ----------
    Seasons side by side: Lin et al. (2023), "SegRNN: Segment Recurrent Neural Network for
    Long-Term Time Series Forecasting", section 4.1.

    Examples
    --------
    >>> folding = Folding(n_channels=1, n_targets=1, input_size=8, season_length=4, fold=4)
    >>> steps, lengths = folding.steps(torch.ones(3, 8, 1), torch.tensor([8, 8, 2]))
    >>> steps.shape, lengths.tolist()
    (torch.Size([3, 2, 9]), [2, 2, 1])
    """

    def __init__(
        self, n_channels: int, n_targets: int, input_size: int, season_length: int, fold: int | None
    ) -> None:
        self.n_targets = n_targets
        self.season_length = season_length
        self.fold = fold or 1
        self.n_steps = -(-input_size // self.fold)
        self.reach = self.n_steps * self.fold
        self.width = self.fold * (n_channels + n_targets) + n_targets

    def aligned(self, past: Tensor, lengths: Tensor) -> Tensor:
        """Return windows (B, T, C) as (B, reach, C) that end at their last step.

        Before its first value a window is filled with it. ``lengths`` (B,) are at least 1.
        """
        index = torch.arange(self.reach, device=past.device) - self.reach + lengths[:, None]
        return take_steps(past, index.clamp_(min=0))

    def steps(self, aligned: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return the encoder's steps (B, n_steps, width) and how many each row has (B,).

        Parameters
        ----------
        aligned : Tensor of shape (B, reach, C)
        lengths : Tensor of shape (B,)
            Steps of each window before it was aligned.
        """
        targets = aligned[:, :, : self.n_targets]
        size = (targets.square().mean(1, keepdim=True) + SMALLEST**2).sqrt()  # (B, 1, K)
        before = targets[:, : -self.season_length]
        change = (targets[:, self.season_length :] - before).asinh()
        change = torch.cat([torch.zeros_like(targets[:, : self.season_length]), change], dim=1)
        others = aligned[:, :, self.n_targets :]
        values = torch.cat([targets / size, change[:, : self.reach], others], dim=2)
        folded = values.reshape(len(aligned), self.n_steps, -1)
        # A third brings the logarithm of usual sizes to about one.
        sizes = (size.log() / 3).expand(-1, self.n_steps, -1)
        folded = torch.cat([folded, sizes], dim=2)
        n_real = (lengths + self.fold - 1) // self.fold
        first = self.n_steps - n_real[:, None]
        index = torch.arange(self.n_steps, device=aligned.device) + first
        return take_steps(folded, index.clamp_(max=self.n_steps - 1)), n_real
