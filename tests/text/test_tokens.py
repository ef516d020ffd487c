import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textseq.text.tokens import Tokens

lists_of_tokens = st.lists(st.lists(st.text(max_size=3), max_size=6), min_size=1, max_size=12)


@settings(deadline=None)
@given(lists_of_tokens)
def test_lists_come_back(lists):
    tokens = Tokens.from_lists(lists)
    assert tokens.to_lists() == lists
    assert len(tokens) == len(lists)
    assert tokens.lengths.tolist() == [len(row) for row in lists]
    assert tokens.lengths.dtype == np.int64
    assert tokens.flat.to_list() == [token for row in lists for token in row]


@settings(deadline=None)
@given(lists_of_tokens)
def test_flat_and_lengths_make_the_texts_again(lists):
    tokens = Tokens.from_lists(lists)
    assert Tokens.from_flat(tokens.flat, tokens.lengths).to_lists() == lists


@settings(deadline=None)
@given(lists_of_tokens, st.data())
def test_take_keeps_the_order_asked_for(lists, data):
    rows = data.draw(st.lists(st.integers(0, len(lists) - 1), max_size=20))
    assert Tokens.from_lists(lists).take(rows).to_lists() == [lists[row] for row in rows]


@settings(deadline=None)
@given(lists_of_tokens, st.integers(1, 3), st.integers(0, 3))
def test_ngrams_are_neighbours_within_a_text(lists, low, more):
    sizes = range(low, low + more + 1)
    expected = [
        [" ".join(row[i : i + size]) for size in sizes for i in range(len(row) - size + 1)]
        for row in lists
    ]
    assert Tokens.from_lists(lists).ngrams(low, low + more).to_lists() == expected


def test_runs_that_read_alike_are_one_token():
    tokens = Tokens.from_lists([["a b", "c"], ["a", "b c"], ["a b c"]]).ngrams(1, 2)
    assert tokens.to_lists() == [["a b", "c", "a b c"], ["a", "b c", "a b c"], ["a b c"]]
    assert tokens.distinct.to_list() == ["a b", "c", "a", "b c", "a b c"]


def test_no_texts_and_no_tokens():
    assert Tokens.from_lists([]).to_lists() == []
    assert Tokens.from_lists([[], []]).flat.to_list() == []
    assert Tokens.from_lists([[], []]).ngrams(1, 3).to_lists() == [[], []]


@pytest.mark.parametrize(("low", "high"), [(0, 1), (2, 1), (-1, -1)])
def test_ngrams_of_an_impossible_length(low, high):
    with pytest.raises(ValueError, match="use 1 <= low <= high"):
        Tokens.from_lists([["a"]]).ngrams(low, high)


def test_tokens_cannot_be_exchanged():
    tokens = Tokens.from_lists([["a"]])
    with pytest.raises(AttributeError):
        tokens.series = tokens.series


def test_composed_tokens_are_one_however_they_were_written():
    tokens = Tokens.from_lists([["jose\u0301", "jos\u00e9"], [], ["a", "jose\u0301"]])
    composed = tokens.composed()
    assert composed.to_lists() == [["jos\u00e9"] * 2, [], ["a", "jos\u00e9"]]
    assert composed.distinct.to_list() == ["jos\u00e9", "a"]
    assert composed.composed() is composed
