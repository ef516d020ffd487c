"""Tokens are numbered as they come, and counted within a bound that is told."""

from collections import Counter

import numpy as np
import polars as pl
import pytest

from textseq.corpus import token_numbers
from textseq.corpus.token_numbers import TokenNumbers


@pytest.fixture(params=["compiled", "plain"])
def numbers_of(request, monkeypatch):
    if request.param == "plain":
        monkeypatch.setattr(token_numbers, "kernels", lambda: None)
    return TokenNumbers


def test_tokens_have_the_numbers_that_they_had(numbers_of):
    numbers = numbers_of()
    words = ["", "a", "line\nfeed", "ação", "a" * 100, "\0"]
    ones = np.ones(len(words), dtype=np.int64)
    assert numbers.number(pl.Series(words), ones).tolist() == [0, 1, 2, 3, 4, 5]
    assert numbers.number(pl.Series(words[::-1]), ones).tolist() == [5, 4, 3, 2, 1, 0]
    assert numbers.tokens.to_list() == words
    assert numbers.counts.tolist() == [2] * 6


@pytest.mark.parametrize("seed", range(3))
def test_what_is_forgotten_was_met_no_more_often_than_told(numbers_of, seed):
    rng = np.random.default_rng(seed)
    numbers, truth = numbers_of(most=200), Counter()
    for _ in range(60):
        words = [f"w{n}" for n in rng.zipf(1.3, size=300).clip(max=10**6)]
        found = Counter(words)
        truth.update(found)
        numbers.number(pl.Series(list(found)), np.array(list(found.values())))
        assert len(numbers.numbers) <= 200
    known = dict(zip(numbers.tokens.to_list(), numbers.counts.tolist(), strict=True))
    assert numbers.missed > 0
    assert all(
        truth[word] - numbers.missed <= count <= truth[word] for word, count in known.items()
    )
    assert all(count <= numbers.missed for word, count in truth.items() if word not in known)
    assert (np.diff(numbers.numbers) > 0).all()


def test_a_forgotten_token_has_a_new_number(numbers_of):
    numbers = numbers_of(most=2)
    numbers.number(pl.Series(["a", "b"]), np.array([5, 1]))
    numbers.number(pl.Series(["c"]), np.array([1]))
    assert numbers.tokens.to_list() == ["a"]
    assert numbers.number(pl.Series(["b", "a"]), np.array([1, 1])).tolist() == [3, 0]


def test_it_goes_on_from_its_frame(numbers_of):
    numbers = numbers_of(most=3)
    numbers.number(pl.Series(["a", "b", "c", "d"]), np.array([4, 3, 2, 1]))
    again = numbers_of.from_frame(numbers.frame(), numbers.next_number, numbers.missed, 3)
    for one in (numbers, again):
        one.number(pl.Series(["e", "a", "f"]), np.array([1, 1, 9]))
    assert again.frame().equals(numbers.frame())
    assert (again.next_number, again.missed) == (numbers.next_number, numbers.missed)
