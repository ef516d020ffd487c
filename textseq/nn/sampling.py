"""Sequences drawn from a model that says one token after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from textseq.nn.beam_search import Step, let_end
from textseq.nn.hypotheses import Hypotheses
from textseq.nn.stateful_run import States, take_rows

# (number of a source, log-probabilities (V,)) -> the id that is drawn.
Draw = Callable[[int, np.ndarray], int]


def sample(
    step: Step,
    states: States,
    longest: Tensor,
    draw: Draw,
    *,
    begin: int,
    end: int,
    never: Sequence[int] = (),
) -> Hypotheses:
    """Draw one sequence for each source, token by token until its end.

    Parameters
    ----------
    step, states, longest, begin, end, never
        As ``beam_search`` takes them.
    draw : callable
        Called for a source's tokens in their order; which sources are drawn for in between is
        of no account to it.

    Returns
    -------
    Hypotheses
        One a source, scored by its log-probability.
    """
    device, most = longest.device, int(longest.max())
    sources = torch.arange(len(longest), device=device)
    found = Hypotheses.places(len(longest), 1, most + 1, end, device)
    found.log_probabilities.zero_()
    words = torch.full((len(longest), 1), begin, device=device)
    for place in range(most + 1):
        chances, states = step(words, states, sources)
        chances[:, :, list(never)] = -torch.inf
        goes_on = let_end(chances, longest[sources] <= place, end)
        scores = chances[:, 0].double().cpu().numpy()
        drawn = [draw(*pair) for pair in zip(sources.tolist(), scores, strict=True)]
        words = torch.tensor(drawn, device=device)[:, None]
        found.ids[sources, 0, place] = words[:, 0]
        found.log_probabilities[sources] += chances.gather(2, words[:, :, None])[:, :, 0]
        found.cut[sources] = goes_on
        rows = (words[:, 0] != end).nonzero()[:, 0]
        if not len(rows):
            break
        states, sources, words = take_rows(states, rows), sources[rows], words[rows]
    return replace(found, ids=found.ids[:, :, :most], scores=found.log_probabilities)
