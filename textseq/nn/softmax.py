"""The output layer of language models: every token's probability, of states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from textseq.nn.buffer_pool import acquire_buffer, release_buffers

SOFTMAXES = ("full", "adaptive")
# Scores that are held at once: 64 MB.
MOST_SCORES = 2**24


class Softmax(nn.Module):
    """A score w x + b for each token but ``<pad>``, which is never said, and softmax over them.

    With cutoffs the rarer tokens form groups. A first softmax chooses among the frequent tokens
    and the groups, a second one within the group, so that the many scores of rare tokens are
    computed where one of them was said only. Groups are as wide as the rest, since that costs
    little and lets them share the embedding table.

    Parameters
    ----------
    width : int
        Units H of the states.
    n_tokens : int
        V, ``<pad>`` included.
    tied_dim : int, optional
        Width D of the embedding table (V, D) whose rows are the weights w, of a projection of
        the states where H is not D. Without, the layer has a table of its own.
    cutoffs : sequence of int, default ()
        Ids at which groups begin. The lower its id, the more frequent a token should be.

    References
    ----------
    Tied: Press & Wolf (2017), "Using the Output Embedding to Improve Language Models"; Inan et
    al. (2017), "Tying Word Vectors and Word Classifiers". Groups: Grave et al. (2017),
    "Efficient softmax approximation for GPUs", section 4.2.

    Examples
    --------
    >>> layer = Softmax(width=3, n_tokens=8, cutoffs=[4, 6])
    >>> after = layer.log_probabilities(torch.ones(1, 3), None).exp()
    >>> after[0, 0].item(), round(after.sum().item(), 5)
    (0.0, 1.0)
    """

    weight: nn.Parameter | None

    def __init__(
        self,
        width: int,
        n_tokens: int,
        tied_dim: int | None = None,
        cutoffs: Sequence[int] = (),
    ) -> None:
        super().__init__()
        bounds = [1, *cutoffs, n_tokens]
        self.sizes = [1, *(end - start for start, end in zip(bounds, bounds[1:], strict=False))]
        self.starts = bounds[1:-1]
        self.projection: nn.Linear | None = None
        if tied_dim is not None and tied_dim != width:
            self.projection = nn.Linear(width, tied_dim, bias=False)
        table = None if tied_dim is not None else nn.Parameter(torch.empty(n_tokens, width))
        self.register_parameter("weight", table)
        if table is not None:
            nn.init.uniform_(table, -(width**-0.5), width**-0.5)
        self.bias = nn.Parameter(torch.zeros(n_tokens))
        self.groups = nn.Linear(tied_dim or width, len(cutoffs)) if cutoffs else None

    def losses(self, states: Tensor, targets: Tensor, table: Tensor | None) -> Tensor:
        """Return -log p (n,) of the next tokens ``targets`` (n,) after ``states`` (n, H).

        ``table`` (V, D) is the embedding table where weights are tied.
        """
        x = self._read(states)
        (weight, bias), *groups = self._layers(table)
        n_single = self.sizes[1]
        # The first softmax (n, n_single + groups) names frequent tokens, and the group of others.
        # Ids begin behind <pad>, which is never said.
        chosen = targets - 1
        for number, start in enumerate(self.starts):
            chosen = torch.where(targets >= start, n_single + number, chosen)
        losses = cross_entropy(x, weight, bias, chosen)
        for number, (start, layer) in enumerate(zip(self.starts, groups, strict=True)):
            # -log p(group) - log p(token | group), the latter for rows of this group alone.
            rows = (chosen == n_single + number).nonzero()[:, 0]
            within = cross_entropy(x[rows], *layer, targets[rows] - start)
            losses = losses.index_add(0, rows, within)
        return losses

    def log_probabilities(self, states: Tensor, table: Tensor | None) -> Tensor:
        """Return log p (n, V) of every token after ``states`` (n, H)."""
        x = self._read(states)
        first, *groups = (
            nn.functional.linear(x, *layer).log_softmax(1) for layer in self._layers(table)
        )
        n_single = self.sizes[1]
        parts = [torch.full_like(first[:, :1], -torch.inf), first[:, :n_single]]
        for number, within in enumerate(groups, start=n_single):
            parts.append(within + first[:, number, None])
        return torch.cat(parts, dim=1)

    def _read(self, states: Tensor) -> Tensor:
        if self.projection is None:
            return states
        projected: Tensor = self.projection(states)
        return projected

    def _layers(self, tied: Tensor | None) -> list[tuple[Tensor, Tensor]]:
        """Return weights and biases of the first softmax and of each group's."""
        table = tied if self.weight is None else self.weight
        assert table is not None
        # One split, so that the gradient of the table is put together once.
        _, weight, *weights = torch.split(table, self.sizes)
        _, bias, *biases = torch.split(self.bias, self.sizes)
        if self.groups is not None:
            weight = torch.cat([weight, self.groups.weight])
            bias = torch.cat([bias, self.groups.bias])
        return [(weight, bias), *zip(weights, biases, strict=True)]


