import time
from collections.abc import Sequence

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textseq.text.inputs import text_fields


class Column(Sequence):
    """A column as Hugging Face's datasets have it: a sequence, and no array."""

    def __init__(self, values):
        self.values = values

    def __len__(self):
        return len(self.values)

    def __getitem__(self, place):
        return self.values[place]


class ArrowColumn:
    """What Arrow asks of a column, whoever made it."""

    def __init__(self, values):
        self.values = pl.Series(values)

    def __arrow_c_stream__(self, requested_schema=None):
        return self.values.__arrow_c_stream__(requested_schema)


class ArrowTable(ArrowColumn):
    def __init__(self, frame):
        self.values = frame
        self.column_names = self.columns = self.schema = frame.columns


TEXTS = ["a good film", "", "ein schöner Tag 🙂"]
PAIRS = [("why?", "because"), ("", "x"), ("who", "")]


@pytest.mark.parametrize(
    "X",
    [
        TEXTS,
        tuple(TEXTS),
        np.array(TEXTS),
        np.array(TEXTS, dtype=object),
        np.array(TEXTS, dtype=object)[:, None],
        pd.Series(TEXTS, index=[7, 7, 1]),
        pd.Series(TEXTS, dtype=object),
        pd.Series(TEXTS, dtype="category"),
        pd.Index(TEXTS),
        pd.DataFrame({"text": TEXTS}),
        pl.Series(TEXTS),
        pl.Series("t", TEXTS, dtype=pl.Categorical),
        pl.Series("t", TEXTS, dtype=pl.Object),
        pl.DataFrame({"text": TEXTS}),
        [np.str_(text) for text in TEXTS],
        pd.Series(TEXTS).values,
        pd.Series(TEXTS).array,
        pd.Series(TEXTS, dtype="string").values,
        pd.Series(TEXTS).unique(),
        pd.Categorical(TEXTS),
        np.array(TEXTS, dtype=np.dtypes.StringDType()),
        pl.Series(TEXTS, dtype=pl.Enum(TEXTS)),
        Column(TEXTS),
        ArrowColumn(TEXTS),
        ArrowTable(pl.DataFrame({"text": TEXTS})),
    ],
    ids=lambda X: f"{type(X).__module__}.{type(X).__name__}",
)
def test_one_text_a_row(X):
    (field,) = text_fields(X)
    assert field.dtype == pl.String
    assert field.to_list() == TEXTS


@pytest.mark.parametrize(
    "X",
    [
        PAIRS,
        [list(pair) for pair in PAIRS],
        np.array(PAIRS),
        np.array(PAIRS, dtype=object),
        pd.DataFrame(PAIRS, columns=["q", "a"]),
        pd.DataFrame(PAIRS, columns=["same", "same"]),
        pl.DataFrame(PAIRS, orient="row", schema=["q", "a"]),
    ],
    ids=lambda X: f"{type(X).__module__}.{type(X).__name__}",
)
def test_two_texts_a_row(X):
    first, second = text_fields(X)
    assert list(zip(first.to_list(), second.to_list(), strict=True)) == PAIRS


