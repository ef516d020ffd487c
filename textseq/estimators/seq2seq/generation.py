"""What an encoder-decoder says of sources: searched for, or drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from textseq.batches import SequenceData
from textseq.estimators.language.generation import Sampling
from textseq.nn.encoder_decoder import Seq2SeqNetwork
from textseq.nn.hypotheses import Hypotheses
from textseq.nn.sampling import Draw
from textseq.nn.token_decoder import END
from textseq.nn.trainable import Inputs
from textseq.ragged import Ragged
from textseq.training.outputs import by_batch
from textseq.training.threads import ThreadTeam


@dataclass(frozen=True)
class Search:
    """How answers are searched for; ``beam_search`` tells the parameters."""

    beam_size: int
    length_penalty: float


@dataclass(frozen=True)
class Drawing:
    """How answers are drawn.

    Parameters
    ----------
    seed : int
        Each answer to each source has random numbers of its own, whatever is asked beside it.
    sampling : Sampling
    """

    seed: int
    sampling: Sampling


@dataclass(frozen=True, eq=False)
class Said:
    """N answers to each of n sources.

    Parameters
    ----------
    ids : list of n * N ndarrays of int64
        Without their ends; a source's answers follow each other, the best first.
    log_probabilities : ndarray of shape (n, N)
    there : ndarray of shape (n, N), bool
        False where a search found fewer than N.
    cut : ndarray of shape (n, N), bool
        Whether an answer is as long as it may be, and would have gone on.
    """

    ids: list[np.ndarray]
    log_probabilities: np.ndarray
    there: np.ndarray
    cut: np.ndarray

    def silent(self, rows: np.ndarray) -> Said:
        """Return the same but for rows (n,), bool, of which nothing is said."""
        if not rows.any():
            return self
        n_best = self.there.shape[1]
        nothing = np.empty(0, dtype=np.int64)
        ids = [nothing if rows[k // n_best] else ids for k, ids in enumerate(self.ids)]
        there = self.there.copy()
        there[rows] = np.arange(n_best) == 0
        log_probabilities = np.where(rows[:, None], 0.0, self.log_probabilities)
        return Said(ids, log_probabilities, there, self.cut & ~rows[:, None])


def say(
    network: Seq2SeqNetwork,
    source: Ragged,
    longest: np.ndarray,
    team: ThreadTeam,
    how: Search | Drawing,
    *,
    n_best: int,
    never: Sequence[int],
) -> Said:
    """Answer sources.

    Parameters
    ----------
    network : Seq2SeqNetwork
    source : Ragged of n rows
    longest : ndarray of shape (n,), int64
        Most tokens of each answer.
    team : ThreadTeam
    how : Search or Drawing
    n_best : int
    never : sequence of int
        Ids that are not said.
    """
    n_sources = len(source)
    if isinstance(how, Drawing):
        copies = np.repeat(np.arange(n_sources), n_best)
        source, longest = source.take(copies), longest[copies]
    numbers = np.column_stack([np.arange(len(source)), longest])
    asked = Ragged(numbers.ravel(), np.arange(0, 2 * len(source) + 1, 2))

    def answer(network: Seq2SeqNetwork, fields: Inputs) -> tuple[np.ndarray, ...]:
        rows, limits = fields[1][0].view(-1, 2).unbind(1)
        if isinstance(how, Drawing):
            draw = _draws(how, rows.tolist())
            return _arrays(network.sample(fields[0], limits, draw, never=never))
        found = network.generate(
            fields[0],
            limits,
            beam_size=max(how.beam_size, n_best),
            length_penalty=how.length_penalty,
            n_best=n_best,
            never=never,
        )
        return _arrays(found)

    batches, parts = by_batch(network, SequenceData((source, asked)), team, answer)
    # Of equal lengths, so that each source's answers stand side by side.
    order = np.argsort(np.concatenate(batches))
    ids = [row[row != END] for part in parts for row in part[0].reshape(-1, part[0].shape[2])]
    log_probabilities, cut = (
        np.concatenate([part[place] for part in parts])[order].reshape(n_sources, n_best)
        for place in (1, 2)
    )
    per_row = len(ids) // len(order)
    ids = [ids[row * per_row + rank] for row in order.tolist() for rank in range(per_row)]
    there = np.isfinite(log_probabilities)
    return Said(ids, log_probabilities.astype(np.float64), there, cut & there)


def _arrays(found: Hypotheses) -> tuple[np.ndarray, ...]:
    parts = found.ids, found.log_probabilities, found.cut
    return tuple(part.cpu().numpy() for part in parts)


def _draws(how: Drawing, rows: list[int]) -> Draw:
    """Return what draws for the sources of a batch, each by a generator of its own."""
    generators = [np.random.default_rng([how.seed, row]) for row in rows]

    def draw(source: int, scores: np.ndarray) -> int:
        return how.sampling.draw(scores, generators[source])

    return draw


def with_ends(ids: list[np.ndarray]) -> Ragged:
    """Lay answers end to end, each with its end."""
    return Ragged.from_rows([np.append(row, END) for row in ids])
