import datetime as dt
import uuid
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from textseq import SequenceTagger, SeriesClassifier, TextClassifier, load_model
from textseq.labels.inputs import label_array

TEXTS = ["good film", "bad film"] * 20
SERIES = [np.zeros((1, 5)), np.ones((1, 5))] * 20
ZONE = dt.timezone(dt.timedelta(hours=2))

PAIRS = {
    "strings": ["p", "n"],
    "whole numbers beyond 64 bits": [2**70, 2**63 + 1],
    "whole numbers that a float would merge": [2**63 + 1, 5],
    "logicals": [True, False],
    "a zero with a sign": [-0.0, 1.0],
    "bytes": [b"p", b"n\xff"],
    "dates": [dt.date(2024, 1, 2), dt.date(2024, 1, 1)],
    "moments with an offset": [dt.datetime(2024, 1, day, tzinfo=ZONE) for day in (2, 1)],
    "times": [dt.time(9, 30), dt.time(8)],
    "decimals that are whole": [Decimal("2.0"), Decimal("1.00")],
    "UUIDs": [uuid.UUID(int=2), uuid.UUID(int=1)],
    "a NUL at the end": ["a\0", "a"],
}
COLUMNS = {
    "StringDType": np.array(["p", "n"] * 20, dtype=np.dtypes.StringDType()),
    "days": np.array(["2024-01-02", "2024-01-01"] * 20, dtype="datetime64[D]"),
    "spans": np.array([2, 1] * 20, dtype="timedelta64[h]"),
    "bytes": np.array([b"p", b"n"] * 20),
    "small whole numbers": np.array([2, 1] * 20, dtype=np.uint8),
    "NumPy scalars as objects": np.array([["x", np.int64(1)], ["x", np.int64(2)]] * 20, object)[
        :, 1
    ],
    "pandas Int64": pd.Series([2, 1] * 20, dtype="Int64"),
    "pandas boolean": pd.Series([True, False] * 20, dtype="boolean"),
    "pandas string": pd.Series(["p", "n"] * 20, dtype="string"),
    "a Categorical with an unused level": pd.Categorical(
        ["p", "n"] * 20, categories=["p", "unused", "n"], ordered=True
    ),
    "moments of pandas": pd.Series(pd.to_datetime(["2024-01-02", "2024-01-01"] * 20)),
    "a Categorical of polars": pl.Series(["p", "n"] * 20, dtype=pl.Categorical),
    "an Enum of polars": pl.Series(["p", "n"] * 20, dtype=pl.Enum(["p", "n", "unused"])),
    "128 bits of polars": pl.Series([2**70, 1] * 20, dtype=pl.Int128),
    "Decimal of polars": pl.Series([Decimal("2"), Decimal("1")] * 20),
}


def reopened(model, folder):
    return load_model(model.save(folder / "m.textseq"))


def text_model(**parameters):
    return TextClassifier(encoder="mean", max_epochs=1, n_threads=1, random_state=0, **parameters)


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_labels_come_back_from_a_file_with_value_type_and_order(pair, tmp_path):
    model = text_model().fit(TEXTS, pair * 20)
    found = reopened(model, tmp_path).classes_.tolist()
    assert found == sorted(pair)
    assert [type(label) for label in found] == [type(label) for label in pair]


@pytest.mark.parametrize("y", COLUMNS.values(), ids=COLUMNS)
def test_columns_of_labels_keep_their_type(y, tmp_path):
    model = text_model().fit(TEXTS, y)
    loaded = reopened(model, tmp_path)
    assert loaded.classes_.dtype == model.classes_.dtype
    assert loaded.classes_.tolist() == model.classes_.tolist()
    assert loaded.predict(TEXTS).tolist() == model.predict(TEXTS).tolist()
    assert loaded.score(TEXTS, y) == model.score(TEXTS, y)
    if isinstance(y, np.ndarray) and y.dtype != object:
        assert loaded.classes_.dtype == y.dtype


