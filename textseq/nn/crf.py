"""The linear-chain conditional random field: tags that know their neighbours.

A row's tags score together: what each step says of its tag, and what each tag says of the
next. The sum over all ways to tag a row runs in probabilities, scaled to 1 at each step, so
that one step of all rows is one matrix product; the gradient is the difference between what
the field expects and what was seen, and is written by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from textseq.nn.recurrent import reversed_steps, take_steps

# What a move that is not allowed takes off a row's score: more than all that a row may score, and
# still finite, so that of a row that no allowed moves lead through the fewest others are found.
FORBIDDEN = -1e12

# A row for each tag, and the last for a row's outside: 1 where the column's tag may follow.
Moves = Sequence[Sequence[int]]


class SpanMarks(NamedTuple):
    """Which spans tags mark, as ``labels.spans.SpanRules`` has it; the last "tag" is outside.

    Parameters
    ----------
    types : Tensor of shape (K,), int64
        The number of each tag's type.
    begins, goes_on : Tensor of shape (K + 1, K + 1), bool
        Whether the second of two tags begins a span, and whether it goes on with the first's.
    """

    types: Tensor
    begins: Tensor
    goes_on: Tensor


class LinearChain(nn.Module):
    """Scores of neighbouring tags, and all that follows for whole rows.

    Computed in float64: rows of thousands of steps lose nothing, and a row's tags do not
    depend on the rows beside it. Fresh scores are 0, which leaves every step to itself.

    Parameters
    ----------
    n_tags : int
        Tags K.
    allowed_moves : list of K + 1 lists of K + 1 int, optional
        Which tags ``best`` may let follow which (1) and not (0); the last are a row's outside.

    References
    ----------
    Lafferty, McCallum & Pereira (2001), "Conditional Random Fields"; over a recurrent network:
    Lample et al. (2016), "Neural Architectures for Named Entity Recognition", equations 1-2;
    scaling and the backward pass: Rabiner (1989), "A Tutorial on Hidden Markov Models",
    section V.A.

    Examples
    --------
    >>> chain = LinearChain(2)
    >>> _ = chain.transitions.data.copy_(torch.tensor([[0.0, -9.0], [0.0, 0.0]]))
    >>> emissions, lengths = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]]), torch.tensor([2])
    >>> chain.best(emissions, lengths)  # 0 is not followed by 1
    tensor([[0, 0]])
    """

    penalties: Tensor | None

    def __init__(self, n_tags: int, allowed_moves: Moves | None = None) -> None:
        super().__init__()
        self.register_buffer("penalties", penalties(allowed_moves), persistent=False)
        self.transitions = nn.Parameter(torch.zeros(n_tags, n_tags))
        self.starts = nn.Parameter(torch.zeros(n_tags))
        self.ends = nn.Parameter(torch.zeros(n_tags))

    def losses(self, emissions: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """Return each row's negative log-likelihood, in nats.

        Parameters
        ----------
        emissions : Tensor of shape (B, T, K)
            What stands behind a row's end is not read.
        tags : Tensor of shape (B, T), int64
        lengths : Tensor of shape (B,)

        Returns
        -------
        Tensor of shape (B,), float64
            0 of an empty row.
        """
        weights = (emissions, self.transitions, self.starts, self.ends)
        losses: Tensor = _ChainLosses.apply(*(weight.double() for weight in weights), tags, lengths)
        return losses

    def probabilities(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return the probability (B, T, K), float64, of each tag at each step, given its row."""
        return self.chain(emissions, lengths).marginals()[0].transpose(0, 1)

    def log_marginals(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return the logarithms (B, T, K), float64, of the probabilities, and their gradients' way.

        What stands behind a row's end is no number to go by.
        """
        steps = emissions.double().transpose(0, 1)  # (T, B, K)
        transitions, starts, ends = (
            weight.double() for weight in (self.transitions, self.starts, self.ends)
        )
        # All ways to tag the steps up to each one, and those behind it, given its tag.
        before = [steps[0] + starts]
        for step in steps[1:]:
            before.append((before[-1][:, :, None] + transitions).logsumexp(1) + step)
        behind = [ends.expand_as(before[0])]
        for t in range(len(steps) - 2, -1, -1):
            after = (transitions + (steps[t + 1] + behind[-1])[:, None]).logsumexp(2)
            behind.append(torch.where((t < lengths - 1)[:, None], after, ends))
        sums = torch.stack(before) + torch.stack(behind[::-1])
        return sums.log_softmax(2).transpose(0, 1)

    def chain(self, emissions: Tensor, lengths: Tensor) -> Chain:
        """Return the sums over all ways to tag rows, without a way back for gradients."""
        return Chain(emissions.detach().double(), *self._scores(), lengths)

    def best(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return the tags (B, T) of the most probable way to tag each row, of those allowed."""
        transitions, starts, ends = self._scores()
        if self.penalties is not None:
            transitions = transitions + self.penalties[:-1, :-1]
            starts, ends = starts + self.penalties[-1, :-1], ends + self.penalties[:-1, -1]
        return best_path(emissions, lengths, transitions, starts, ends)

    def _scores(self) -> tuple[Tensor, Tensor, Tensor]:
        weights = self.transitions, self.starts, self.ends
        transitions, starts, ends = (weight.detach().double() for weight in weights)
        return transitions, starts, ends


def best_path(
    emissions: Tensor, lengths: Tensor, transitions: Tensor, starts: Tensor, ends: Tensor
) -> Tensor:
    """Return the tags (B, T) of the way through each row whose scores sum to most.

    Parameters
    ----------
    emissions : Tensor of shape (B, T, K)
    lengths : Tensor of shape (B,)
    transitions : Tensor of shape (K, K), float64
        From the row's tag to the column's.
    starts, ends : Tensor of shape (K,), float64

    References
    ----------
    Viterbi (1967), "Error Bounds for Convolutional Codes".
    """
    steps = _time_first(emissions.detach().double(), lengths)  # (T, B, K)
    into = transitions.t().contiguous()  # to the row's tag from the column's
    scores = [steps[0] + starts]
    for step in steps[1:]:
        scores.append((scores[-1][:, None, :] + into).amax(2) + step)
    last = (lengths - 1).clamp(min=0)
    final = torch.stack(scores)[last, torch.arange(len(last), device=last.device)] + ends
    tag = ending = final.argmax(1)
    tags = [tag]
    for t in range(len(steps) - 2, -1, -1):
        # Where a tag comes from is asked on the way back, of the best way's tags alone.
        origin = (scores[t] + into[tag]).argmax(1)
        tag = torch.where(t >= last, ending, origin)
        tags.append(tag)
    return torch.stack(tags[::-1], dim=1)


def penalties(allowed_moves: Moves | None) -> Tensor | None:
    """Return what each move adds to a row's score (K + 1, K + 1), float64: 0 where it may be."""
    if allowed_moves is None:
        return None
    # Of no weights: a network that is built without memory for those has it all the same.
    allowed = torch.tensor(allowed_moves, dtype=torch.float64, device="cpu")
    return (1 - allowed) * FORBIDDEN


class Chain:
    """The sums over all ways to tag rows: forwards at once, backwards when asked for.

    Parameters
    ----------
    emissions : Tensor of shape (B, T, K), float64
    transitions : Tensor of shape (K, K)
        From the row's tag to the column's.
    starts, ends : Tensor of shape (K,)
    lengths : Tensor of shape (B,)
    """

    def __init__(
        self, emissions: Tensor, transitions: Tensor, starts: Tensor, ends: Tensor, lengths: Tensor
    ) -> None:
        self.lengths = lengths
        steps = _time_first(emissions, lengths)
        tops = steps.amax(2)  # (T, B)
        self.emitted = (steps - tops[:, :, None]).exp_()
        top = transitions.max()
        self.across = (transitions - top).exp()
        self.start, self.end = (starts - starts.max()).exp(), (ends - ends.max()).exp()
        # (T, B, K), (T, B)
        self.forward, self.sums = _summed(self.emitted, self.start, self.across)
        self.real = torch.arange(len(steps), device=steps.device)[:, None] < lengths  # (T, B)
        self.last = (lengths - 1).clamp(min=0)
        self.rows = torch.arange(len(lengths), device=steps.device)
        closing = self.forward[self.last, self.rows] @ self.end  # (B,)
        total = (self.sums.log() + tops + top).masked_fill(~self.real, 0.0).sum(0) + closing.log()
        # The first step follows no other.
        total = total - top + starts.max() + ends.max()
        self.log_partition = total.masked_fill(lengths == 0, 0.0)

    def marginals(self) -> tuple[Tensor, Tensor]:
        """Return the tags' probabilities (T, B, K), 0 at padding, and what ``pairs`` divides by."""
        # Read from its end a row is a chain as well.
        reverse = reversed_steps(self.lengths, len(self.emitted))  # (B, T)
        back = take_steps(self.emitted.transpose(0, 1), reverse).transpose(0, 1).contiguous()
        found, _ = _summed(back, self.end, self.across.t().contiguous())
        # What comes after a step and the step itself, given its tag: (T, B, K).
        self.behind = take_steps(found.transpose(0, 1), reverse).transpose(0, 1)
        products = self.forward * self._after(self.across, self.end)
        sums = products.sum(2).masked_fill(~self.real, 1.0)
        return (products / sums[:, :, None]).masked_fill(~self.real[:, :, None], 0.0), sums

    def span_probabilities(self, tags: Tensor, marks: SpanMarks) -> Tensor:
        """Return the probability (B, T) of the span that ends at each step.

        It is the sum over all ways to tag the row that mark the same span: with both ends and the
        type, whichever tags these are. Where no span ends there is no number to go by.

        Parameters
        ----------
        tags : Tensor of shape (B, T), int64
            Those that mark the spans.
        marks : SpanMarks

        References
        ----------
        Culotta & McCallum (2004), "Confidence Estimation for Information Extraction", section 3:
        the sums forwards, constrained to a segment.
        """
        n_tags = len(self.start)
        self.marginals()
        outside = tags.new_full((len(tags), 1), n_tags)
        opens = marks.begins[torch.cat([outside, tags[:, :-1]], 1), tags].t()  # (T, B)
        same = (marks.types[tags][:, :, None] == marks.types).transpose(0, 1)  # (T, B, K)
        begun, going = self.across * marks.begins[:-1, :-1], self.across * marks.goes_on[:-1, :-1]
        inside = torch.zeros_like(self.forward)
        for t in range(len(inside)):
            if t:
                opened, gone_on = self.forward[t - 1] @ begun, inside[t - 1] @ going
            else:
                opened = (self.start * marks.begins[-1, :-1]).expand_as(inside[0])
                gone_on = opened
            found = torch.where(opens[t][:, None], opened * same[t], gone_on)
            inside[t] = found * self.emitted[t] / self.sums[t][:, None]
        all_after = self._after(self.across, self.end)
        over = ~marks.goes_on[:-1]
        closed = self._after(self.across * over[:, :-1], self.end * over[:, -1])
        return ((inside * closed).sum(2) / (self.forward * all_after).sum(2)).t()

    def _after(self, across: Tensor, end: Tensor) -> Tensor:
        """Return the sums over what comes after each step, given its tag: (T, B, K)."""
        after = torch.empty_like(self.forward)
        after[:-1] = self.behind[1:] @ across.t()
        after[self.last, self.rows] = end
        return after

    def pairs(self, sums: Tensor, weights: Tensor) -> Tensor:
        """Return how often each tag follows each (K, K), expected, in rows of weights (B,)."""
        shares = (weights / sums[:-1]).masked_fill(~self.real[1:], 0.0)  # (T - 1, B)
        # Padding holds any number: it is put out before it is multiplied.
        behind = self.behind[1:].masked_fill(~self.real[1:, :, None], 0.0) * shares[:, :, None]
        return self.across * (self.forward[:-1].flatten(0, 1).t() @ behind.flatten(0, 1))


class _ChainLosses(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        emissions: Tensor,
        transitions: Tensor,
        starts: Tensor,
        ends: Tensor,
        tags: Tensor,
        lengths: Tensor,
    ) -> Tensor:
        chain = Chain(emissions, transitions, starts, ends, lengths)
        real = chain.real.t()  # (B, T)
        emitted = emissions.gather(2, tags[:, :, None])[:, :, 0]
        moved = transitions[tags[:, :-1], tags[:, 1:]]
        score = emitted.masked_fill(~real, 0.0).sum(1) + moved.masked_fill(~real[:, 1:], 0.0).sum(1)
        score = score + starts[tags[:, 0]] + ends[tags[chain.rows, chain.last]]
        ctx.chain, ctx.tags = chain, tags
        return chain.log_partition - score.masked_fill(lengths == 0, 0.0)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_losses: Tensor) -> tuple[Tensor | None, ...]:
        chain, tags = ctx.chain, ctx.tags
        n_tags, real = len(chain.start), chain.real.t()
        # Expected less seen, once for each step's tag and once for each pair of neighbours.
        expected, sums = chain.marginals()
        weights = grad_losses.masked_fill(chain.lengths == 0, 0.0)  # (B,)
        grad_emissions = expected.transpose(0, 1).contiguous()  # (B, T, K)
        seen = torch.where(real, -1.0, 0.0).to(grad_emissions)
        grad_emissions.scatter_add_(2, tags[:, :, None], seen[:, :, None])
        grad_emissions *= weights[:, None, None]
        # From tag to tag as one number; pairs that padding takes part in weigh nothing.
        moves = (tags[:, :-1] * n_tags + tags[:, 1:]).flatten()  # (B * (T - 1),)
        times = (weights[:, None] * real[:, 1:]).flatten()
        counted = torch.bincount(moves, times, minlength=n_tags**2)
        grad_transitions = chain.pairs(sums, weights) - counted.view(n_tags, n_tags)
        grad_ends = grad_emissions[chain.rows, chain.last].sum(0)
        return grad_emissions, grad_transitions, grad_emissions[:, 0].sum(0), grad_ends, None, None


