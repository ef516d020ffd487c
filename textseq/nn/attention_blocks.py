"""Attention in blocks of target steps: memory that grows with either side, not with their product.

Of B rows with Ty target and Tx source steps there are B x Ty x Tx weights, and the additive score
adds two vectors of A numbers for each. No more than one block of them is ever held; the gradient
computes each block again, which costs less than to keep it would: a block stays in the cache.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

# Numbers of a block. On a CPU 1 MiB, which its second cache holds; a GPU wants large operations.
BLOCK, GPU_BLOCK = 2**18, 2**26


@dataclass(frozen=True, eq=False)
class Compared:
    """What a batch's queries are compared with, and how.

    Parameters
    ----------
    queries : Tensor of shape (B, Ty, A)
    keys : Tensor of shape (B, Tx, A)
    direction : Tensor of shape (A,), optional
        v of the score v . tanh(q + k); q . k without.
    real : Tensor of shape (B, Tx), bool
        False at source steps that have no weight.
    """

    queries: Tensor
    keys: Tensor
    direction: Tensor | None
    real: Tensor

    @property
    def n_numbers(self) -> int:
        """Numbers that all scores at once are made of."""
        return self.queries.shape[0] * self.queries.shape[1] * self._of_a_step

    @property
    def _of_a_step(self) -> int:
        """Numbers that the scores of one target step of one row are made of."""
        n_source, width = self.keys.shape[1:]
        return n_source * (1 if self.direction is None else width)

    @property
    def _at_once(self) -> tuple[int, int]:
        """Rows and target steps of a block: some whole rows, or a part of one."""
        n_rows, n_steps = self.queries.shape[:2]
        most = BLOCK if self.queries.device.type == "cpu" else GPU_BLOCK
        together = max(most // max(self._of_a_step, 1), 1)
        n_steps = max(n_steps, 1)
        return min(max(together // n_steps, 1), n_rows), min(together, n_steps)

    def blocks(self) -> Iterator[tuple[slice, slice]]:
        """Yield the rows and the target steps of each block."""
        n_rows, n_steps = self.queries.shape[:2]
        rows, steps = self._at_once
        for row in range(0, n_rows, rows):
            for step in range(0, n_steps, steps):
                yield slice(row, row + rows), slice(step, step + steps)

    def plain_weights(self) -> Tensor:
        """Return all weights (B, Ty, Tx) in operations whose gradient torch knows."""
        if self.direction is None:
            scores = self.queries @ self.keys.transpose(1, 2)
        else:
            sums = self.queries[:, :, None] + self.keys[:, None]  # (B, Ty, Tx, A)
            scores = sums.tanh() @ self.direction
        return _normalized(scores, self.real[:, None])

    def doubled(self) -> Compared:
        """Return twice the queries and keys, of which the additive score is computed.

        tanh(s) is 2 sigmoid(2 s) - 1, and torch computes a sigmoid in a fifth of the time. What
        is the same for all source steps, as v . -1 is, changes no weight.
        """
        if self.direction is None:
            return self
        double = self.queries * 2, self.keys * 2, self.direction * 2
        return Compared(*double, self.real)

    def buffer(self) -> Tensor:
        """Return memory for the sums of any block.

        One for all blocks: the system fills each new one with zeros first, page by page, which
        takes longer than what is done with it.
        """
        rows, steps = self._at_once
        return self.keys.new_empty(rows * steps * self._of_a_step)

    def weights_of(self, rows: slice, steps: slice, buffer: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the weights of a block of ``doubled``.

        Returns
        -------
        weights : Tensor of shape (b, t, Tx)
        sigmoids : Tensor of shape (b, t, Tx, A), optional
            Of the additive score, in the buffer.
        """
        queries, keys = self.queries[rows, steps], self.keys[rows]
        if self.direction is None:
            sigmoids, scores = None, queries @ keys.transpose(1, 2)
        else:
            size = *queries.shape[:2], *keys.shape[1:]  # (b, t, Tx, A)
            sigmoids = buffer[: math.prod(size)].view(size)
            torch.add(queries[:, :, None], keys[:, None], out=sigmoids).sigmoid_()
            scores = sigmoids @ self.direction
        return _normalized(scores, self.real[rows, None]), sigmoids


