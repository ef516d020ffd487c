"""Convolutions beside a small LSTM, which learn from few series what plain LSTMs can't."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from textseq.nn.convolution import CenteredConvolution
from textseq.nn.dropout import Dropout
from textseq.nn.normalization import BatchNorm
from textseq.nn.recurrent import Recurrent

KERNEL_SIZES = (8, 5, 3)
# The paper's LSTM beside its 128 maps.
MAPS_A_UNIT = 16


class LstmFcn(nn.Module):
    """Three convolutions of H, 2H and H maps, and an LSTM of H / 16 units, side by side.

    The states of both lie next to each other, so that the pooling reads them as one. The
    LSTM reads step by step: the paper turns channels and steps around, which fixes the
    length of a series.

    Parameters
    ----------
    input_size : int
        Width D of the input vectors.
    hidden_size : int
        Maps H of the first and the last convolution.
    dropout : float, default 0
        On the states of the LSTM.

    References
    ----------
    Karim et al. (2018), "LSTM Fully Convolutional Networks for Time Series Classification",
    figure 1; Wang, Yan & Oates (2017), "Time Series Classification from Scratch with Deep
    Neural Networks", figure 1b.

    Examples
    --------
    >>> encoder = LstmFcn(input_size=3, hidden_size=32)
    >>> encoder(torch.zeros(2, 9, 3), torch.tensor([9, 4])).shape
    torch.Size([2, 9, 34])
    """

    bidirectional = False

    def __init__(self, input_size: int, hidden_size: int, dropout: float = 0.0) -> None:
        super().__init__()
        widths = (input_size, hidden_size, 2 * hidden_size, hidden_size)
        self.convolutions = nn.ModuleList(
            CenteredConvolution(width, maps, kernel_size)
            for width, maps, kernel_size in zip(widths, widths[1:], KERNEL_SIZES, strict=False)
        )
        self.norms = nn.ModuleList(BatchNorm(maps) for maps in widths[1:])
        units = max(hidden_size // MAPS_A_UNIT, 1)
        self.lstm = Recurrent("lstm", input_size, units)
        self.dropout = Dropout(dropout)
        self.out_dim = hidden_size + units

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return the states (B, T, H + H / 16) of ``x`` (B, T, D)."""
        real = torch.arange(x.shape[1], device=x.device) < lengths[:, None]  # (B, T)
        padding = None if real.all() else ~real[:, :, None]
        maps = _without(padding, x)
        states = self.dropout(self.lstm(maps, lengths))
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            # A convolution reads past a row's end, where normalised zeros are no zeros.
            maps = _without(padding, norm(convolution(maps), real).relu())
        return torch.cat([maps, states], dim=2)


def _without(padding: Tensor | None, x: Tensor) -> Tensor:
    """Return ``x`` (B, T, D) with zeros at its padded steps (B, T, 1)."""
    return x if padding is None else x.masked_fill(padding, 0.0)