def _time_first(emissions: Tensor, lengths: Tensor) -> Tensor:
    """Return emissions (T, B, K), each step in one piece of memory, and 0 at padding."""
    real = torch.arange(emissions.shape[1], device=emissions.device)[:, None] < lengths
    return emissions.transpose(0, 1).masked_fill(~real[:, :, None], 0.0).contiguous()


def _summed(emitted: Tensor, start: Tensor, across: Tensor) -> tuple[Tensor, Tensor]:
    """Sum over all tags before each step.

    Parameters
    ----------
    emitted : Tensor of shape (T, B, K)
        exp of the emissions.
    start : Tensor of shape (K,)
    across : Tensor of shape (K, K)
        exp of the transitions.

    Returns
    -------
    shares : Tensor of shape (T, B, K)
        Of each tag in the sum so far.
    sums : Tensor of shape (T, B)
        What each step multiplies the sum by.
    """
    shares = torch.empty_like(emitted)
    sums = emitted.new_empty(*emitted.shape[:2], 1)
    torch.mul(emitted[0], start, out=shares[0])
    # Scaled to sum to 1 at each step: products of thousands of steps would run out of float64.
    for t in range(len(emitted)):
        if t:
            torch.mm(shares[t - 1], across, out=shares[t])
            shares[t] *= emitted[t]
        torch.sum(shares[t], 1, keepdim=True, out=sums[t])
        shares[t] /= sums[t]
    return shares, sums[:, :, 0]