def _normalized(scores: Tensor, real: Tensor) -> Tensor:
    """Return the softmax (b, t, Tx) over scores of source steps that are ``real`` (b, 1, Tx)."""
    padding = ~real
    lowest = torch.finfo(scores.dtype).min
    return scores.masked_fill(padding, lowest).softmax(2).masked_fill(padding, 0.0)


def attended_in_blocks(
    compared: Compared, states: Tensor, keep_weights: bool
) -> tuple[Tensor, Tensor | None]:
    """Return contexts (B, Ty, S), the weighted sums of source states (B, Tx, S).

    And the weights (B, Ty, Tx), to look at, if they are kept.
    """
    own = compared.queries, compared.keys, compared.direction, compared.real
    found: tuple[Tensor, Tensor | None] = _Attended.apply(*own, states, keep_weights)
    return found


class _Attended(torch.autograd.Function):
    """Contexts, block by block.

    Under mixed precision its products are in float32, forwards and backwards: the two must give
    the same weights.
    """

    @staticmethod
    @torch.amp.custom_fwd(device_type="cuda", cast_inputs=torch.float32)
    def forward(
        ctx: Any,
        queries: Tensor,
        keys: Tensor,
        direction: Tensor | None,
        real: Tensor,
        states: Tensor,
        keep_weights: bool,
    ) -> tuple[Tensor, Tensor | None]:
        ctx.save_for_backward(queries, keys, direction, real, states)
        compared = Compared(queries, keys, direction, real).doubled()
        contexts = states.new_empty(*queries.shape[:2], states.shape[2])
        kept = None
        if keep_weights:
            kept = states.new_empty(*queries.shape[:2], states.shape[1])
            ctx.mark_non_differentiable(kept)
        buffer = compared.buffer()
        for rows, steps in compared.blocks():
            weights, _ = compared.weights_of(rows, steps, buffer)
            contexts[rows, steps] = weights @ states[rows]
            if kept is not None:
                kept[rows, steps] = weights
        return contexts, kept

    @staticmethod
    @once_differentiable
    @torch.amp.custom_bwd(device_type="cuda")
    def backward(  # type: ignore[override]
        ctx: Any, grad_contexts: Tensor, _: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        queries, keys, direction, real, states = ctx.saved_tensors
        compared = Compared(queries, keys, direction, real).doubled()
        grad_queries, grad_keys = torch.zeros_like(queries), torch.zeros_like(keys)
        grad_states = torch.zeros_like(states)
        grad_direction = None if direction is None else torch.zeros_like(direction)
        buffer = compared.buffer()
        for rows, steps in compared.blocks():
            weights, sigmoids = compared.weights_of(rows, steps, buffer)
            grad = grad_contexts[rows, steps]  # (b, t, S)
            grad_states[rows] += weights.transpose(1, 2) @ grad
            # Through the softmax: a weight's gradient less their mean, weighed.
            grad_weights = grad @ states[rows].transpose(1, 2)  # (b, t, Tx)
            mean = (weights * grad_weights).sum(2, keepdim=True)
            grad_scores = (grad_weights - mean) * weights
            if sigmoids is None:
                grad_queries[rows, steps] = grad_scores @ keys[rows]
                grad_keys[rows] += grad_scores.transpose(1, 2) @ queries[rows, steps]
                continue
            assert grad_direction is not None
            grad_direction += grad_scores.flatten() @ sigmoids.flatten(0, 2)
            # A sigmoid's slope s - s^2, times the gradient of its score, where s stood.
            slopes = torch.addcmul(sigmoids, sigmoids, sigmoids, value=-1, out=sigmoids)
            slopes *= grad_scores[:, :, :, None]
            grad_queries[rows, steps] = slopes.sum(2)
            grad_keys[rows] += slopes.sum(1)
        if direction is not None and grad_direction is not None:
            # The score is 2 v . sigmoid(2 q + 2 k).
            grad_queries *= 4 * direction
            grad_keys *= 4 * direction
            grad_direction *= 2
        return grad_queries, grad_keys, grad_direction, None, grad_states, None
