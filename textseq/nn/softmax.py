"""Output layers of language models: every token's probability, of states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from textseq.nn.workspace import borrow, give_back

SOFTMAXES = ("full", "adaptive")
# Scores that are held at once: 32 MB.
MOST_SCORES = 2**23


class FullSoftmax(nn.Module):
    """A score for each token but ``<pad>``, which is never said, and softmax over them.

    Parameters
    ----------
    width : int
        Units H of the states.
    n_tokens : int
        V, ``<pad>`` included.
    tied_dim : int, optional
        Width D of the embedding table (V, D) that also scores: a token's score is the product
        of its vector and the state, which is projected where H is not D.

    References
    ----------
    Tied: Press & Wolf (2017), "Using the Output Embedding to Improve Language Models"; Inan et
    al. (2017), "Tying Word Vectors and Word Classifiers".
    """

    def __init__(self, width: int, n_tokens: int, tied_dim: int | None = None) -> None:
        super().__init__()
        self.projection = None
        if tied_dim is not None and tied_dim != width:
            self.projection = nn.Linear(width, tied_dim, bias=False)
        table = None if tied_dim is not None else nn.Parameter(torch.empty(n_tokens, width))
        self.register_parameter("weight", table)
        if table is not None:
            nn.init.uniform_(table, -(width**-0.5), width**-0.5)
        self.bias = nn.Parameter(torch.zeros(n_tokens))

    def losses(self, states: Tensor, said: Tensor, table: Tensor | None) -> Tensor:
        """Return -log p (n,) of the tokens said (n,) after ``states`` (n, H).

        ``table`` (V, D) is the embedding table where weights are tied.
        """
        return cross_entropy(self._read(states), self._table(table), self.bias, said)

    def log_probabilities(self, states: Tensor, table: Tensor | None) -> Tensor:
        """Return log p (n, V) of every token after ``states`` (n, H)."""
        scores = nn.functional.linear(self._read(states), self._table(table), self.bias)
        scores[:, 0] = -torch.inf
        return scores.log_softmax(1)

    def _read(self, states: Tensor) -> Tensor:
        return states if self.projection is None else self.projection(states)

    def _table(self, tied: Tensor | None) -> Tensor:
        table = tied if self.weight is None else self.weight
        assert table is not None
        return table


class AdaptiveSoftmax(nn.Module):
    """A softmax over frequent tokens, behind which rarer ones share narrower layers.

    Parameters
    ----------
    width : int
        Units H of the states.
    n_tokens : int
        V, ``<pad>`` included, which is never said. The lower its id, the more frequent a
        token should be.
    cutoffs : sequence of int
        Ids at which rarer groups begin, each a quarter as wide as the one before.

    References
    ----------
    Grave et al. (2017), "Efficient softmax approximation for GPUs".
    """

    def __init__(self, width: int, n_tokens: int, cutoffs: Sequence[int]) -> None:
        super().__init__()
        self.groups = nn.AdaptiveLogSoftmaxWithLoss(
            width, n_tokens - 1, [cutoff - 1 for cutoff in cutoffs], head_bias=True
        )

    def losses(self, states: Tensor, said: Tensor, table: Tensor | None) -> Tensor:
        """Return -log p (n,) of the tokens said (n,) after ``states`` (n, H)."""
        losses: Tensor = -self.groups(states, said - 1).output
        return losses

    def log_probabilities(self, states: Tensor, table: Tensor | None) -> Tensor:
        """Return log p (n, V) of every token after ``states`` (n, H)."""
        said = self.groups.log_prob(states)
        return nn.functional.pad(said, (1, 0), value=-torch.inf)


def cross_entropy(x: Tensor, weight: Tensor, bias: Tensor, said: Tensor) -> Tensor:
    """Return -log softmax(W x + b) (n,) at the ids said, of ``x`` (n, D), id 0 left out.

    Never more than ``MOST_SCORES`` scores are held; where there are more, the gradient
    computes them again.

    Parameters
    ----------
    x : Tensor of shape (n, D)
    weight, bias : Tensor of shape (V, D) and (V,)
    said : Tensor of shape (n,), int64
    """
    if x.device.type != "cpu":
        scores = nn.functional.linear(x, weight[1:], bias[1:]).float()
        return nn.functional.cross_entropy(scores, said - 1, reduction="none")
    # Asked here, since within a Function no gradient seems to be wanted.
    keep = torch.is_grad_enabled() and any(part.requires_grad for part in (x, weight, bias))
    losses: Tensor = _CrossEntropy.apply(keep, x.contiguous(), weight, bias, said)
    return losses


class _CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, keep: bool, x: Tensor, weight: Tensor, bias: Tensor, said: Tensor
    ) -> Tensor:
        losses, sums = torch.empty_like(x[:, 0]), torch.empty_like(x[:, 0])
        pieces = _pieces(len(x), len(weight))
        room = _room(pieces, weight)
        for piece in pieces:
            scores = _exponentials(room, x[piece], weight, bias, said[piece], losses[piece])
            torch.sum(scores, 1, out=sums[piece])
        losses += sums.log()
        ctx.save_for_backward(x, weight, bias, said, sums)
        ctx.room = room if keep and len(pieces) == 1 else None
        if ctx.room is None:
            _let_go(room)
        return losses

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_losses: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, bias, said, sums = ctx.saved_tensors
        kept, ctx.room = ctx.room, None
        pieces = _pieces(len(x), len(weight))
        room = _room(pieces, weight) if kept is None else kept
        of_x = torch.empty_like(x)
        of_weight, of_bias = torch.empty_like(weight), torch.zeros_like(bias)
        of_weight[0] = 0
        for piece in pieces:
            own, ids = of_losses[piece], said[piece]
            if kept is None:
                scores = _exponentials(room, x[piece], weight, bias, ids, None)
            else:
                scores = room[: len(ids) * (len(weight) - 1)].view(len(ids), -1)
            # From here on the gradient of the scores.
            scores *= (own / sums[piece])[:, None]
            scores.scatter_add_(1, ids[:, None] - 1, -own[:, None])
            torch.mm(scores, weight[1:], out=of_x[piece])
            first = piece.start == 0
            of_weight[1:].addmm_(scores.T, x[piece], beta=0 if first else 1)
            of_bias[1:] += scores.sum(0)
        _let_go(room)
        return None, of_x, of_weight, of_bias, None


def _exponentials(
    room: Tensor, x: Tensor, weight: Tensor, bias: Tensor, said: Tensor, losses: Tensor | None
) -> Tensor:
    """Write exp of the scores (n, V - 1), less each row's highest, into ``room``.

    ``losses`` (n,), where given, gets the highest less the score of what was said.
    """
    scores = room[: len(x) * (len(weight) - 1)].view(len(x), -1)
    torch.addmm(bias[1:], x, weight[1:].T, out=scores)
    highest = scores.amax(1, keepdim=True)
    if losses is not None:
        torch.sub(highest, scores.gather(1, said[:, None] - 1), out=losses[:, None])
    return scores.sub_(highest).exp_()


def _pieces(n_rows: int, n_tokens: int) -> list[slice]:
    size = max(MOST_SCORES // n_tokens, 1)
    return [slice(start, min(start + size, n_rows)) for start in range(0, n_rows, size)]


def _room(pieces: list[slice], weight: Tensor) -> Tensor:
    longest = max((piece.stop - piece.start for piece in pieces), default=0)
    count = longest * len(weight)
    return borrow(count) if weight.dtype == torch.float32 else weight.new_empty(count)


def _let_go(room: Tensor) -> None:
    if room.dtype == torch.float32:
        give_back([room])
