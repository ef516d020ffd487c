"""Beam search against brute force over all sequences, and against plain greedy search."""

from itertools import product

import pytest
import torch
from rounding import rounding

from textseq.nn.beam_search import beam_search

BEGIN, END, N_TOKENS, LONGEST = 0, 1, 5, 3
SAYABLE = [2, 3]  # 4 is never said


def chances_after(source, said):
    """Log-probabilities of the next token, drawn for every source and beginning."""
    seed = 1 + source * 1_000_003 + sum((token + 1) * 7**place for place, token in enumerate(said))
    logits = 2 * torch.randn(N_TOKENS, generator=torch.Generator().manual_seed(seed))
    logits[END] -= 1  # or most would be empty
    return logits.log_softmax(0)


def searched(sources, beam_size, penalty):
    """Search with a step whose state is all that was said so far."""

    def step(words, states, rows):
        (history,) = states[0]
        history = torch.cat([history, words.reshape(-1, 1)], dim=1)
        sources_of = [sources[row] for row in rows.tolist() for _ in range(words.shape[1])]
        chances = [
            chances_after(source, said[1:])
            for source, said in zip(sources_of, history.tolist(), strict=True)
        ]
        return torch.stack(chances).view(*words.shape, -1), ((history,),)

    start = ((torch.zeros(len(sources), 0, dtype=torch.int64),),)
    return beam_search(
        step, start, len(sources), beam_size=beam_size, longest=LONGEST, length_penalty=penalty,
        begin=BEGIN, end=END, never=(BEGIN, 4),
    )  # fmt: skip


def scored(source, said, penalty):
    """Score a sequence, its end included, token by token."""
    total = sum(
        float(chances_after(source, said[:place])[token])
        for place, token in enumerate([*said, END])
    )
    return total / ((5 + len(said) + 1) / 6) ** penalty


def all_sequences():
    for length in range(LONGEST + 1):
        yield from (list(said) for said in product(SAYABLE, repeat=length))


def without_end(row):
    return [token for token in row.tolist() if token != END]


@pytest.mark.parametrize("penalty", [0.0, 0.6, 2.0])
def test_a_wide_beam_finds_the_best_of_all(penalty):
    sources = list(range(40))
    ids, scores = searched(sources, beam_size=len(SAYABLE) ** LONGEST, penalty=penalty)
    lengths = set()
    for source, row, score in zip(sources, ids, scores.tolist(), strict=True):
        best = max(all_sequences(), key=lambda said: scored(source, said, penalty))
        assert without_end(row) == best
        assert score == pytest.approx(scored(source, best, penalty), abs=rounding(scores))
        lengths.add(len(best))
    assert lengths == {0, 1, 2, 3}


def test_one_beam_is_greedy():
    sources = list(range(40))
    ids, scores = searched(sources, beam_size=1, penalty=1.0)
    for source, row, score in zip(sources, ids, scores.tolist(), strict=True):
        said = []
        while len(said) < LONGEST:
            chances = chances_after(source, said)
            token = max([END, *SAYABLE], key=lambda token: float(chances[token]))
            if token == END:
                break
            said.append(token)
        assert without_end(row) == said
        assert score == pytest.approx(scored(source, said, 1.0), abs=rounding(scores))


@pytest.mark.parametrize("beam_size", [1, 2, 3])
def test_a_batch_of_sources_equals_one_by_one(beam_size):
    ids, scores = searched(list(range(20)), beam_size, 1.0)
    for source in range(20):
        alone, score = searched([source], beam_size, 1.0)
        assert torch.equal(alone[0], ids[source])
        assert torch.equal(score[0], scores[source])


def narrow_search(source, beam_size):
    """Beam search written out: what ends is set aside, and the beam is one narrower."""
    beam, ended = [(0.0, [])], []
    for length in range(LONGEST + 1):
        grown = [
            (total + float(chances_after(source, said)[token]), [*said, token])
            for total, said in beam
            for token in ([END, *SAYABLE] if length < LONGEST else [END])
        ]
        kept = sorted(grown, reverse=True)[: beam_size - len(ended)]
        ended += [(total, said[:-1]) for total, said in kept if said[-1] == END]
        beam = [(total, said) for total, said in kept if said[-1] != END]
    return max(ended)


@pytest.mark.parametrize("beam_size", [2, 3])
def test_a_narrow_beam_is_that_written_out(beam_size):
    ids, scores = searched(list(range(80)), beam_size, 0.0)
    for source in range(80):
        total, said = narrow_search(source, beam_size)
        assert without_end(ids[source]) == said
        assert float(scores[source]) == pytest.approx(total, abs=rounding(scores))


def test_wider_beams_score_higher_on_the_whole():
    means = [float(searched(list(range(60)), width, 0.0)[1].mean()) for width in (1, 2, 8)]
    assert means == sorted(means) and means[0] < means[-1]


def test_what_ended_stays_as_it_is():
    ids, _ = searched(list(range(60)), 2, 1.0)
    ended = (ids == END).cummax(1).values
    assert (ids[ended] == END).all() and ended.any() and not ended.all()
