"""An LSTM whose input and state scale each other before each step, its gradient by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from textseq.nn.cells import Lstm, State


class MogrifierLstm(Lstm):
    """Long short-term memory, before each step of which input and state scale each other.

    With x^-1 = x_t and h^0 = h_{t-1}, for i = 1, ..., rounds:
    x^i = 2 sigmoid(Q^i h^{i-1}) * x^{i-2} of odd i, h^i = 2 sigmoid(R^i x^{i-1}) * h^{i-2} of
    even i. The last of each are what the LSTM reads in place of x_t and h_{t-1}.

    Parameters
    ----------
    input_size, hidden_size : int
    rounds : int
        5 or 6 in the paper.

    References
    ----------
    Melis, Kocisky & Blunsom (2020), "Mogrifier LSTM", equations 1 and 2.

    Examples
    --------
    >>> cell = MogrifierLstm(input_size=3, hidden_size=4, rounds=3)
    >>> [tuple(matrix.shape) for matrix in cell.mogrifiers]
    [(3, 4), (4, 3), (3, 4)]
    """

    compiled = False

    def __init__(self, input_size: int, hidden_size: int, rounds: int) -> None:
        super().__init__(input_size, hidden_size)
        # Q^1, R^2, Q^3, ...: (D, H) and (H, D) in turn. What they read starts about as it was.
        sizes = [(hidden_size, input_size), (input_size, hidden_size)]
        self.mogrifiers = nn.ParameterList(
            nn.Linear(*sizes[number % 2], bias=False).weight for number in range(rounds)
        )

    def mogrify(self, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """Return what one step's input (B, D) and the state before it (B, H) are scaled to."""
        for number, matrix in enumerate(self.mogrifiers):
            if number % 2 == 0:
                x = 2 * nn.functional.linear(h, matrix).sigmoid() * x
            else:
                h = 2 * nn.functional.linear(x, matrix).sigmoid() * h
        return x, h

    def step(self, x: Tensor, state: State) -> tuple[State, dict[str, Tensor]]:
        """Write the equations out for one step."""
        h, c = state
        x, h = self.mogrify(x, h)
        return super().step(x, (h, c))

    def exact(
        self, x: Tensor, state: State | None = None, recurrent: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Return what ``forward`` does, with the gradient written by hand."""
        h, c = self.initial_state(x) if state is None else state
        of_input, of_state = self.weights
        weight = torch.cat([of_input, of_state if recurrent is None else recurrent], dim=1)
        bias = self.biases[0] + self.biases[1]
        states, *end = _Mogrified.apply(x.transpose(0, 1), h, c, weight, bias, *self.mogrifiers)
        return states.transpose(0, 1), tuple(end)

    def weights_by_name(self) -> dict[str, Tensor]:
        """Return the weights under the names they have in the cell's equations."""
        matrices = {
            f"{'R' if number % 2 else 'Q'}{number + 1}": matrix
            for number, matrix in enumerate(self.mogrifiers)
        }
        return matrices | super().weights_by_name()


class _Mogrified(torch.autograd.Function):
    # 2 sigmoid(a) = 1 + tanh(a / 2): with the matrices halved, a scaled value is v + v * tanh.

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, h: Tensor, c: Tensor, weight: Tensor, bias: Tensor, *matrices: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Read x (T, B, D) on from h and c (B, H) with weight (4H, D + H) and bias (4H,)."""
        (n_steps, n_rows, width), units = x.shape, h.shape[1]
        halves = [matrix / 2 for matrix in matrices]
        across, turned = weight.t(), [matrix.t() for matrix in halves]
        states, cells = (x.new_empty(n_steps + 1, n_rows, units) for _ in range(2))
        states[0], cells[0] = h, c
        gates = x.new_empty(n_steps, n_rows, 4 * units)
        operands = x.new_empty(n_steps, n_rows, width + units)
        scales = [x.new_empty(n_steps, n_rows, matrix.shape[0]) for matrix in matrices]
        squashed = x.new_empty(n_rows, units)
        for t in range(n_steps):
            read = [x[t], states[t]]
            for number, matrix in enumerate(turned):
                scale = scales[number][t]
                torch.mm(read[1 - number % 2], matrix, out=scale).tanh_()
                read[number % 2] = torch.addcmul(read[number % 2], read[number % 2], scale)
            torch.cat(read, dim=1, out=operands[t])
            own = gates[t]
            torch.addmm(bias, operands[t], across, out=own)
            own[:, : 2 * units].sigmoid_()
            own[:, 2 * units : 3 * units].tanh_()
            own[:, 3 * units :].sigmoid_()
            i, f, candidate, o = own.chunk(4, dim=1)
            torch.mul(f, cells[t], out=cells[t + 1]).addcmul_(i, candidate)
            torch.tanh(cells[t + 1], out=squashed)
            torch.mul(o, squashed, out=states[t + 1])
        ctx.save_for_backward(x, weight, states, cells, gates, operands, *halves, *scales)
        ctx.rounds = len(matrices)
        return states[1:], states[-1].clone(), cells[-1].clone()

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, grad_states: Tensor, grad_h: Tensor, grad_c: Tensor
    ) -> tuple[Tensor, ...]:
        x, weight, states, cells, gates, operands, *others = ctx.saved_tensors
        halves, scales = others[: ctx.rounds], others[ctx.rounds :]
        width = x.shape[2]
        i, f, candidate, o = gates.chunk(4, dim=2)
        squashed = cells[1:].tanh()
        # Of all steps at once: how h_t and c_t move with each gate's sum.
        dc_dh = o * (1 - squashed.square())
        by_cell = torch.stack(
            [
                candidate * i * (1 - i),
                cells[:-1] * f * (1 - f),
                i * (1 - candidate.square()),
            ],
            dim=2,
        )  # (T, B, 3, H)
        by_output = squashed * o * (1 - o)
        before = _scaled(x, states[:-1], scales)
        moves = [
            read[number % 2] * (1 - scale.square())
            for number, (read, scale) in enumerate(zip(before, scales, strict=True))
        ]
        growth = [1 + scale for scale in scales]
        grad_gates = torch.empty_like(gates)
        grad_sums = [torch.empty_like(scale) for scale in scales]
        grad_x = x.new_empty(x.shape)
        grad_h, grad_c = grad_h.clone(), grad_c.clone()
        units = grad_h.shape[1]
        for t in range(len(x) - 1, -1, -1):
            grad_h += grad_states[t]
            own = grad_gates[t]
            grad_c.addcmul_(grad_h, dc_dh[t])
            torch.mul(grad_h, by_output[t], out=own[:, 3 * units :])
            torch.mul(grad_c[:, None], by_cell[t], out=own[:, : 3 * units].view(-1, 3, units))
            grad_c.mul_(f[t])
            grads = list((own @ weight).split([width, units], dim=1))
            for number in range(ctx.rounds - 1, -1, -1):
                scaled = grads[number % 2]
                of_sum = torch.mul(scaled, moves[number][t], out=grad_sums[number][t])
                scaled.mul_(growth[number][t])
                grads[1 - number % 2].addmm_(of_sum, halves[number])
            grad_x[t] = grads[0]
            grad_h = grads[1]
        flat = grad_gates.flatten(0, 1)
        grad_weight = flat.t() @ operands.flatten(0, 1)
        grad_matrices = [
            (of_sum.flatten(0, 1).t() @ read[1 - number % 2].flatten(0, 1)).div_(2)
            for number, (of_sum, read) in enumerate(zip(grad_sums, before, strict=True))
        ]
        return grad_x, grad_h, grad_c, grad_weight, flat.sum(0), *grad_matrices


def _scaled(x: Tensor, h: Tensor, scales: Sequence[Tensor]) -> list[tuple[Tensor, Tensor]]:
    """Return input (T, B, D) and state (T, B, H) as they stood before each round."""
    before = []
    for number, scale in enumerate(scales):
        before.append((x, h))
        if number % 2 == 0:
            x = x + x * scale
        else:
            h = h + h * scale
    return before
