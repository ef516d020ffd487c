"""Convolutions over time: causal ones, as the tcn stacks them, and centred ones."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

KERNEL_SIZE = 3


class CausalConvolution(nn.Module):
    """Dilated convolution over time that never looks ahead, with normalised weights.

    y_t = b + sum_k W_k x_{t - k * dilation}; each output's weights are g * v / |v|.

    Parameters
    ----------
    input_size, output_size : int
        Widths D and H.
    dilation : int
        Steps between the inputs that one output reads.

    References
    ----------
    Salimans & Kingma (2016), "Weight Normalization", equation 2.
    """

    def __init__(self, input_size: int, output_size: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        bound = (KERNEL_SIZE * input_size) ** -0.5
        direction = torch.empty(output_size, KERNEL_SIZE * input_size).uniform_(-bound, bound)
        self.direction = nn.Parameter(direction)
        self.norm = nn.Parameter(direction.norm(dim=1))
        self.bias = nn.Parameter(torch.empty(output_size).uniform_(-bound, bound))

    def forward(self, x: Tensor) -> Tensor:
        """Map ``x`` (B, T, D) to (B, T, H), with zeros before its first step."""
        return self.resume(x, None)[0]

    def resume(self, x: Tensor, before: Tensor | None) -> tuple[Tensor, Tensor]:
        """Read on behind ``before``, the inputs (B, reach, D) of the steps in front of ``x``.

        Returns
        -------
        Tensor of shape (B, T, H)
        Tensor of shape (B, reach, D)
            What to hand over as ``before`` when reading on behind ``x``.
        """
        if before is None:
            before = x.new_zeros(len(x), self.reach, x.shape[2])
        seen = torch.cat([before, x], dim=1)
        weight = self.direction * (self.norm / self.direction.norm(dim=1))[:, None]
        # Laid side by side the shifted inputs make one matrix product of the convolution.
        starts = range(self.reach, -1, -self.dilation)
        shifted = [seen[:, start : start + x.shape[1]] for start in starts]
        states = nn.functional.linear(torch.cat(shifted, dim=2), weight, self.bias)
        return states, seen[:, x.shape[1] :]

    @property
    def reach(self) -> int:
        """Steps before the present one that an output depends on."""
        return (KERNEL_SIZE - 1) * self.dilation


class TemporalBlock(nn.Module):
    """Two causal convolutions with relu, and a residual connection around them.

    Parameters
    ----------
    input_size, hidden_size : int
        Widths D and H.
    dilation : int

    References
    ----------
    Bai, Kolter & Koltun (2018), "An Empirical Evaluation of Generic Convolutional and
    Recurrent Networks for Sequence Modeling", figure 1b, without its dropout: on validation
    splits of text corpora any cost accuracy.
    """

    def __init__(self, input_size: int, hidden_size: int, dilation: int) -> None:
        super().__init__()
        self.out_dim = hidden_size
        self.first = CausalConvolution(input_size, hidden_size, dilation)
        self.second = CausalConvolution(hidden_size, hidden_size, dilation)
        same = input_size == hidden_size
        self.around = nn.Identity() if same else nn.Linear(input_size, hidden_size)

    def forward(
        self, x: Tensor, run: Callable[[CausalConvolution, Tensor], Tensor] | None = None
    ) -> Tensor:
        """Map ``x`` (B, T, D) to (B, T, H); ``run`` may read with the convolutions in its way."""
        if run is None:
            inner = self.second(self.first(x).relu()).relu()
        else:
            inner = run(self.second, run(self.first, x).relu()).relu()
        return (inner + self.around(x)).relu()


class CenteredConvolution(nn.Module):
    """Convolution over time that looks as far back as ahead, zeros beyond both ends.

    y_t = sum_k W_k x_{t + k - (kernel_size - 1) // 2}; no bias, as batch normalisation follows.

    Parameters
    ----------
    input_size, output_size : int
        Widths D and H.
    kernel_size : int
        Steps that one output reads.
    """

    def __init__(self, input_size: int, output_size: int, kernel_size: int) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.weight = nn.Parameter(torch.empty(output_size, kernel_size * input_size))
        nn.init.kaiming_uniform_(self.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """Map ``x`` (B, T, D), zeros at padded steps, to (B, T, H)."""
        before = (self.kernel_size - 1) // 2
        around = nn.functional.pad(x, (0, 0, before, self.kernel_size - 1 - before))
        shifted = [around[:, start : start + x.shape[1]] for start in range(self.kernel_size)]
        return nn.functional.linear(torch.cat(shifted, dim=2), self.weight)


def receptive_field(num_layers: int) -> int:
    """Return how many steps the last state sees; level l doubles the dilation to 2^l.

    Examples
    --------
    >>> [receptive_field(levels) for levels in (1, 2, 6)]
    [5, 13, 253]
    """
    return 1 + 2 * (KERNEL_SIZE - 1) * (2**num_layers - 1)
