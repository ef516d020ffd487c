"""The likeliest sequences of a model that says one token after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from textseq.nn.stateful_run import States, take_rows

# (last tokens (B, K), states of B * K rows, sources (B,)) -> log-probabilities (B, K, V) of the
# next tokens, and states.
Step = Callable[[Tensor, States, Tensor], tuple[Tensor, States]]


def length_penalty_of(length: int, alpha: float) -> float:
    """Return what the log-probability of so many tokens is divided by.

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
    n_sources: int,
    *,
    beam_size: int,
    longest: int,
    length_penalty: float,
    begin: int,
    end: int,
    never: Sequence[int] = (),
) -> tuple[Tensor, Tensor]:
    """Find a likely sequence for each source, all sources at once.

    The ``beam_size`` likeliest beginnings go on, step by step. One that ends is set aside and
    leaves a place less to the others; with one beam that is greedy search. A source is done
    when no beginning can score higher than what has ended.

    Parameters
    ----------
    step : callable
    states : States of n_sources rows
        Before the first token.
    n_sources : int
    beam_size : int
    longest : int
        Tokens after which a sequence must end.
    length_penalty : float
        alpha, at least 0: a sequence of n tokens, its end included, scores its log-probability
        divided by ((5 + n) / 6) ** alpha.
    begin, end : int
        Ids that stand before and behind a sequence.
    never : sequence of int
        Ids that are not said.

    Returns
    -------
    ids : Tensor of shape (n_sources, longest), int64
        Padded with ``end``.
    scores : Tensor of shape (n_sources,)

    References
    ----------
    Sutskever, Vinyals & Le (2014), "Sequence to Sequence Learning with Neural Networks",
    section 3.2.
    """
    device = states[0][0].device
    sources = torch.arange(n_sources, device=device)
    found = torch.full((n_sources, longest + 1), end, device=device)
    best = torch.full((n_sources,), -torch.inf, device=device)
    sequences = torch.full((n_sources, 1, 1), begin, device=device)  # (B, K, tokens)
    totals = torch.zeros(n_sources, 1, device=device)  # (B, K)
    n_open = torch.full((n_sources, 1), beam_size, device=device)
    at_most = length_penalty_of(longest + 1, length_penalty)
    for length in range(1, longest + 2):
        chances, states = step(sequences[:, :, -1], states, sources)
        chances[:, :, list(never)] = -torch.inf
        if length > longest:
            chances[:, :, :end] = chances[:, :, end + 1 :] = -torch.inf
        n_before, n_tokens = chances.shape[1:]
        candidates = (totals[:, :, None] + chances).flatten(1)
        totals, chosen = candidates.topk(min(beam_size, candidates.shape[1]), dim=1)
        parents, tokens = chosen // n_tokens, chosen % n_tokens
        sequences = torch.cat([_take(sequences, parents), tokens[:, :, None]], dim=2)

        beyond = torch.arange(totals.shape[1], device=device) >= n_open
        totals = totals.masked_fill(beyond, -torch.inf)
        ended = (tokens == end) & totals.isfinite()
        score, which = totals.masked_fill(~ended, -torch.inf).max(1)
        score = score / length_penalty_of(length, length_penalty)
        better = score > best[sources]
        best[sources[better]] = score[better]
        found[sources[better], :length] = _take(sequences, which[:, None])[better, 0, 1:]

        n_open = n_open - ended.sum(1, keepdim=True)
        totals = totals.masked_fill(ended, -torch.inf)
        # Longer, a sequence gets no likelier, and no more is made up for its length than at_most.
        rows = (totals.amax(1) / at_most > best[sources]).nonzero()[:, 0]
        if not len(rows):
            break
        states = take_rows(states, (rows[:, None] * n_before + parents[rows]).flatten())
        sources, sequences = sources[rows], sequences[rows]
        totals, n_open = totals[rows], n_open[rows]
    return found[:, :longest], best


def _take(sequences: Tensor, which: Tensor) -> Tensor:
    """Pick sequences (B, n, tokens) of each row's (B, K, tokens) by their index (B, n)."""
    return sequences.gather(1, which[:, :, None].expand(-1, -1, sequences.shape[2]))
