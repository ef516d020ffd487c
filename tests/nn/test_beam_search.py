"""Beam search against brute force over all sequences, and against plain greedy search."""

from itertools import product

import pytest
import torch
from rounding import rounding

from textseq.nn.beam_search import BLOCK, beam_search, top_of_many

BEGIN, END, N_TOKENS, LONGEST = 0, 1, 5, 3
SAYABLE = [2, 3]  # 4 is never said


def chances_after(source, said):
    """Log-probabilities of the next token, drawn for every source and beginning."""
    seed = 1 + source * 1_000_003 + sum((token + 1) * 7**place for place, token in enumerate(said))
    logits = 2 * torch.randn(N_TOKENS, generator=torch.Generator().manual_seed(seed))
    logits[END] -= 1  # or most would be empty
    return logits.log_softmax(0)


def searched(sources, beam_size, penalty, longest=LONGEST):
    """Return the best sequence of each source, and its score."""
    found = search(sources, beam_size, penalty, longest)
    return found.ids[:, 0], found.scores[:, 0]


def search(sources, beam_size, penalty, longest=LONGEST, n_best=1):
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
    limits = torch.as_tensor(longest).expand(len(sources))
    return beam_search(
        step, start, limits, beam_size=beam_size, length_penalty=penalty, begin=BEGIN, end=END,
        never=(BEGIN, 4), n_best=n_best,
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


@pytest.mark.parametrize("penalty", [0.0, 0.6])
def test_the_best_of_all_in_their_order(penalty):
    sources = list(range(20))
    found = search(sources, beam_size=len(list(all_sequences())), penalty=penalty, n_best=4)
    for source in sources:
        of_all = sorted(
            all_sequences(), key=lambda said: scored(source, said, penalty), reverse=True
        )
        assert [without_end(row) for row in found.ids[source]] == of_all[:4]
        for said, total in zip(of_all, found.log_probabilities[source].tolist(), strict=False):
            assert total == pytest.approx(scored(source, said, 0.0), abs=rounding(total))


def test_the_best_is_the_same_among_several():
    alone, among = (search(list(range(40)), 5, 0.6, n_best=n_best) for n_best in (1, 3))
    assert torch.equal(alone.ids[:, 0], among.ids[:, 0])
    assert torch.equal(alone.scores[:, 0], among.scores[:, 0])


def test_places_that_nothing_was_found_for_score_nothing():
    found = search([0, 1], 8, 0.0, longest=0, n_best=8)
    assert found.scores[:, 0].isfinite().all() and found.scores[:, 1:].isinf().all()


def test_each_source_has_its_own_length():
    limits = [number % 4 for number in range(40)]
    together, scores = searched(list(range(40)), 3, 0.6, limits)
    for source, limit in enumerate(limits):
        alone, score = searched([source], 3, 0.6, limit)
        assert len(without_end(together[source])) <= limit
        assert without_end(alone[0]) == without_end(together[source])
        assert torch.equal(score[0], scores[source])


def test_what_would_have_gone_on_is_cut():
    found = search(list(range(60)), 1, 0.0, longest=1)
    for source, row, cut in zip(range(60), found.ids[:, 0], found.cut[:, 0], strict=True):
        said = without_end(row)
        chances = chances_after(source, said)
        goes_on = max([END, *SAYABLE], key=lambda token: float(chances[token])) != END
        assert bool(cut) == goes_on
    assert found.cut.any() and not found.cut.all()


@pytest.mark.parametrize("n", [3, BLOCK, 40 * BLOCK, 40 * BLOCK + 5])
def test_the_greatest_of_many_are_those_of_all(n):
    x = torch.randn(2, 3, n, generator=torch.Generator().manual_seed(0))
    x[0, 0, n // 2 :] = -torch.inf
    x[0, 1, : n - 1] = -torch.inf  # as where a sequence must end
    x[1, 2, -3:] += 9
    values, indices = top_of_many(x, 5)
    assert torch.equal(values, x.topk(min(5, n)).values)
    assert torch.equal(values, x.gather(2, indices))
    assert all(len(set(row)) == min(5, n) for row in indices.flatten(0, 1).tolist())
