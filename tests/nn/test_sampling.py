"""Sequences drawn token by token."""

import numpy as np
import pytest
import torch
from rounding import rounding

from textseq.nn.sampling import sample

BEGIN, END, N_TOKENS = 0, 1, 4
LOGITS = torch.tensor([2.0, -1.0, 0.5, 0.0])  # the begin is likeliest, and never said


def drawn(n_sources, longest, draw):
    def step(words, states, rows):
        # What was said last is likelier.
        logits = LOGITS + torch.nn.functional.one_hot(words[:, 0], N_TOKENS)
        return logits.log_softmax(1)[:, None], states

    start = ((torch.zeros(n_sources, 0),),)
    limits = torch.as_tensor(longest).expand(n_sources)
    return sample(step, start, limits, draw, begin=BEGIN, end=END, never=(BEGIN,))


def likeliest(source, scores):
    return int(scores.argmax())


def by_chance(seed):
    rngs = {}

    def draw(source, scores):
        rng = rngs.setdefault(source, np.random.default_rng([seed, source]))
        shares = np.exp(scores)
        return int(rng.choice(len(shares), p=shares / shares.sum()))

    return draw


def test_the_likeliest_is_drawn_up_to_its_length():
    found = drawn(3, [2, 0, 4], likeliest)
    assert found.ids[:, 0].tolist() == [[2, 2, END, END], [END] * 4, [2] * 4]
    assert found.cut[:, 0].all()


def test_log_probabilities_are_of_all_that_was_drawn():
    found = drawn(50, 12, by_chance(0))
    for row, total in zip(found.ids[:, 0], found.log_probabilities[:, 0], strict=True):
        said = [*row[row != END].tolist(), END]
        expected, before = 0.0, BEGIN
        for token in said:
            logits = LOGITS + torch.nn.functional.one_hot(torch.tensor(before), N_TOKENS)
            expected += float(logits.log_softmax(0)[token])
            before = token
        assert float(total) == pytest.approx(expected, abs=rounding(total))
    assert BEGIN not in found.ids and len(set(map(tuple, found.ids[:, 0].tolist()))) > 5


def test_a_source_is_drawn_for_alike_beside_others():
    together = drawn(20, 9, by_chance(3))
    few = drawn(4, 9, by_chance(3))
    assert torch.equal(few.ids, together.ids[:4])
