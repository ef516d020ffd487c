"""The field against all ways to tag short rows, counted one by one."""

import itertools

import numpy as np
import pytest
import torch

from textseq.labels.spans import SpanRules, as_lists
from textseq.nn.crf import LinearChain, SpanMarks, _ChainLosses
from textseq.nn.tagging import SeparateTags
from textseq.ragged import Ragged
from textseq.training.threads import ThreadTeam

LENGTHS = [4, 1, 0, 3]


def chain_of(n_tags, scale=2.0, seed=0):
    chain = LinearChain(n_tags).double()
    generator = torch.Generator().manual_seed(seed)
    for weight in chain.parameters():
        weight.data = scale * torch.randn(weight.shape, generator=generator, dtype=torch.float64)
    return chain.requires_grad_(False)


def emissions_of(n_tags, scale=3.0, width=5):
    generator = torch.Generator().manual_seed(7)
    shape = len(LENGTHS), width, n_tags
    emissions = scale * torch.randn(shape, generator=generator, dtype=torch.float64)
    tags = torch.randint(0, n_tags, shape[:2], generator=generator)
    return emissions, tags, torch.tensor(LENGTHS)


def all_scores(chain, emissions):
    """Yield every tagging of one row (T, K) and its score."""
    for tags in itertools.product(range(emissions.shape[1]), repeat=len(emissions)):
        score = chain.starts[tags[0]] + chain.ends[tags[-1]]
        score = score + sum(emissions[t, tag] for t, tag in enumerate(tags))
        yield tags, score + sum(chain.transitions[pair] for pair in itertools.pairwise(tags))


@pytest.mark.parametrize("n_tags", [2, 3])
@pytest.mark.parametrize("scale", [1.0, 20.0])
def test_losses_probabilities_and_best_tags_are_those_of_counting(n_tags, scale):
    chain = chain_of(n_tags, scale)
    emissions, tags, lengths = emissions_of(n_tags, scale)
    losses = chain.losses(emissions, tags, lengths)
    probabilities = chain.probabilities(emissions, lengths)
    best = chain.best(emissions, lengths)
    assert losses[2] == 0
    for row, length in enumerate(LENGTHS):
        if not length:
            continue
        taggings, scores = zip(*all_scores(chain, emissions[row, :length]), strict=True)
        shares = torch.stack(scores).softmax(0)
        own = taggings.index(tuple(tags[row, :length].tolist()))
        expected = torch.stack(scores).logsumexp(0) - scores[own]
        assert losses[row] == pytest.approx(float(expected), abs=1e-9)
        assert best[row, :length].tolist() == list(taggings[int(shares.argmax())])
        marginals = torch.zeros(length, n_tags, dtype=torch.float64)
        for tagging, share in zip(taggings, shares, strict=True):
            marginals[range(length), list(tagging)] += share
        assert torch.allclose(probabilities[row, :length], marginals, atol=1e-12)
        assert torch.allclose(probabilities[row, :length].sum(1), torch.ones(length).double())


def test_the_gradient_is_that_of_finite_differences():
    emissions, tags, lengths = emissions_of(3)
    chain = chain_of(3)
    weights = [emissions, chain.transitions, chain.starts, chain.ends]
    weights = [weight.clone().requires_grad_() for weight in weights]
    rows = torch.tensor([1.0, 2.0, 3.0, 0.5], dtype=torch.float64)

    def losses(*weights):
        return _ChainLosses.apply(*weights, tags, lengths) * rows

    assert torch.autograd.gradcheck(losses, weights)


