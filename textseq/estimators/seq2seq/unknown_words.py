"""Words of a source that no training source held: where an answer speaks of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from textseq.batches import SequenceData
from textseq.estimators.seq2seq.generation import with_ends
from textseq.nn.encoder_decoder import Seq2SeqNetwork
from textseq.nn.token_decoder import UNKNOWN
from textseq.nn.trainable import Inputs
from textseq.ragged import Ragged
from textseq.text.tokens import Tokens
from textseq.text.vocabulary import SPECIALS, UNKNOWN_ID
from textseq.training.outputs import step_outputs
from textseq.training.threads import ThreadTeam

UNKNOWNS = ("copy", "mark", "never")
# Known words that are read in another's place.
N_OTHERS = 4
# From this change of its probabilities on, a step hangs on a word of the source.
LEAST_CHANGE = 0.1
# Places that attention looks at most which a step that says <unk> may stand for.
N_LOOKED_AT = 5
# Probabilities that are held at once.
NUMBERS_AT_ONCE = 2**22

# For each answer the places of the source's words that stand at its steps.
Places = list[dict[int, int]]


def unknown_steps(ids: Ragged, tokens: Tokens) -> np.ndarray:
    """Return which tokens (n_ids,) of sources are unknown, and do not say ``<unk>`` themselves.

    Parameters
    ----------
    ids : Ragged of n rows
        What the network reads: of long sources the beginning.
    tokens : Tokens of n texts
    """
    is_mark = np.array([token == SPECIALS[UNKNOWN_ID] for token in tokens.distinct], dtype=bool)
    codes = tokens.codes.copied(tokens.codes.offsets[:-1], ids.lengths)
    return (ids.values == UNKNOWN_ID) & ~is_mark[codes]


def places_of_unknown(
    network: Seq2SeqNetwork,
    source: Ragged,
    unknown: np.ndarray,
    answers: Sequence[np.ndarray],
    team: ThreadTeam,
) -> Places:
    """Find the steps of answers that stand for words of the source that are not known.

    Other words are read in the place of each such word: the step whose probabilities change most
    stands for it, unless they hardly change. A step that says ``<unk>`` stands for a word of the
    source in any case: for that of those its attention looks at most whose change it heeds most.

    Parameters
    ----------
    network : Seq2SeqNetwork
    source : Ragged of n rows of ids
    unknown : ndarray of shape (n_ids,), bool
        Which of them are unknown.
    answers : sequence of n ndarrays of ids, without their ends
    team : ThreadTeam

    Returns
    -------
    list of n dict of int to int
        Places in the source by the answer's steps.
    """
    found: Places = [{} for _ in answers]
    starts = source.offsets[:-1]
    asked = [
        (row, int(place))
        for row, ids in enumerate(answers)
        if len(ids)
        for place in np.flatnonzero(unknown[starts[row] : source.offsets[row + 1]])
    ]
    _place(found, asked, _changes(network, source, answers, team, asked), answers, LEAST_CHANGE)
    # Words that the model knows, and has no word for.
    looked_at = _looked_at(network, source, answers, team, found)
    known = [pair for pair in looked_at if not unknown[starts[pair[0]] + pair[1]]]
    _place(found, known, _changes(network, source, answers, team, known), answers, None)
    return found


def _place(
    found: Places,
    asked: Sequence[tuple[int, int]],
    changes: list[np.ndarray],
    answers: Sequence[np.ndarray],
    least: float | None,
) -> None:
    """Give each step that a place changes to one of them, the greatest change first.

    Parameters
    ----------
    found : Places
        What is added to.
    asked : sequence of (row, place)
    changes : list of ndarray of shape (n_steps,)
    answers : sequence of ndarray
    least : float or None
        Smaller changes are none; with None only steps that say ``<unk>`` are given, of any change.
    """
    by_row: defaultdict[int, list[tuple[float, int, int]]] = defaultdict(list)
    for (row, place), change in zip(asked, changes, strict=True):
        for step, size in enumerate(change.tolist()):
            if answers[row][step] == UNKNOWN if least is None else size >= least:
                by_row[row].append((-size, step, place))
    for row, candidates in by_row.items():
        placed = set(found[row].values())
        for _, step, place in sorted(candidates):
            if step not in found[row] and place not in placed:
                found[row][step] = place
                placed.add(place)


def _looked_at(
    network: Seq2SeqNetwork,
    source: Ragged,
    answers: Sequence[np.ndarray],
    team: ThreadTeam,
    found: Places,
) -> list[tuple[int, int]]:
    """Return (row, place) that steps which say ``<unk>``, and have no place yet, attend to most."""
    left = {
        row: steps
        for row, ids in enumerate(answers)
        if (steps := [step for step in np.flatnonzero(ids == UNKNOWN) if step not in found[row]])
    }
    if not left or network.decoder.attention is None:
        return []
    rows = list(left)
    said = with_ends([answers[row] for row in rows])
    n_places = min(N_LOOKED_AT, int(source.lengths[rows].max()))

    def most_attended(network: Seq2SeqNetwork, fields: Inputs) -> Tensor:
        _, weights = network.reread(fields[0], fields[1])
        assert weights is not None
        lengths = fields[1][1].diff()
        real = torch.arange(weights.shape[1], device=weights.device) < lengths[:, None]
        # A batch may have shorter sources only; padding has no weight.
        weights = torch.nn.functional.pad(weights[real], (0, n_places))
        return weights.topk(n_places, dim=1).indices

    data = SequenceData((source.take(rows), said))
    places = step_outputs(network, data, team, most_attended, said.lengths)
    return [
        (row, place)
        for number, row in enumerate(rows)
        for place in np.unique(places[number][left[row]]).tolist()
        if place < source.lengths[row]
    ]


def _changes(
    network: Seq2SeqNetwork,
    source: Ragged,
    answers: Sequence[np.ndarray],
    team: ThreadTeam,
    asked: Sequence[tuple[int, int]],
) -> list[np.ndarray]:
    """Return how much other words in a word's place change an answer's steps.

    Returns
    -------
    list of ndarray of shape (n_steps,)
        Of each (row, place) that is asked: half the sum of the absolute changes of all tokens'
        probabilities, from 0 to 1, on the mean over the words.
    """
    if not asked:
        return []
    table = network.inputs.weight
    assert table is not None
    others = other_words(len(table))
    rows = np.array([row for row, _ in asked])
    places = np.array([place for _, place in asked])
    read, said = source.take(rows), with_ends([answers[row] for row in rows])
    fields = [read, said]
    for word in others:
        values = read.values.copy()
        values[read.offsets[:-1] + places] = word
        fields.append(Ragged(values, read.offsets))
    found = step_outputs(network, SequenceData(tuple(fields)), team, _change, said.lengths)
    # The end stands for no word.
    return [found[number][:-1] for number in range(len(asked))]


def _change(network: Seq2SeqNetwork, fields: Inputs) -> Tensor:
    """Return the mean change (n_ids,) of the probabilities of steps from one source to others."""
    source, target, *others = fields
    before, *after = (network.reread(one, target, False)[0] for one in (source, *others))
    changes = torch.zeros(len(before), device=before.device)
    # Of some steps at a time: all tokens' probabilities at all steps are more than memory holds.
    size = max(NUMBERS_AT_ONCE // len(network.decoder.bias), 1)
    for first in range(0, len(before), size):
        steps = slice(first, first + size)
        shares = network.decoder.logits(before[steps]).float().softmax(1)
        for features in after:
            changed = network.decoder.logits(features[steps]).float().softmax(1)
            changes[steps] += (changed - shares).abs().sum(1)
    return changes / (2 * len(after))


def other_words(n_ids: int) -> np.ndarray:
    """Return ids of known words, common and rare ones.

    Examples
    --------
    >>> other_words(1002)
    array([127, 377, 627, 877])
    """
    n_words = n_ids - len(SPECIALS)
    ranks = (np.arange(N_OTHERS) + 0.5) / N_OTHERS * n_words
    return np.unique(ranks.astype(np.int64)) + len(SPECIALS)
