import numpy as np
import polars as pl
import pytest

from textseq import Tokenizer, Tokens
from textseq.estimators.answering.rows import cut_sentences, matches
from textseq.estimators.answering.scores import exact_match, word_f1
from textseq.estimators.answering.spans import PassageTexts, read_answers

TEXT = "Ana Silva met Ana in New York. The U.S. is big; ana paid 1,000."


def passages(texts):
    tokenizer, texts = Tokenizer(), pl.Series(texts)
    return PassageTexts(texts, tokenizer.tokenize(texts), tokenizer)


def found(answer, text=TEXT):
    """Return the parts of the text that an answer's spans cover."""
    read = passages([text])
    (spans,) = read.find([answer])
    places = read.places(0)
    return [text[places[first, 0] : places[last, 1]] for first, last in spans]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Ana", ["Ana", "Ana", "ana"]),
        ("new york", ["New York"]),
        (" Ana Silva ", ["Ana Silva"]),
        ("1,000", ["1,000"]),
        ("U.S", ["U.S."]),  # by itself it is cut into other tokens
        ((0, 3), ["Ana"]),
        ((14, 17), ["Ana"]),
        ((1, 12), ["Ana Silva met"]),  # in part at least
    ],
)
def test_answers_are_found_in_their_passage(answer, expected):
    assert found(answer) == expected


@pytest.mark.parametrize("answer", ["Eva", "York The", "an", "10", (400, 410), "."])
def test_answers_that_do_not_stand_there_are_refused(answer):
    if answer == ".":
        assert found(answer) == [".", "."]
        return
    with pytest.raises(ValueError, match=r"y\[0\] is .*, which does not stand in its passage"):
        found(answer)


def test_answers_are_strings_or_places():
    assert read_answers(np.array([[0, 3], [4, 9]]), 2) == [(0, 3), (4, 9)]
    assert read_answers(["a", [1.0, 2.0]], 2) == ["a", (1, 2)]
    for value in ("", "  ", (3, 3), (-1, 2), (1, 2, 3), None, 7, float("nan")):
        with pytest.raises(ValueError, match=r"y\[1\] is .*an answer is a string"):
            read_answers(["a", value], 2)
    with pytest.raises(ValueError, match="X has 2 rows, y has 1; pass one answer a row"):
        read_answers(["a"], 2)
    with pytest.raises(ValueError, match="pass a list of answers"):
        read_answers("kitchen", 1)


def test_sentences_end_behind_their_last_sign_and_are_kept_once():
    rows = [["who", "?", "!", "i", "."], [], ["i", "."], ["no", "end"]]
    sentences, found = cut_sentences(Tokens.from_lists(rows))
    assert found.to_lists() == [[0, 1], [], [1], [2]]
    assert sentences.lengths.tolist() == [3, 2, 2]


def test_matches_are_of_each_row_alone():
    asked = Tokens.from_lists([["who", "ran"], ["where"]])
    told = Tokens.from_lists([["ana", "ran"], ["who", "where", "ran"]])
    assert matches(asked, told).to_lists() == [[0, 1], [0, 1, 0]]


def test_scores_are_those_of_squad():
    # By hand, as evaluate-v1.1.py counts: articles, case and signs are left out.
    truth = ["The Denver Broncos", "10", "the", "in 1999"]
    said = ["denver broncos!", "ten", "a", "1999 or 2000"]
    assert exact_match(truth, said) == 0.5
    assert word_f1(truth, said) == pytest.approx((1 + 0 + 1 + 2 / 5) / 4)
