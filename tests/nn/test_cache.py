"""The continuous cache against its equations, step by step."""

import math

import pytest
import torch

from textseq.nn.cache import SHARE, SHARPNESS, ContinuousCache


def by_hand(log_p, states, said, size):
    found = []
    for now in range(len(said)):
        p, seen = math.exp(log_p[now]), range(max(now - size, 0), now)
        if seen:
            likeness = {i: math.exp(SHARPNESS * float(states[now] @ states[i])) for i in seen}
            again = sum(value for i, value in likeness.items() if said[i] == said[now])
            p = (1 - SHARE) * p + SHARE * again / sum(likeness.values())
        found.append(math.log(p))
    return torch.tensor(found)


@pytest.mark.parametrize("size", [1, 4, 50])
@pytest.mark.parametrize("piece", [1, 3, 20])
def test_pieces_of_any_length_equal_the_equations(size, piece):
    torch.manual_seed(0)
    states, said = torch.randn(20, 6, dtype=torch.float64), torch.randint(1, 4, (20,))
    log_p = torch.rand(20, dtype=torch.float64).log()
    cache = ContinuousCache(size)
    pieces = zip(*(part.split(piece) for part in (log_p, states, said)), strict=True)
    found = torch.cat([cache.mixed(*own) for own in pieces])
    assert torch.allclose(found.float(), by_hand(log_p, states, said, size), atol=1e-5, rtol=0)


def test_the_probabilities_of_all_tokens_are_one_together():
    torch.manual_seed(0)
    states, said = torch.randn(5, 6), torch.tensor([1, 2, 1, 3])
    log_p = torch.full((4,), 0.25).log()
    total = 0.0
    for token in range(4):
        cache = ContinuousCache(10)
        cache.mixed(log_p, states[:4], said)
        total += float(cache.mixed(log_p[:1], states[4:], torch.tensor([token])).exp())
    assert total == pytest.approx(1)
