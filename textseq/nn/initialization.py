"""The first values of an encoder's weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from textseq.nn.cells import Cell, Lstm
from textseq.nn.convolution import CausalConvolution, CenteredConvolution

_FILL: dict[str, Callable[[Tensor], Tensor]] = {
    "xavier": nn.init.xavier_uniform_,
    "kaiming": lambda weight: nn.init.kaiming_uniform_(weight, nonlinearity="relu"),
    "orthogonal": nn.init.orthogonal_,
    "chrono": nn.init.orthogonal_,
}
INITS = ("default", *_FILL)

# All draws of torch's own layers and of torch.nn.init end in, or begin with, one of these.
_DRAWS = (
    Tensor.uniform_,
    Tensor.normal_,
    nn.init.uniform_,
    nn.init.normal_,
    nn.init.kaiming_uniform_,
)


class _Drawing(TorchFunctionMode):
    """Has ``draw`` called for each draw of first values by the layers that this thread builds."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Call ``func``, or ``draw`` with it."""
        kwargs = dict(kwargs or {})
        return self.draw(func, args, kwargs) if func in _DRAWS else func(*args, **kwargs)

    def draw(
        self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Tensor:
        """Return the tensor, the first argument, with its values."""
        raise NotImplementedError


class initializing_from(_Drawing):  # noqa: N801 - a context manager, as torch.no_grad
    """Let the layers that this thread builds draw their first values from a seed of their own.

    torch's layers draw from the generator of the whole process, which threads share. One with
    the same seed draws the same values.

    Parameters
    ----------
    seed : int

    Examples
    --------
    >>> with initializing_from(0):
    ...     one = nn.Linear(2, 3)
    >>> with initializing_from(0):
    ...     other = nn.Linear(2, 3)
    >>> torch.equal(one.weight, other.weight)
    True
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.generator = torch.Generator().manual_seed(seed)

    def draw(
        self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Tensor:
        """Draw from the generator, unless the caller brings one."""
        if kwargs.get("generator") is None:
            kwargs["generator"] = self.generator
        drawn: Tensor = func(*args, **kwargs)
        return drawn


class without_values(_Drawing):  # noqa: N801 - a context manager, as torch.no_grad
    """Let the layers that this thread builds draw no first values, for weights that are there.

    Zeros stand for them, since some draw anew until all values are within bounds. On the "meta"
    device a draw of torch's would import its compiler, which takes seconds.

    Examples
    --------
    >>> with without_values(), torch.device("meta"):
    ...     layer = nn.Linear(2, 3)
    >>> layer.weight.shape
    torch.Size([3, 2])
    """

    def draw(
        self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Tensor:
        """Fill in zeros."""
        tensor: Tensor = args[0] if args else kwargs["tensor"]
        if not tensor.is_meta:
            tensor.detach().zero_()
        return tensor


def initialize(encoder: nn.Module, init: str, gain: float, longest: int) -> None:
    """Set the first values of an encoder's weights, within ``initializing_from``.

    Parameters
    ----------
    encoder : nn.Module
    init : {"default", "xavier", "kaiming", "orthogonal", "chrono"}
        "default" leaves what the layers drew themselves. The others fill each
        gate's matrices apart, set biases to 0 and the LSTM's forget bias to 1.
        "chrono" is orthogonal with forget biases log(u), u uniform between 1 and
        ``longest`` - 1: each unit remembers for about u steps.
    gain : float
        Factor on the recurrent matrices, and on the kernels of convolutions.
    longest : int
        Steps that a dependency may span.

    References
    ----------
    Glorot & Bengio (2010), equation 16; He et al. (2015), equation 10; Saxe et al. (2014);
    forget bias: Jozefowicz et al. (2015), section 3; chrono: Tallec & Ollivier (2018), "Can
    recurrent neural networks warp time?", equation 16.
    """
    with torch.no_grad():
        for module in encoder.modules():
            if isinstance(module, Cell):
                if init != "default":
                    _fill_cell(module, init, longest)
                module.weights[1].mul_(gain)
            elif isinstance(module, CausalConvolution):
                if init != "default":
                    _FILL[init](module.direction)
                    module.bias.zero_()
                    module.norm.copy_(module.direction.norm(dim=1))
                module.norm.mul_(gain)
            elif isinstance(module, CenteredConvolution):
                if init != "default":
                    _FILL[init](module.weight)
                module.weight.mul_(gain)


def _fill_cell(cell: Cell, init: str, longest: int) -> None:
    for of_input, recurrent, biases in cell.gate_weights().values():
        _FILL[init](of_input)
        _FILL[init](recurrent)
        for bias in biases:
            bias.zero_()
    if cell.forget_gate is None:
        return
    gates = cell.gate_weights()
    forget_bias = gates[cell.forget_gate][2][0]
    if init == "chrono":
        forget_bias.uniform_(1.0, max(longest - 1.0, 2.0)).log_()
        if isinstance(cell, Lstm):
            gates["input"][2][0].copy_(-forget_bias)
    elif isinstance(cell, Lstm):
        forget_bias.fill_(1.0)
