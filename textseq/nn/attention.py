"""Attention: what a decoder reads of the source's states at each step."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from textseq.nn.attention_blocks import Compared, attended_in_blocks

ATTENTIONS = ("additive", "dot")
# Numbers up to which all steps at once are as quick as blocks.
SMALL = 2**16


@dataclass(frozen=True, eq=False)
class Memory:
    """A batch's source states, and what attention compares with them.

    Parameters
    ----------
    states : Tensor of shape (B, Tx, S)
    keys : Tensor of shape (B, Tx, A)
    real : Tensor of shape (B, Tx), bool
        False at padded steps.
    """

    states: Tensor
    keys: Tensor
    real: Tensor

    def take(self, rows: Tensor) -> Memory:
        """Return the named rows (n,), in the order given."""
        return Memory(self.states[rows], self.keys[rows], self.real[rows])


class Attention(nn.Module):
    """Weigh the source's states by how well each fits a decoder's state.

    ``"dot"`` scores s . (W h), ``"additive"`` v . tanh(W h + U s), where s is the decoder's
    state and h a state of the source. Padding has no weight. Of an empty source all weights,
    and so the context, are 0.

    Parameters
    ----------
    score : {"additive", "dot"}
    query_size : int
        Width H of the decoder's states.
    source_size : int
        Width S of the source's.

    References
    ----------
    "dot": Luong, Pham & Manning (2015), "Effective Approaches to Attention-based Neural
    Machine Translation", equation 8 ("general"); "additive": Bahdanau, Cho & Bengio (2015),
    "Neural Machine Translation by Jointly Learning to Align and Translate", appendix A.1.2.

    Examples
    --------
    >>> attention = Attention("dot", query_size=3, source_size=4)
    >>> memory = attention.memory(torch.rand(2, 5, 4), torch.tensor([5, 2]))
    >>> context, weights = attention(torch.rand(2, 7, 3), memory)
    >>> context.shape, weights.shape, bool(weights[1, :, 2:].any())
    (torch.Size([2, 7, 4]), torch.Size([2, 7, 5]), False)
    """

    def __init__(self, score: str, query_size: int, source_size: int) -> None:
        super().__init__()
        self.of_source = nn.Linear(source_size, query_size, bias=score == "additive")
        self.of_query: nn.Linear | None = None
        if score == "additive":
            self.of_query = nn.Linear(query_size, query_size, bias=False)
            self.direction = nn.Parameter(torch.empty(query_size))
            bound = query_size**-0.5
            nn.init.uniform_(self.direction, -bound, bound)

    def memory(self, states: Tensor, lengths: Tensor) -> Memory:
        """Prepare source states (B, Tx, S) of the given lengths (B,), once for all queries."""
        real = torch.arange(states.shape[1], device=states.device) < lengths[:, None]
        # masked_fill, since a weight of 0 times NaN at a padded step would still be NaN.
        states = states.masked_fill(~real[:, :, None], 0.0)
        return Memory(states, self.of_source(states), real)

    def forward(
        self, queries: Tensor, memory: Memory, keep_weights: bool = True
    ) -> tuple[Tensor, Tensor | None]:
        """Weigh the states for each query.

        Parameters
        ----------
        queries : Tensor of shape (B, Ty, H)
        memory : Memory
        keep_weights : bool, default True
            Without, nothing is held that grows with Ty times Tx.

        Returns
        -------
        contexts : Tensor of shape (B, Ty, S)
        weights : Tensor of shape (B, Ty, Tx), optional
            To look at: where they are many, no gradient passes through them.
        """
        direction = None
        if self.of_query is not None:
            queries, direction = self.of_query(queries), self.direction
        compared = Compared(queries, memory.keys, direction, memory.real)
        # One step alone is of a loop over them, whose gradient would keep the sums of all.
        alone = torch.is_grad_enabled() and queries.shape[1] == 1
        if compared.n_numbers <= SMALL and not alone:
            weights = compared.plain_weights()
            return weights @ memory.states, weights if keep_weights else None
        return attended_in_blocks(compared, memory.states, keep_weights)