def test_padding_is_never_read():
    chain = chain_of(3)
    emissions, tags, lengths = emissions_of(3)
    wide = torch.full((len(LENGTHS), 9, 3), torch.nan, dtype=torch.float64)
    for row, length in enumerate(LENGTHS):
        wide[row, :length] = emissions[row, :length]
    chain.requires_grad_()
    more = torch.nn.functional.pad(tags, (0, 4))
    gradients = []
    for block, own in ((emissions, tags), (wide, more)):
        losses = chain.losses(block.requires_grad_(), own, lengths)
        wanted = [*chain.parameters(), block]
        gradients.append((losses.detach(), *torch.autograd.grad(losses.sum(), wanted)))
    *narrow, of_emissions = gradients[0]
    *others, of_wide = gradients[1]
    for a, b in zip(narrow, others, strict=True):
        assert torch.allclose(a, b, atol=1e-12)
    assert torch.allclose(of_wide[:, :5], of_emissions, atol=1e-12)
    assert (of_wide[0, 4:] == 0).all() and (of_wide[2] == 0).all()
    for row, length in enumerate(LENGTHS[:2]):
        alone = chain.probabilities(wide[row : row + 1, :length], lengths[row : row + 1])
        together = chain.probabilities(wide, lengths)
        assert torch.allclose(alone[0], together[row, :length], atol=1e-12)


def test_a_thousand_steps_neither_overflow_nor_vanish():
    chain = chain_of(4)
    generator = torch.Generator().manual_seed(1)
    emissions = 10 * torch.randn(2, 1000, 4, generator=generator)
    lengths = torch.tensor([1000, 700])
    with ThreadTeam(1):  # as it is used; more threads would wait for each other at every step
        probabilities = chain.probabilities(emissions, lengths)
        losses = chain.losses(emissions, chain.best(emissions, lengths), lengths)
    sums = probabilities[0].sum(1)
    assert torch.allclose(sums, torch.ones_like(sums))
    assert torch.isfinite(losses).all() and (losses >= 0).all()


def test_fresh_scores_leave_every_step_to_itself():
    emissions, tags, lengths = emissions_of(3)
    chain = LinearChain(3).requires_grad_(False)
    assert torch.allclose(
        chain.probabilities(emissions, lengths)[0, :4], emissions[0, :4].softmax(1)
    )
    assert torch.equal(chain.best(emissions, lengths)[0, :4], emissions[0, :4].argmax(1))


def test_a_move_that_scores_minus_infinity_is_not_made():
    chain = chain_of(3)
    chain.transitions[0, 2] = -torch.inf
    emissions, _, lengths = emissions_of(3, width=4)
    emissions[:, ::2, 0] += 50
    emissions[:, 1::2, 2] += 50
    for row, length in zip(chain.best(emissions, lengths).tolist(), LENGTHS, strict=True):
        assert (0, 2) not in itertools.pairwise(row[:length])


# 1 not behind 0, nor at a beginning; 2 not at an end.
MOVES = [[1, 0, 1, 1], [1, 1, 1, 1], [1, 1, 1, 0], [1, 0, 1, 1]]


def allowed(tags, moves=MOVES):
    return all(moves[before][behind] for before, behind in itertools.pairwise([-1, *tags, -1]))


@pytest.mark.parametrize("head", ["crf", "linear"])
@pytest.mark.parametrize("scale", [0.1, 20.0])
def test_best_tags_are_the_best_of_those_that_are_allowed(head, scale):
    """Each row's, alone and beside others, by counting."""
    chain = LinearChain(3, MOVES)
    start = chain_of(3, scale if head == "crf" else 0.0)
    chain.load_state_dict({name: weight.float() for name, weight in start.state_dict().items()})
    tagger = chain if head == "crf" else SeparateTags(MOVES)
    emissions, _, lengths = emissions_of(3, scale)
    best, n_changed = tagger.best(emissions, lengths), 0
    for row, length in enumerate(LENGTHS):
        if not length:
            continue
        ways = list(all_scores(chain, emissions[row, :length]))
        among = [(score, tags) for tags, score in ways if allowed(tags)]
        expected = max(among)[1]
        n_changed += expected != max((score, tags) for tags, score in ways)[1]
        assert tuple(best[row, :length].tolist()) == expected
        alone = tagger.best(emissions[row : row + 1, :length], lengths[row : row + 1])
        assert alone[0].tolist() == list(expected)
    assert n_changed > 0


