"""One recurrent layer, read forwards or in both directions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from textseq.nn.cells import CELLS, Cell, TorchCell
from textseq.nn.mogrifier import MogrifierLstm
from textseq.nn.recurrence import recurrent_states
from textseq.nn.token_rows import TokenRows

# Reads x (B, T, D) with a cell, or one of the tcn's convolutions, in its own way, and returns
# the states (B, T, H).
Run = Callable[[Any, Tensor], Tensor]


class Recurrent(nn.Module):
    """One recurrent layer, forwards or in both directions.

    Each direction is a cell of its own and the backward one reads every row
    reversed within its length, so that padding is always behind the text in
    both directions and can't reach a real state.

    Parameters
    ----------
    cell : {"rnn", "lstm", "gru", "janet"}
    input_size : int
        Width D of the input vectors.
    hidden_size : int
        Units of one direction.
    bidirectional : bool, default False
    truncated_bptt_steps : int, optional
        Steps after which the gradient through time is cut, while the state goes on.
    **options
        Of the cell.

    References
    ----------
    Schuster & Paliwal (1997), "Bidirectional Recurrent Neural Networks"; truncation:
    Williams & Peng (1990), "An Efficient Gradient-Based Algorithm for On-Line Training
    of Recurrent Network Trajectories".

    Examples
    --------
    >>> layer = Recurrent("lstm", input_size=3, hidden_size=5, bidirectional=True)
    >>> layer(torch.zeros(2, 4, 3), torch.tensor([4, 2])).shape
    torch.Size([2, 4, 10])
    """

    def __init__(
        self,
        cell: str,
        input_size: int,
        hidden_size: int,
        bidirectional: bool = False,
        truncated_bptt_steps: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__()
        self.out_dim = hidden_size * (2 if bidirectional else 1)
        self.truncated_bptt_steps = truncated_bptt_steps
        kind = MogrifierLstm if "rounds" in options else CELLS[cell]
        self.forwards = kind(input_size, hidden_size, **options)
        self.backwards = kind(input_size, hidden_size, **options) if bidirectional else None

    def forward(self, x: Tensor | TokenRows, lengths: Tensor, run: Run | None = None) -> Tensor:
        """Return the hidden states (B, T, H) of ``x`` (B, T, D), by ``run`` if given."""
        cells = [self.forwards] if self.backwards is None else [self.forwards, self.backwards]
        truncated = self.training and self.truncated_bptt_steps is not None
        source = x.table if isinstance(x, TokenRows) else x
        # The compiled layer reads tokens' rows where they lie, and both directions in one call.
        if run is None and not truncated and self.forwards.runs_compiled(source):
            directions = [cell.direction for cell in cells]
            return recurrent_states(self.forwards.kind, x, lengths, directions)[0]
        if isinstance(x, TokenRows):
            x = x.dense()
        if run is None and not truncated and x.is_cuda:
            run = partial(packed_states, lengths=lengths.cpu())
        run = self._run if run is None else run
        states = run(self.forwards, x)  # (B, T, H)
        if self.backwards is None:
            return states
        # Each row is turned round within its length, read, and its states turned back.
        reverse = reversed_steps(lengths, x.shape[1])
        behind = run(self.backwards, take_steps(x, reverse))
        return torch.cat([states, take_steps(behind, reverse)], dim=2)

    def _run(self, cell: Cell, x: Tensor) -> Tensor:
        if self.truncated_bptt_steps is None or not self.training:
            states: Tensor = cell(x)[0]
            return states
        parts: list[Tensor] = []
        state = cell.initial_state(x)
        # The state goes on from piece to piece, its gradient does not go back.
        for piece in x.split(self.truncated_bptt_steps, dim=1):
            part, end = cell(piece, state)
            state = tuple(value.detach() for value in end)
            parts.append(part)
        return torch.cat(parts, dim=1)


def packed_states(cell: Cell, x: Tensor, lengths: Tensor) -> Tensor:
    """Read ``x`` (B, T, D) as a packed sequence, which cuDNN reads without its padding.

    On a CPU packing is the slowest way of all.

    Parameters
    ----------
    cell : Cell
    x : Tensor of shape (B, T, D)
    lengths : Tensor of shape (B,)
        On the CPU.
    """
    if not isinstance(cell, TorchCell) or not cell.compiled:
        states: Tensor = cell(x)[0]
        return states
    # A packed row has a step at least; what an empty row's says is masked by the pooling.
    packed = pack_padded_sequence(x, lengths.clamp(min=1), batch_first=True, enforce_sorted=False)
    states, _ = pad_packed_sequence(
        cell.layer(packed)[0], batch_first=True, total_length=x.shape[1]
    )
    return states


def reversed_steps(lengths: Tensor, width: int) -> Tensor:
    """Return, per row, the step numbers (B, T) that reverse it and leave padding in place."""
    steps = torch.arange(width, device=lengths.device).expand(len(lengths), width)
    ends = lengths[:, None]
    return torch.where(steps < ends, ends - 1 - steps, steps)


def take_steps(x: Tensor, steps: Tensor) -> Tensor:
    """Pick step ``steps[b, t]`` of row ``b`` for every place: (B, T, D) by (B, T)."""
    return x.gather(1, steps[:, :, None].expand(-1, -1, x.shape[2]))
