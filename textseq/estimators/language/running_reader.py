"""Texts read one after the other, each with what was learned of those before it."""

from __future__ import annotations

import numpy as np
import torch

from textseq.estimators.base import copied
from textseq.nn.cache import ContinuousCache
from textseq.nn.language import LanguageNetwork
from textseq.nn.stateful_run import States, detached
from textseq.streams import NextTokens
from textseq.training.dynamic_evaluation import DynamicEvaluation

# Tokens after each of which the weights move, and those that are read at once where none do.
SEGMENT, PIECE = 20, 256


class RunningReader:
    """Reads texts in their order; the network, the cache or both learn from each for the next.

    Each text begins with a state of its own. What is scored is never learned from before.

    Parameters
    ----------
    network : LanguageNetwork
        In evaluation mode; it stays as it is.
    adapt : bool
        Whether a copy of its weights moves on.
    cache : int, optional
        Steps of a ``ContinuousCache``.
    """

    def __init__(self, network: LanguageNetwork, adapt: bool, cache: int | None) -> None:
        self._network = copied(network) if adapt else network
        self._learner = DynamicEvaluation(self._network) if adapt else None
        self._cache = None if cache is None else ContinuousCache(cache)

    def log_probabilities(self, rows: NextTokens) -> np.ndarray:
        """Return log p (n,) of each row."""
        texts = zip(rows.starts, rows.lengths, strict=True)
        return np.array([self._text(rows.ids[start : start + n + 1]) for start, n in texts])

    def _text(self, ids: np.ndarray) -> float:
        """Return log p of a text's ids (n + 1,), from its second on."""
        tokens = torch.from_numpy(ids.astype(np.int64))
        total, before = 0.0, None
        size = PIECE if self._learner is None else SEGMENT
        for read, said in zip(tokens[:-1].split(size), tokens[1:].split(size), strict=True):
            log_p, before = self._piece(read, said, before)
            total += log_p
        return total

    def _piece(
        self, read: torch.Tensor, said: torch.Tensor, before: States | None
    ) -> tuple[float, States]:
        network, learner = self._network, self._learner
        with torch.set_grad_enabled(learner is not None):
            states, end = network.read(read[None], before)
            losses = network.output.losses(states[0], said, network.inputs.weight)
        log_p = -losses.detach().double()
        if self._cache is not None:
            log_p = self._cache.mixed(log_p, states[0].detach(), said)
        if learner is not None:
            learner.learn(losses.sum() / SEGMENT)
        return float(log_p.sum()), detached(end)