def test_series_and_tags_keep_their_labels_too(tmp_path):
    days = [dt.date(2024, 1, 1), dt.date(2024, 1, 2)]
    model = SeriesClassifier(encoder="mean", max_epochs=1, n_threads=1).fit(SERIES, days * 20)
    assert reopened(model, tmp_path).classes_.tolist() == days
    tagger = SequenceTagger(hidden_size=4, max_epochs=1, n_threads=1)
    tagger.fit([["a", "b"]] * 20, [[uuid.UUID(int=1), uuid.UUID(int=2)]] * 20)
    assert {type(tag) for tag in reopened(tagger, tmp_path).predict([["a", "b"]])[0]} == {uuid.UUID}


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (pd.cut(pd.Series(np.arange(40.0) % 2), 2), r"type Interval, such as Interval\("),
        (pd.period_range("2024-01", periods=2, freq="M").repeat(20), "type Period"),
        (pd.to_datetime(["2024-01-01", "2024-01-02"] * 20).tz_localize("UTC"), "type Timestamp"),
        (np.array([1j, 2j] * 20), "type complex128"),
        (np.array([1, 2] * 20, dtype=np.longdouble), "type longdouble"),
        ([1, Decimal(2)] * 20, "mixes labels of types Decimal, int"),
        (["a", 1] * 20, "mixes labels of types int, str"),
        (["a\ud800", "b"] * 20, "surrogate pair"),
    ],
)
def test_labels_without_a_form_in_files_are_refused_before_training(y, words, monkeypatch):
    monkeypatch.setattr(TextClassifier, "_train", None)
    with pytest.raises(ValueError, match=words):
        text_model().fit(TEXTS, y)


@pytest.mark.parametrize(
    "y",
    [
        [["a"], ["a", "b"]] * 20,
        [{"a"}, {"b"}] * 20,
        [("a", "b"), ("b", "c")] * 20,
        pd.Series([["a"], ["b", "c"]] * 20),
        pl.Series([["a"], ["b", "c"]] * 20),
    ],
    ids=["lists", "sets", "tuples", "pandas", "polars"],
)
def test_lists_of_labels_are_sent_to_the_binarizer(y):
    with pytest.raises(ValueError, match=r"MultiLabelBinarizer\(\).fit_transform\(y\)"):
        text_model().fit(TEXTS, y)


@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.coo_array, np.ndarray.tolist, list])
def test_indicators_may_be_sparse_or_lists(form):
    Y = np.array([[1, 0], [0, 1]] * 20)
    dense, other = text_model().fit(TEXTS, Y), text_model().fit(TEXTS, form(Y))
    assert other.multilabel_
    np.testing.assert_array_equal(dense.predict_proba(TEXTS), other.predict_proba(TEXTS))
    assert dense.score(TEXTS, Y) == other.score(TEXTS, form(Y))


@pytest.mark.parametrize("y", ["pos", {"a": 1}, {"a", "b"}, 3, (label for label in "ab")])
def test_what_is_no_column_of_labels_is_named(y):
    with pytest.raises(ValueError, match=r"y is of type \w+; pass a list, an array or a column"):
        label_array(y)


def test_names_of_indicator_columns_come_back_from_a_file(tmp_path):
    days = pd.to_datetime(["2024-01-01", "2024-01-02"])
    model = text_model().fit(TEXTS, pd.DataFrame({day: [0, 1] * 20 for day in days}))
    assert reopened(model, tmp_path).classes_.tolist() == model.classes_.tolist()
    assert reopened(model, tmp_path).classes_.dtype == model.classes_.dtype
    for columns in ([("a", 1), ("a", 2)], pd.interval_range(0, 2)):
        Y = pd.DataFrame([[0, 1], [1, 0]] * 20, columns=columns)
        with pytest.raises(ValueError, match="the columns of y"):
            text_model().fit(TEXTS, Y)
