"""A decoder that forecasts one step after another from its own forecasts."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from textseq.nn.cells import CELLS
from textseq.nn.dropout import Dropout


class Decoder(nn.Module):
    """A recurrent cell that reads each step's forecast to make the next.

    Parameters
    ----------
    cell : {"rnn", "lstm", "gru", "janet"}
    n_targets : int
        Values K of a step.
    n_given : int
        Values F that are known of each step ahead.
    hidden_size : int
        Units H.
    n_outputs_per_step : int, default 1
        Outputs Q of each value; the middle one is fed back.
    **options
        Of the cell.

    References
    ----------
    Sutskever et al. (2014), "Sequence to Sequence Learning with Neural Networks"; teacher
    forcing: Williams & Zipser (1989); drawn step by step: Bengio et al. (2015), "Scheduled
    Sampling for Sequence Prediction with Recurrent Neural Networks", section 2.4.

    Examples
    --------
    >>> decoder = Decoder("gru", n_targets=1, n_given=2, hidden_size=4)
    >>> decoder(torch.zeros(3, 4), torch.zeros(3, 1), torch.zeros(3, 7, 2)).shape
    torch.Size([3, 7, 1, 1])
    """

    def __init__(
        self,
        cell: str,
        n_targets: int,
        n_given: int,
        hidden_size: int,
        n_outputs_per_step: int = 1,
        **options: str,
    ) -> None:
        super().__init__()
        self.n_targets, self.n_outputs_per_step = n_targets, n_outputs_per_step
        # The forecast before and the paths' forecast of this step are read too.
        self.cell = CELLS[cell](2 * n_targets + n_given, hidden_size, **options)
        self.state_size = hidden_size * len(self.cell.state_names)
        self.output = nn.Linear(hidden_size, n_targets * n_outputs_per_step)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(
        self,
        start: Tensor,
        last: Tensor,
        given: Tensor,
        base: Tensor | None = None,
        truth: Tensor | None = None,
        teacher_forcing: float = 0.0,
    ) -> Tensor:
        """Forecast as many steps as ``given`` has.

        Parameters
        ----------
        start : Tensor of shape (B, state_size)
            The state before the first step.
        last : Tensor of shape (B, K)
            The window's last values.
        given : Tensor of shape (B, steps, F)
        base : Tensor of shape (B, steps, K), optional
            Forecasts that the outputs are added to.
        truth : Tensor of shape (B, steps, K), optional
            True values, of which each is read in place of the forecast with probability
            ``teacher_forcing``. A NaN is never read.

        Returns
        -------
        Tensor of shape (B, steps, K, Q)
        """
        n_steps = given.shape[1]
        if base is None:
            base = last.new_zeros(len(last), n_steps, self.n_targets)
        forced = _forced(truth, teacher_forcing)
        # The state's parts side by side, h and of an lstm c: (B, H) each.
        state = tuple(start.chunk(len(self.cell.state_names), dim=1))
        forecasts = []
        for step in range(n_steps):
            x = torch.cat([last, base[:, step], given[:, step]], dim=1)  # (B, 2K + F)
            states, state = self.cell(x[:, None], state)  # (B, 1, H)
            outputs = self.output(states[:, 0])
            outputs = outputs.unflatten(1, (self.n_targets, self.n_outputs_per_step))
            outputs = outputs + base[:, step, :, None]  # (B, K, Q)
            forecasts.append(outputs)
            # Of quantiles the median is read next, and its gradient flows back through the steps.
            last = outputs[:, :, self.n_outputs_per_step // 2]
            if forced is not None and truth is not None:
                last = torch.where(forced[:, step], truth[:, step].to(last.dtype), last)
        return torch.stack(forecasts, dim=1)


def _forced(truth: Tensor | None, share: float) -> Tensor | None:
    """Draw which true values (B, steps, K) are read; None if none is."""
    if truth is None or not share:
        return None
    known = ~truth.isnan()
    kept = Dropout(1 - share).kept(truth.shape[0] * truth.shape[1], truth.device)
    return known if kept is None else known & kept.view(*truth.shape[:2], 1)
