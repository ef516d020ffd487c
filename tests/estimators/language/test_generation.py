"""Drawing from probabilities."""

import numpy as np
import pytest

from textseq.estimators.language.generation import Sampling, draw_token

SCORES = np.log([0.1, 0.4, 0.2, 0.3])


def shares(n=4000, **options):
    rng = np.random.default_rng(0)
    drawn = [draw_token(SCORES, rng, **options) for _ in range(n)]
    return np.bincount(drawn, minlength=4) / n


def test_draws_follow_the_probabilities():
    assert np.abs(shares() - [0.1, 0.4, 0.2, 0.3]).max() < 0.03


def test_temperature_raises_to_a_power():
    squared = np.exp(SCORES) ** 2
    assert np.abs(shares(temperature=0.5) - squared / squared.sum()).max() < 0.03
    assert shares(100, temperature=0).tolist() == [0, 1, 0, 0]


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"top_k": 1}, [1]),
        ({"top_k": 2}, [1, 3]),
        ({"top_k": 9}, [0, 1, 2, 3]),
        ({"top_p": 0.05}, [1]),
        ({"top_p": 0.41}, [1, 3]),
        ({"top_p": 0.75}, [1, 2, 3]),
        ({"top_p": 1.0}, [0, 1, 2, 3]),
        # Of the two that top_k leaves the first has 4/7.
        ({"top_k": 2, "top_p": 0.5}, [1]),
    ],
    ids=str,
)
def test_only_the_likeliest_are_drawn(options, kept):
    found = shares(**options)
    assert np.flatnonzero(found).tolist() == kept
    expected = np.exp(SCORES)[kept] / np.exp(SCORES)[kept].sum()
    assert np.abs(found[kept] - expected).max() < 0.03


def test_what_is_barred_is_never_drawn():
    rng = np.random.default_rng(0)
    scores = np.array([-np.inf, 0.0, -np.inf, -50.0])
    drawn = {draw_token(scores, rng, temperature=30.0) for _ in range(500)}
    assert drawn == {1, 3}


def drawn_by_the_book(scores, rng, temperature=1.0, top_k=None, top_p=None):
    """Sort all tokens, and sum up their shares."""
    order = np.argsort(-scores, kind="stable")[:top_k]
    shares = np.exp((scores[order] - scores[order[0]]) / temperature)
    sums = shares.cumsum()
    if top_p is not None:
        sums = sums[: int(np.searchsorted(sums, top_p * sums[-1])) + 1]
    return order[np.searchsorted(sums, rng.random() * sums[-1], side="right")]


@pytest.mark.parametrize("spread", [0.0, 0.5, 3.0])
@pytest.mark.parametrize("n_tokens", [5, 64, 65, 5000])
def test_draws_are_those_of_all_tokens_sorted(n_tokens, spread):
    rng = np.random.default_rng(0)
    # Whole numbers at times, for ties.
    scores = rng.normal(size=n_tokens) * spread
    scores[::3] = scores[::3].round()
    scores[rng.integers(n_tokens, size=2)] = -np.inf
    for options in ({}, {"temperature": 0.6}, {"top_k": 3}, {"top_k": 100}, {"top_p": 0.3},
                    {"top_p": 0.999}, {"top_k": 70, "top_p": 0.9, "temperature": 1.5}):  # fmt: skip
        for seed in range(60):
            one, other = np.random.default_rng(seed), np.random.default_rng(seed)
            expected = drawn_by_the_book(scores, other, **options)
            assert draw_token(scores, one, **options) == expected
            assert one.random() == other.random()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"repetition_penalty": -1.0}, "repetition_penalty must be a number above 0"),
        ({"no_repeat_ngram_size": 1.5}, "no_repeat_ngram_size must be a whole number"),
        ({"temperature": "high"}, "temperature must be a number"),
    ],
)
def test_what_can_not_be_drawn_by_is_said(options, message):
    with pytest.raises(ValueError, match=message):
        Sampling(**options)
