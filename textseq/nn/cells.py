"""Recurrent cells: one layer in one direction, run fast or step by step.

Every cell holds its weights gate over gate: input weights (G * H, D), recurrent
weights (G * H, H) and biases (G * H,). ``forward`` runs all steps, compiled where it can
be; ``exact`` runs them in torch, in any precision and with gradients of any order; ``step``
is the published equation written out, for instruments and classes.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn

from textseq.nn.janet import janet_states
from textseq.nn.recurrence import Direction, recurrent_states, runs_compiled

State = tuple[Tensor, ...]


class Cell(nn.Module):
    """One recurrent layer that reads in one direction.

    Parameters
    ----------
    input_size : int
        Width D of the input vectors.
    hidden_size : int
        Units H.
    """

    gates: ClassVar[tuple[str, ...]]
    """In the order of the weights."""
    symbols: ClassVar[tuple[str, ...]]
    """Index of each gate in its equations: W_xf and W_hf belong to gate f."""
    state_names: ClassVar[tuple[str, ...]] = ("h",)
    forget_gate: ClassVar[str | None] = None
    """The gate that keeps the state when it is open."""
    kind: str
    """The name in ``recurrence.KINDS``."""
    compiled: ClassVar[bool] = True
    """Whether ``recurrent_states`` has its equations."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size

    @property
    @abstractmethod
    def weights(self) -> tuple[Tensor, Tensor]:
        """Input weights (G * H, D) and recurrent weights (G * H, H)."""

    @property
    @abstractmethod
    def biases(self) -> Sequence[Tensor]:
        """One or two biases (G * H,); two are added to the input's and the state's part."""

    @property
    def direction(self) -> Direction:
        """The weights as ``recurrent_states`` takes them."""
        of_input, of_state = self.weights
        bias, *second = self.biases
        return of_input, of_state, bias, second[0] if second else None

    def forward(
        self, x: Tensor, state: State | None = None, recurrent: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Read ``x`` (B, T, D) and return the hidden states (B, T, H), and the last state.

        ``recurrent`` (G * H, H) may stand in for the recurrent weights.
        """
        if x.shape[1] == 1 and recurrent is None and not torch.is_grad_enabled():
            # To lay the weights out for the kernel takes longer than to read one step.
            end, _ = self.step(x[:, 0], self.initial_state(x) if state is None else state)
            return end[0][:, None], end
        if not self.runs_compiled(x):
            return self.exact(x, state, recurrent)
        of_input, of_state, bias, second = self.direction
        direction = (of_input, of_state if recurrent is None else recurrent, bias, second)
        lengths = torch.full((len(x),), x.shape[1])
        states, *ends = recurrent_states(self.kind, x, lengths, [direction], state)
        return states, tuple(ends[: len(self.state_names)])

    def runs_compiled(self, x: Tensor) -> bool:
        """Whether ``recurrent_states`` can read ``x``, and is the faster."""
        return self.compiled and runs_compiled(x, *self.weights)

    @abstractmethod
    def exact(
        self, x: Tensor, state: State | None = None, recurrent: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Return what ``forward`` does, by torch alone."""

    @abstractmethod
    def step(self, x: Tensor, state: State) -> tuple[State, dict[str, Tensor]]:
        """Return the state after one input (B, D), and the gates' activations (B, H)."""

    def initial_state(self, x: Tensor) -> State:
        """Return zeros (B, H) for a batch ``x`` (B, ...)."""
        return tuple(x.new_zeros(len(x), self.hidden_size) for _ in self.state_names)

    def gate_weights(self) -> dict[str, tuple[Tensor, Tensor, tuple[Tensor, ...]]]:
        """Return, for each gate, views of W_x (H, D), W_h (H, H) and its biases (H,)."""
        count = len(self.gates)
        of_input, recurrent = (weight.chunk(count) for weight in self.weights)
        biases = zip(*(bias.chunk(count) for bias in self.biases), strict=True)
        return dict(zip(self.gates, zip(of_input, recurrent, biases, strict=True), strict=True))

    def weights_by_name(self) -> dict[str, Tensor]:
        """Return the weights under the names they have in the cell's equations."""
        named = {}
        for symbol, (of_input, recurrent, biases) in zip(
            self.symbols, self.gate_weights().values(), strict=True
        ):
            named[f"W_x{symbol}"] = of_input
            named[f"W_h{symbol}"] = recurrent
            named |= self._named_biases(symbol, biases)
        return named

    def _named_biases(self, symbol: str, biases: tuple[Tensor, ...]) -> dict[str, Tensor]:
        return {f"b_{symbol}": torch.stack(biases).sum(0)}


class TorchCell(Cell):
    """A cell that torch has a layer for."""

    layer: nn.RNNBase

    @property
    def weights(self) -> tuple[Tensor, Tensor]:
        """Input weights (G * H, D) and recurrent weights (G * H, H)."""
        return self._of_layer("weight")

    @property
    def biases(self) -> Sequence[Tensor]:
        """Two biases (G * H,), of the input's and the state's part."""
        return self._of_layer("bias")

    def _of_layer(self, kind: str) -> tuple[Tensor, Tensor]:
        return getattr(self.layer, f"{kind}_ih_l0"), getattr(self.layer, f"{kind}_hh_l0")

    def exact(
        self, x: Tensor, state: State | None = None, recurrent: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Return what ``forward`` does, by torch alone."""
        if recurrent is not None:
            first = self.initial_state(x) if state is None else state
            return self._read_with([self.weights[0], recurrent, *self.biases], x, first)
        start = None if state is None else tuple(part[None] for part in state)
        given = start[0] if start is not None and len(start) == 1 else start
        states, end = self.layer(x, given)
        return states, tuple(part[0] for part in (end if isinstance(end, tuple) else (end,)))

    def _read_with(self, weights: list[Tensor], x: Tensor, state: State) -> tuple[Tensor, State]:
        """Read ``x`` with weights other than the layer's own."""
        start = [part[None] for part in state]
        given = start if len(start) > 1 else start[0]
        # As torch's layers call them: with biases, one layer, no dropout, not training,
        # one direction, batch first.
        states, *ends = getattr(torch, self.kind)(
            x, given, weights, True, 1, 0.0, False, False, True
        )
        return states, tuple(end[0] for end in ends)

    def _projected(self, x: Tensor, h: Tensor) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Return W_x x + b_x and W_h h + b_h, gate by gate."""
        count = len(self.gates)
        of_input = nn.functional.linear(x, self.weights[0], self.biases[0])
        recurrent = nn.functional.linear(h, self.weights[1], self.biases[1])
        return of_input.chunk(count, 1), recurrent.chunk(count, 1)


class Rnn(TorchCell):
    """Elman's recurrent cell.

    h_t = tanh(W_xh x_t + W_hh h_{t-1} + b), or relu in place of tanh.

    Parameters
    ----------
    input_size, hidden_size : int
    activation : {"tanh", "relu"}

    References
    ----------
    Elman (1990), "Finding Structure in Time"; with relu: Le, Jaitly & Hinton (2015),
    "A Simple Way to Initialize Recurrent Networks of Rectified Linear Units".
    """

    gates = ("hidden",)
    symbols = ("h",)

    def __init__(self, input_size: int, hidden_size: int, activation: str = "tanh") -> None:
        super().__init__(input_size, hidden_size)
        self.activation = activation
        self.kind = f"rnn_{activation}"
        self.layer = nn.RNN(input_size, hidden_size, nonlinearity=activation, batch_first=True)

    def step(self, x: Tensor, state: State) -> tuple[State, dict[str, Tensor]]:
        """Write the equations out for one step."""
        (of_input,), (recurrent,) = self._projected(x, state[0])
        total = of_input + recurrent
        h = total.tanh() if self.activation == "tanh" else total.relu()
        return (h,), {"hidden": h}

    def _named_biases(self, symbol: str, biases: tuple[Tensor, ...]) -> dict[str, Tensor]:
        return {"b": torch.stack(biases).sum(0)}


class Lstm(TorchCell):
    """Long short-term memory.

    i, f, o = sigmoid(W_x x_t + W_h h_{t-1} + b), each with its own weights;
    c~ = tanh(W_xc x_t + W_hc h_{t-1} + b_c); c_t = f * c_{t-1} + i * c~; h_t = o * tanh(c_t).

    References
    ----------
    Hochreiter & Schmidhuber (1997), "Long Short-Term Memory"; the forget gate: Gers,
    Schmidhuber & Cummins (2000), "Learning to Forget".
    """

    gates = ("input", "forget", "candidate", "output")
    symbols = ("i", "f", "c", "o")
    state_names = ("h", "c")
    forget_gate = "forget"
    kind = "lstm"

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.layer = nn.LSTM(input_size, hidden_size, batch_first=True)

    def step(self, x: Tensor, state: State) -> tuple[State, dict[str, Tensor]]:
        """Write the equations out for one step."""
        h, c = state
        parts = [a + b for a, b in zip(*self._projected(x, h), strict=True)]
        i, f, o = parts[0].sigmoid(), parts[1].sigmoid(), parts[3].sigmoid()
        candidate = parts[2].tanh()
        c = f * c + i * candidate
        h = o * c.tanh()
        return (h, c), {"input": i, "forget": f, "candidate": candidate, "output": o}


class Gru(TorchCell):
    """Gated recurrent unit.

    r, z = sigmoid(W_x x_t + W_h h_{t-1} + b), each with its own weights;
    n = tanh(W_xn x_t + b_xn + r * (W_hn h_{t-1} + b_hn)); h_t = (1 - z) * n + z * h_{t-1}.

    References
    ----------
    Cho et al. (2014), "Learning Phrase Representations using RNN Encoder-Decoder", equations
    5-8, with the reset gate behind the recurrent product, as cuDNN and torch have it.
    """

    gates = ("reset", "update", "candidate")
    symbols = ("r", "z", "n")
    forget_gate = "update"
    kind = "gru"

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.layer = nn.GRU(input_size, hidden_size, batch_first=True)

    def step(self, x: Tensor, state: State) -> tuple[State, dict[str, Tensor]]:
        """Write the equations out for one step."""
        (h,) = state
        of_input, recurrent = self._projected(x, h)
        r = (of_input[0] + recurrent[0]).sigmoid()
        z = (of_input[1] + recurrent[1]).sigmoid()
        n = (of_input[2] + r * recurrent[2]).tanh()
        return ((1 - z) * n + z * h,), {"reset": r, "update": z, "candidate": n}

    def _named_biases(self, symbol: str, biases: tuple[Tensor, ...]) -> dict[str, Tensor]:
        if symbol == "n":  # the reset gate stands between the two
            return {"b_xn": biases[0], "b_hn": biases[1]}
        return super()._named_biases(symbol, biases)


class Janet(Cell):
    """The LSTM with its forget gate alone ("just another network").

    s = W_xf x_t + W_hf h_{t-1} + b_f; c~ = tanh(W_xc x_t + W_hc h_{t-1} + b_c);
    h_t = sigmoid(s) * h_{t-1} + (1 - sigmoid(s - 1)) * c~.

    References
    ----------
    van der Westhuizen & Lasenby (2018), "The unreasonable effectiveness of the forget
    gate", section 3, with beta = 1.
    """

    gates = ("forget", "candidate")
    symbols = ("f", "c")
    forget_gate = "forget"
    kind = "janet"

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        bound = hidden_size**-0.5  # as torch's own layers start

        def start(*shape: int) -> nn.Parameter:
            return nn.Parameter(torch.empty(*shape).uniform_(-bound, bound))

        self.weight_ih = start(2 * hidden_size, input_size)
        self.weight_hh = start(2 * hidden_size, hidden_size)
        self.bias = start(2 * hidden_size)

    @property
    def weights(self) -> tuple[Tensor, Tensor]:
        """W_xf above W_xc, and W_hf above W_hc."""
        return self.weight_ih, self.weight_hh

    @property
    def biases(self) -> Sequence[Tensor]:
        """b_f above b_c."""
        return (self.bias,)

    def exact(
        self, x: Tensor, state: State | None = None, recurrent: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Return what ``forward`` does, by torch alone."""
        (h,) = self.initial_state(x) if state is None else state
        steps = nn.functional.linear(x.transpose(0, 1), self.weight_ih, self.bias)  # (T, B, 2H)
        states = janet_states(steps, self.weight_hh if recurrent is None else recurrent, h)
        return states.transpose(0, 1), (states[-1] if len(states) else h,)

    def step(self, x: Tensor, state: State) -> tuple[State, dict[str, Tensor]]:
        """Write the equations out for one step."""
        (h,) = state
        total = nn.functional.linear(x, self.weight_ih, self.bias) + h @ self.weight_hh.T
        s, candidate = total.chunk(2, 1)
        f, candidate = s.sigmoid(), candidate.tanh()
        h = f * h + (1 - (s - 1).sigmoid()) * candidate
        return (h,), {"forget": f, "candidate": candidate}


CELLS: dict[str, type[Cell]] = {"rnn": Rnn, "lstm": Lstm, "gru": Gru, "janet": Janet}
