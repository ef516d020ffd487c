import numpy as np
import pandas as pd
import polars as pl
import pytest
from row_forms import LISTS, REFUSED, TEXTS

from textseq import Tokens
from textseq.text.row_forms import form_of, read_rows

ROWS = [["i", "am", "cold"], ["you", "are", "old"], ["we", "won", "today"]]
STRINGS = ["i am cold", "", "we won"]
PAIRS = [("who won today ?", "ana won today ."), ("who lost ?", "bob did ."), ("who", "ana")]


def read(X, form=None):
    """Return what is read as lists, of pairs one for each side."""
    fields = read_rows(X, "X", form)
    return [field.to_lists() if isinstance(field, Tokens) else field.to_list() for field in fields]


@pytest.mark.parametrize("form", LISTS)
@pytest.mark.parametrize("asked", [None, "tokens", "texts"])
def test_lists_of_tokens_come_in_many_forms(form, asked):
    assert read(LISTS[form](ROWS), asked) == [ROWS]


@pytest.mark.parametrize("form", TEXTS)
@pytest.mark.parametrize("asked", [None, "tokens", "texts"])
def test_texts_come_in_many_forms(form, asked):
    texts = ["i am cold", "you are old", "we won"] if "column" in form else STRINGS
    if asked != "tokens" or form != "array of one column":
        assert read(TEXTS[form](texts), asked) == [texts]


@pytest.mark.parametrize("form", REFUSED)
@pytest.mark.parametrize("asked", [None, "tokens", "texts"])
def test_what_is_neither_is_refused(form, asked):
    make, message = REFUSED[form]
    with pytest.raises(ValueError, match="X.*" + message):
        read_rows(make(ROWS), "X", asked)


@pytest.mark.parametrize(
    "ids",
    [
        [[17, 4], [4, 9]],
        np.array([[17, 4], [4, 9]]),
        [np.array([17, 4]), np.array([4, 9], dtype=np.uint8)],
        pl.Series([[17, 4], [4, 9]]),
        pd.Series([[17, 4], [4, 9]]),
        [["17", "4"], ["4", "9"]],
    ],
    ids=str,
)
def test_whole_numbers_are_ids(ids):
    assert read(ids) == [[["17", "4"], ["4", "9"]]]


def test_numbers_that_are_no_ids_are_refused():
    for odd in ([[3, -1]], [[0.5, 2]], [[True, False]]):
        with pytest.raises(ValueError, match=r"X\[0\]\[\d\] is .*, no string"):
            read_rows(odd)


@pytest.mark.parametrize(
    "pairs",
    [
        PAIRS,
        list(map(list, PAIRS)),
        np.array(PAIRS),
        pd.DataFrame(PAIRS, columns=["q", "a"]),
        pl.DataFrame(PAIRS, schema=["q", "a"], orient="row"),
    ],
    ids=lambda pairs: type(pairs).__name__,
)
def test_two_texts_a_row_are_a_pair(pairs):
    assert read(pairs) == [list(side) for side in zip(*PAIRS, strict=True)]
    assert form_of(read_rows(pairs)) == "pairs"


def test_what_two_strings_are_is_told_by_the_form_or_by_their_spaces():
    words = [("so", "good"), ("New York", "won"), ("it", "is")]
    assert read(words) == [list(map(list, words))]
    assert read(words, "pairs") == [["so", "New York", "it"], ["good", "won", "is"]]
    assert read(PAIRS, "tokens") == [list(map(list, PAIRS))]
    assert read(Tokens.from_lists(PAIRS)) == [list(map(list, PAIRS))]
    with pytest.raises(ValueError, match=r"X\[1\] is a list of 3, and the model was fitted to two"):
        read([("a", "b"), ("a", "b", "c")], "pairs")


def test_lists_of_whole_texts_are_no_tokens():
    texts = [["I am here.", "Who are you?", "Fine."], ["It was so.", "No one did."]]
    with pytest.raises(ValueError, match="X has lists of whole texts, such as 'I am here.'"):
        read(texts)
    assert read(Tokens.from_lists(texts)) == [texts] == read(texts, "tokens")
    events = [["log in", "add to cart", "check out"], ["log in", "check out", "log in"]] * 5
    assert read(events) == [events]  # they recur


def test_rows_of_two_forms_are_refused():
    with pytest.raises(ValueError, match=r"X\[1\] is 'x', a text, but X\[0\] is a list of tokens"):
        read([["c"], "x"])
    with pytest.raises(ValueError, match=r"X\[1\] is a list of tokens, but X\[0\] is a text"):
        read(["x", ["c"]])
    with pytest.raises(ValueError, match=r"X\[1\] is 3, int, but X\[0\] is a list of tokens"):
        read([["c"], 3])


def test_rows_may_be_empty_and_hold_what_no_file_can():
    assert read([[], ["a"], []]) == [[[], ["a"], []]]
    assert read([[], []]) == [[[], []]]
    assert read([["\ud800", "a"]]) == [[["\ufffd", "a"]]]
