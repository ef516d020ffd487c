"""Which columns of a frame hold texts, and which stand beside them."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from textseq.estimators.encoding.text_rows import TextRows
from textseq.text.tokens import Tokens

HELD = {"review": ["good", "bad"], "price": [1.5, None], "new": [True, False]}


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_types_tell_texts_from_columns(make):
    rows = TextRows.read(make(HELD))
    assert [field.to_list() for field in rows.fields] == [["good", "bad"]]
    assert rows.names == ("review",)
    assert rows.columns.kinds == {"price": "number", "new": "boolean"}


def test_texts_alone_are_what_they_were():
    for X in (["a", "b"], pd.Series(["a", "b"]), pd.DataFrame({"t": ["a", "b"]})):
        rows = TextRows.read(X)
        assert rows.columns is None and rows.names == () and rows.shown() == ["a", "b"]
    pairs = TextRows.read(pd.DataFrame({"a": ["x"], "b": ["y"]}))
    assert len(pairs.fields) == 2 and pairs.columns is None
    # Categories by themselves are texts, as they always were.
    both = pd.DataFrame({"a": ["x"], "b": ["y"]}, dtype="category")
    assert len(TextRows.read(both).fields) == 2
    assert TextRows.read(Tokens.from_lists([["a"]])).shown() == [["a"]]


def test_a_category_beside_a_text_is_a_column():
    rows = TextRows.read(pd.DataFrame({"t": ["x"], "s": pd.Categorical(["y"])}))
    assert len(rows.fields) == 1 and rows.columns.kinds == {"s": "category"}


def test_named_texts_leave_other_strings_as_categories():
    frame = pd.DataFrame(HELD | {"store": ["n", "s"]})
    rows = TextRows.read(frame, text_columns="review")
    assert rows.columns.kinds == {"price": "number", "new": "boolean", "store": "category"}
    rows = TextRows.read(frame, text_columns=["store", "review"])
    assert rows.names == ("store", "review") and list(rows.columns.kinds) == ["price", "new"]
    assert TextRows.read(["a"], text_columns="review").shown() == ["a"]


@pytest.mark.parametrize(
    ("X", "named", "said"),
    [
        (
            HELD | {"store": ["n", "s"]},
            None,
            "X has the columns of strings 'review', 'store', beside others; say which hold texts: "
            "text_columns='review'",
        ),
        (HELD, "reviews", "X has no column 'reviews'; did you mean 'review'"),
        ({"review": ["a", None], "price": [1, 2]}, None, r"X holds nan .* at row 1"),
        ({"review": ["a", "b"], "x": [[1], [2]], "y": [1, 2]}, None, "column 'x' holds"),
        ({"review": ["a", "b"], 3: [1, 2]}, None, "named 3, which is no string"),
        ({"a": ["x", "y"], "b": ["x", 5]}, None, r"X holds 5 \(int\) at row 1"),
    ],
)
def test_what_can_not_be_told_is_refused(X, named, said):
    with pytest.raises(ValueError, match=said):
        TextRows.read(pd.DataFrame(X), "X", named)


def test_columns_that_are_there_twice_are_refused():
    frame = pd.DataFrame([["a", 1, 2]], columns=["t", "x", "x"])
    with pytest.raises(ValueError, match="X has 3 columns; name the one or two"):
        TextRows.read(frame)
    with pytest.raises(ValueError, match="two columns named 'x'"):
        TextRows.read(frame, text_columns="t")


def test_others_are_read_by_name():
    learned = TextRows.read(pd.DataFrame(HELD))
    other = pl.DataFrame({"new": [True], "label": ["p"], "price": [2], "review": ["so"]})
    rows = TextRows.like(other, "X", learned.names, learned.columns.kinds)
    assert rows.fields[0].to_list() == ["so"]
    assert {name: own.tolist() for name, own in rows.columns.values.items()} == {
        "price": [2.0],
        "new": [1.0],
    }
    for X, said in (
        (other.drop("price"), "X has no column 'price'"),
        (["so"], r"the model reads the columns 'price', 'new' beside its texts, and X is a list"),
        (other.with_columns(pl.lit("dear").alias("price")), "'price' of X is a category"),
    ):
        with pytest.raises(ValueError, match=said):
            TextRows.like(X, "X", learned.names, learned.columns.kinds)


def test_rows_are_taken_joined_and_shown():
    rows = TextRows.read(pd.DataFrame(HELD))
    both = rows.take(np.array([1])).followed_by(rows)
    shown = both.shown()
    assert shown["review"].tolist() == ["bad", "good", "bad"]
    assert shown["new"].tolist() == [0.0, 1.0, 0.0] and list(shown) == ["review", "price", "new"]
    again = TextRows.read(shown)
    assert again.columns.kinds == {"price": "number", "new": "number"}


def test_columns_change_the_fingerprint():
    targets = np.zeros(2)
    frames = [HELD, HELD | {"price": [1.5, 2.0]}, {"review": HELD["review"], "price": [1.5, None]}]
    found = {TextRows.read(pd.DataFrame(own)).fingerprint(targets) for own in frames}
    assert len(found) == 3
