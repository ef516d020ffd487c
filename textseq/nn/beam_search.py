"""The likeliest sequences of a model that says one token after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import torch
from torch import Tensor

from textseq.nn.hypotheses import Hypotheses, take_sequences
from textseq.nn.stateful_run import States, take_rows

Length = TypeVar("Length", float, Tensor)

# The greatest of many numbers are sought by the maxima of blocks of so many; fewer blocks than
# this for each number sought save nothing.
BLOCK, FEWEST_BLOCKS = 128, 4

# (last tokens (B, K), states of B * K rows, sources (B,)) -> log-probabilities (B, K, V) of the
# next tokens, and states.
Step = Callable[[Tensor, States, Tensor], tuple[Tensor, States]]


def length_penalty_of(length: Length, alpha: float) -> Length:
    """Return what the log-probability of so many tokens, one number or many, is divided by.

    References
    ----------
    Wu et al. (2016), "Google's Neural Machine Translation System", equation 14.

    Examples
    --------
    >>> length_penalty_of(7, alpha=1.0), length_penalty_of(7, alpha=0.0)
    (2.0, 1.0)
    """
    return ((5 + length) / 6) ** alpha


def beam_search(
    step: Step,
    states: States,
    longest: Tensor,
    *,
    beam_size: int,
    length_penalty: float,
    begin: int,
    end: int,
    never: Sequence[int] = (),
    n_best: int = 1,
) -> Hypotheses:
    """Find likely sequences for each source, all sources at once.

    The ``beam_size`` likeliest beginnings go on, step by step. One that ends is set aside and
    leaves a place less to the others; with one beam that is greedy search. A source is done
    when no beginning can score higher than the ``n_best`` that have ended.

    Parameters
    ----------
    step : callable
    states : States of n_sources rows
        Before the first token.
    longest : Tensor of shape (n_sources,), int64
        Tokens after which each source's sequence must end.
    beam_size : int
    length_penalty : float
        alpha, at least 0: a sequence of n tokens, its end included, scores its log-probability
        divided by ((5 + n) / 6) ** alpha.
    begin, end : int
        Ids that stand before and behind a sequence.
    never : sequence of int
        Ids that are not said.
    n_best : int, default 1
        Sequences to find, ``beam_size`` at most.

    Returns
    -------
    Hypotheses
        Ids are of shape (n_sources, n_best, the greatest ``longest``).

    References
    ----------
    Sutskever, Vinyals & Le (2014), "Sequence to Sequence Learning with Neural Networks",
    section 3.2.
    """
    device, n_sources, most = longest.device, len(longest), int(longest.max())
    sources = torch.arange(n_sources, device=device)
    found = Hypotheses.places(n_sources, n_best, most + 1, end, device)
    sequences = torch.full((n_sources, 1, 1), begin, device=device)  # (B, K, tokens)
    totals = torch.zeros(n_sources, 1, device=device)  # (B, K)
    n_open = torch.full((n_sources, 1), beam_size, device=device)
    at_most = length_penalty_of(longest.float() + 1, length_penalty)  # (n_sources,)
    for length in range(1, most + 2):
        chances, states = step(sequences[:, :, -1], states, sources)
        chances[:, :, list(never)] = -torch.inf
        goes_on = let_end(chances, longest[sources] < length, end)
        n_before = chances.shape[1]
        # No more than these of one beginning are among the likeliest of all: (B, K, likeliest).
        likeliest, own = top_of_many(chances, beam_size)
        candidates = (totals[:, :, None] + likeliest).flatten(1)
        totals, chosen = candidates.topk(min(beam_size, candidates.shape[1]), dim=1)
        parents, tokens = chosen // own.shape[2], own.flatten(1).gather(1, chosen)
        sequences = torch.cat([take_sequences(sequences, parents), tokens[:, :, None]], dim=2)

        beyond = torch.arange(totals.shape[1], device=device) >= n_open
        totals = totals.masked_fill(beyond, -torch.inf)
        ended = (tokens == end) & totals.isfinite()
        log_probabilities = totals.masked_fill(~ended, -torch.inf)
        scores = log_probabilities / length_penalty_of(length, length_penalty)
        cut = goes_on.gather(1, parents)
        new = Hypotheses(sequences[:, :, 1:], scores, log_probabilities, cut)
        some = ended.any(1).nonzero()[:, 0]
        if len(some):
            found.keep(sources[some], new.take(some), end)

        n_open = n_open - ended.sum(1, keepdim=True)
        totals = totals.masked_fill(ended, -torch.inf)
        # Longer, a sequence gets no likelier, and no more is made up for its length than at_most.
        best = totals.amax(1) / at_most[sources]
        rows = (best > found.scores[sources, -1]).nonzero()[:, 0]
        if not len(rows):
            break
        states = take_rows(states, (rows[:, None] * n_before + parents[rows]).flatten())
        sources, sequences = sources[rows], sequences[rows]
        totals, n_open = totals[rows], n_open[rows]
    return replace(found, ids=found.ids[:, :, :most])


def top_of_many(x: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Return the k greatest of the last dimension and their indices, as ``Tensor.topk`` does.

    Of many they are sought in the k blocks alone whose maxima are greatest.

    Parameters
    ----------
    x : Tensor of shape (..., n)
    k : int
        All are returned where there are fewer.

    Examples
    --------
    >>> values, indices = top_of_many(torch.arange(10_000.0), 2)
    >>> values.tolist(), indices.tolist()
    ([9999.0, 9998.0], [9999, 9998])
    """
    n = x.shape[-1]
    n_blocks, rest = divmod(n, BLOCK)
    if n_blocks < FEWEST_BLOCKS * k:
        found = x.topk(min(k, n), dim=-1)
        return found.values, found.indices
    blocks = x[..., : n - rest].unflatten(-1, (n_blocks, BLOCK))
    of_best = blocks.amax(-1).topk(k, dim=-1).indices  # (..., k)
    inside = blocks.gather(-2, of_best[..., None].expand(*of_best.shape, BLOCK)).flatten(-2)
    places = of_best[..., None] * BLOCK + torch.arange(BLOCK, device=x.device)
    places = places.flatten(-2)
    if rest:
        last = torch.arange(n - rest, n, device=x.device).expand(*x.shape[:-1], rest)
        inside, places = torch.cat([inside, x[..., n - rest :]], -1), torch.cat([places, last], -1)
    values, chosen = inside.topk(k, dim=-1)
    return values, places.gather(-1, chosen)


def let_end(chances: Tensor, must_end: Tensor, end: int) -> Tensor:
    """Leave the end alone to sequences that must end, of log-probabilities (B, K, V) in place.

    Parameters
    ----------
    chances : Tensor of shape (B, K, V)
    must_end : Tensor of shape (B,), bool
    end : int

    Returns
    -------
    Tensor of shape (B, K), bool
        Whether another token would have been likelier.
    """
    goes_on = torch.zeros(chances.shape[:2], dtype=torch.bool, device=chances.device)
    if must_end.any():
        goes_on[must_end] = chances[must_end].argmax(2) != end
        chances[must_end, :, :end] = chances[must_end, :, end + 1 :] = -torch.inf
    return goes_on