def cross_entropy(
    x: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, label_smoothing: float = 0.0
) -> Tensor:
    """Return -log softmax(W x + b) (n,) at the rows of W that are the targets.

    Never more than ``MOST_SCORES`` scores are held; where there are more, the gradient
    computes them again.

    Parameters
    ----------
    x : Tensor of shape (n, D)
    weight, bias : Tensor of shape (V, D) and (V,)
    targets : Tensor of shape (n,), int64
    label_smoothing : float, default 0
        Share of each target's probability that is dealt to all rows of W.
    """
    if x.device.type != "cpu":
        scores = nn.functional.linear(x, weight, bias).float()
        return nn.functional.cross_entropy(
            scores, targets, reduction="none", label_smoothing=label_smoothing
        )
    # Asked here, since within a Function no gradient seems to be wanted.
    keep = torch.is_grad_enabled() and any(part.requires_grad for part in (x, weight, bias))
    losses: Tensor = _CrossEntropy.apply(
        keep, label_smoothing, x.contiguous(), weight, bias, targets
    )
    return losses


class _CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        keep: bool,
        smoothing: float,
        x: Tensor,
        weight: Tensor,
        bias: Tensor,
        targets: Tensor,
    ) -> Tensor:
        losses, sums = torch.empty_like(x[:, 0]), torch.empty_like(x[:, 0])
        pieces = _pieces(len(x), len(weight))
        buffer = _buffer(pieces, weight)
        for piece in pieces:
            scores, highest = _scores(buffer, x[piece], weight, bias)
            own = losses[piece]
            torch.sub(highest, scores.gather(1, targets[piece, None]), out=own[:, None])
            if smoothing:
                own.lerp_(highest[:, 0] - scores.mean(1), smoothing)
            torch.sum(scores.sub_(highest).exp_(), 1, out=sums[piece])
        losses += sums.log()
        ctx.save_for_backward(x, weight, bias, targets, sums)
        ctx.smoothing = smoothing
        ctx.buffer = buffer if keep and len(pieces) == 1 else None
        if ctx.buffer is None:
            _release(buffer)
        return losses

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_losses: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, bias, targets, sums = ctx.saved_tensors
        kept, ctx.buffer = ctx.buffer, None
        pieces = _pieces(len(x), len(weight))
        buffer = _buffer(pieces, weight) if kept is None else kept
        grad_x = torch.empty_like(x)
        grad_weight, grad_bias = torch.zeros_like(weight), torch.zeros_like(bias)
        for piece in pieces:
            own, ids = grad_losses[piece], targets[piece]
            if kept is None:
                scores, highest = _scores(buffer, x[piece], weight, bias)
                scores.sub_(highest).exp_()
            else:
                scores = buffer[: len(ids) * len(weight)].view(len(ids), -1)
            # From here on the gradient of the scores.
            scores *= (own / sums[piece])[:, None]
            scores.scatter_add_(1, ids[:, None], (ctx.smoothing - 1) * own[:, None])
            if ctx.smoothing:
                scores -= (ctx.smoothing / len(weight)) * own[:, None]
            torch.mm(scores, weight, out=grad_x[piece])
            grad_weight.addmm_(scores.T, x[piece])
            grad_bias += scores.sum(0)
        _release(buffer)
        return None, None, grad_x, grad_weight, grad_bias, None


def _scores(buffer: Tensor, x: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """Write scores (n, V) into ``buffer``; return them, and each row's highest (n, 1)."""
    scores = buffer[: len(x) * len(weight)].view(len(x), -1)
    torch.addmm(bias, x, weight.T, out=scores)
    return scores, scores.amax(1, keepdim=True)


def _pieces(n_rows: int, n_tokens: int) -> list[slice]:
    size = max(MOST_SCORES // n_tokens, 1)
    return [slice(start, min(start + size, n_rows)) for start in range(0, n_rows, size)]


def _buffer(pieces: list[slice], weight: Tensor) -> Tensor:
    longest = max((piece.stop - piece.start for piece in pieces), default=0)
    count = longest * len(weight)
    if weight.dtype != torch.float32:
        return weight.new_empty(count)
    with torch.inference_mode(False):  # what validation hands back, training writes into
        return acquire_buffer(count)


def _release(buffer: Tensor) -> None:
    if buffer.dtype == torch.float32:
        release_buffers([buffer])