def test_a_tuple_of_two_strings_is_two_texts():
    (field,) = text_fields(("a", "b"))
    assert field.to_list() == ["a", "b"]


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([], "X is empty; pass at least one text"),
        (np.array([], dtype=object), "X is empty"),
        (pd.DataFrame({"text": []}), "X is empty"),
        ("a text", r"X is a single string; pass a list of texts: \['a text'\]"),
        (b"bytes", "X is a single string"),
        (["a", None], r"X holds None \(NoneType\) at row 1; drop those rows or replace by ''"),
        ([None, "a", None], "at row 0, the first of 2 such rows; drop those rows"),
        (["a", float("nan"), "b"], r"X holds nan \(float\) at row 1; drop those rows"),
        (pd.Series(["a", None]), r"X holds nan \(float\) at row 1; drop those rows"),
        (pd.Series(["a", pd.NA], dtype=object), r"X holds <NA> \(NAType\) at row 1; drop"),
        (pl.Series(["a", None]), r"X holds None \(NoneType\) at row 1; drop those rows"),
        (["a", 3], r"X holds 3 \(int\) at row 1; texts must be strings: convert them with str"),
        (np.array([1.5, 2.5]), r"X holds 1.5 \(float\) at row 0, the first of 2"),
        (pl.Series([1, 2]), r"X holds 1 \(int\) at row 0"),
        (["a", b"b"], "at row 1; decode bytes first"),
        (["a", ["b", "c"]], r"X holds \['b', 'c'\] \(list\) at row 1"),
        ([("a", "b"), ("c",)], r"row 1 is \('c',\); every row must hold two strings"),
        ([("a", "b", "c")], r"row 0 is \('a', 'b', 'c'\)"),
        ([("a", "b"), "cd"], "row 1 is 'cd'; every row must hold two strings"),
        ([("a", "b"), ("c", None)], r"X holds None \(NoneType\) at row 1"),
        (pd.DataFrame([["a", "b", "c"]]), "X has 3 columns; name the one or two"),
        (pd.DataFrame(index=[0, 1]), "X has 0 columns"),
        (np.array([["a"] * 4]), "X has 4 columns"),
        (np.array([[["a"]]]), r"X has shape \(1, 1, 1\)"),
        (np.array("a"), r"X has shape \(\)"),
        ({"a": 1}, "X is of type dict; pass a list of strings"),
        (None, "X is of type NoneType; pass a list of strings"),
        (["\ud800", None], "X holds None .* at row 1"),
    ],
)
def test_anything_else_is_named(X, message):
    with pytest.raises(ValueError, match=message):
        text_fields(X)


def test_messages_use_the_callers_name_and_cut_long_values():
    with pytest.raises(ValueError, match="^corpus holds ") as caught:
        text_fields(["a", list(range(1000))], name="corpus")
    assert len(str(caught.value)) < 200


def test_surrogates_are_mended():
    (field,) = text_fields(["\ud800", "a\udfffb", "\ud83d\ude42", "fine 🙂", ""])
    assert field.to_list() == ["�", "a�b", "🙂", "fine 🙂", ""]
    first, second = text_fields([("\ud800", "x")])
    assert (first[0], second[0]) == ("�", "x")


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=[])), min_size=1))
def test_any_python_string_is_legal(texts):
    (field,) = text_fields(texts)
    assert len(field) == len(texts)
    for text, kept in zip(texts, field.to_list(), strict=True):
        assert kept == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def test_many_strings_are_taken_in_bulk():
    texts = ["the quick brown fox jumps over the lazy dog"] * 100_000
    start = time.thread_time()
    text_fields(texts)
    assert time.thread_time() - start < 0.2


def test_a_table_of_two_columns_is_put_into_the_order_asked_for():
    columns = ("q", "a")
    for frame in (pd.DataFrame, pl.DataFrame):
        fields = text_fields(frame({"a": ["x"], "q": ["y"]}), columns=columns)
        assert [(field.name, field.to_list()) for field in fields] == [("q", ["y"]), ("a", ["x"])]
    (first, _) = text_fields(ArrowTable(pl.DataFrame({"a": ["x"], "q": ["y"]})), columns=columns)
    assert first.to_list() == ["y"]
    with pytest.raises(ValueError, match="'a' and 'b', but the texts .* from 'q' and 'a'"):
        text_fields(pd.DataFrame({"a": ["x"], "b": ["y"]}), columns=columns)
    unnamed = text_fields(pd.DataFrame([["x", "y"]]), columns=columns)
    assert [field.to_list() for field in unnamed] == [["x"], ["y"]]


def test_lists_of_tokens_are_sent_to_tokens():
    with pytest.raises(ValueError, match=r"Tokens.from_lists\(X\)"):
        text_fields([["a", "good", "film"]])