@pytest.mark.parametrize(("row", "expected"), [([1, 0], [2, 0]), ([0, 2], [0, 0]), ([2], [0])])
def test_beginnings_and_ends_are_moves_too(row, expected):
    """Of separate tags, whether padding follows or none does."""
    emissions = torch.zeros(1, len(row) + 1, 3)
    emissions[0, range(len(row)), row] = 5.0
    emissions[0, range(len(row)), expected] += 1.0
    for width in (len(row), len(row) + 1):
        best = SeparateTags(MOVES).best(emissions[:, :width], torch.tensor([len(row)]))
        assert best[0, : len(row)].tolist() == expected


@pytest.mark.parametrize("tagger", [LinearChain, SeparateTags])
def test_a_row_that_no_allowed_tags_fit_breaks_the_fewest(tagger):
    # Each tag needs the other beside it on both sides: a row of one has none.
    moves = [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    head = tagger(*(() if tagger is SeparateTags else (2,)), moves)
    emissions = torch.tensor([[[3.0, 0.0], [9.0, 1.0], [4.0, 0.0]]])
    assert head.best(emissions, torch.tensor([3])).tolist() == [[1, 0, 1]]
    assert head.best(emissions[:, :1], torch.tensor([1])).tolist() == [[0]]


def test_what_is_allowed_has_no_part_in_what_is_learned_or_kept():
    free, bound = LinearChain(3), LinearChain(3, MOVES)
    emissions, tags, lengths = emissions_of(3)
    assert torch.equal(
        free.losses(emissions, tags, lengths), bound.losses(emissions, tags, lengths)
    )
    assert torch.equal(
        free.probabilities(emissions, lengths), bound.probabilities(emissions, lengths)
    )
    assert free.state_dict().keys() == bound.state_dict().keys()


@pytest.mark.parametrize("n_tags", [1, 3])
def test_log_marginals_are_those_of_the_probabilities_and_have_a_gradient(n_tags):
    chain, (emissions, _, lengths) = chain_of(n_tags), emissions_of(n_tags)
    log_p, p = chain.log_marginals(emissions, lengths), chain.probabilities(emissions, lengths)
    for row, length in enumerate(LENGTHS):
        assert torch.allclose(log_p[row, :length].exp(), p[row, :length])
    one = emissions[:1, :3].clone().requires_grad_()
    assert torch.autograd.gradcheck(
        lambda x: chain.log_marginals(x, torch.tensor([3])), (one,), atol=1e-6
    )


def test_a_span_is_as_probable_as_the_taggings_that_mark_it():
    # B-x, I-x, I-y, O as conlleval reads them: y's spans begin with I-, and B-x ends those of x.
    rules = SpanRules.of(["B-x", "I-x", "I-y", "O"])
    marks = SpanMarks(*map(torch.from_numpy, (rules.types, rules.begins, rules.goes_on)))
    emissions, tags, lengths = emissions_of(4, scale=1.0)
    for chain in (chain_of(4, 1.0), SeparateTags()):
        field = chain if isinstance(chain, LinearChain) else chain_of(4, 0.0)
        found = chain.chain(emissions, lengths).span_probabilities(tags, marks)
        for row in (0, 1, 3):
            own = emissions[row, : lengths[row]]
            taggings, scores = zip(*all_scores(field, own), strict=True)
            shares = torch.stack(scores).softmax(0).tolist()
            spans = [marked_by(rules, tagging) for tagging in taggings]
            for span in marked_by(rules, tags[row, : lengths[row]].tolist()):
                expected = sum(
                    share for share, others in zip(shares, spans, strict=True) if span in others
                )
                assert found[row, span.end - 1] == pytest.approx(expected, abs=1e-9)


def marked_by(rules, tagging):
    rows = Ragged(np.array(tagging), np.array([0, len(tagging)]))
    return as_lists(rules.find(rows), rules, rows.offsets)[0]
