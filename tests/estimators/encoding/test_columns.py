"""Columns of frames, read as numbers, truth values, categories and dates."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest

from textseq.estimators.encoding.columns import Columns, kind_of

DAYS = [dt.date(2024, 2, 29), None, dt.date(2024, 3, 1)]
KINDS = {
    "number": [[1, 2, 3], [1.5, None, 2.0], [Decimal("1.5"), None, Decimal(2)]],
    "boolean": [[True, False, True], [True, None, False]],
    "string": [["a", None, "b"]],
    "date": [DAYS],
    "missing": [[None, None, None]],
}


@pytest.mark.parametrize("make", [lambda v: pd.Series(v, dtype=object), pl.Series])
@pytest.mark.parametrize(("kind", "values"), [(k, v) for k, all in KINDS.items() for v in all])
def test_kinds_are_told_by_type_or_by_what_objects_are(make, kind, values):
    assert kind_of(make(values)) == kind


def test_types_of_both_libraries_tell():
    moment = pd.Timestamp("2024-02-29 13:00")
    for column, kind in (
        (pd.Series(["a", "b"]), "string"),
        (pd.Series(["a", None], dtype="category"), "category"),
        (pl.Series(["a", None], dtype=pl.Categorical), "category"),
        (pl.Series(["a"], dtype=pl.Enum(["a", "b"])), "category"),
        (pd.Series([1, None], dtype="Int64"), "number"),
        (pd.Series([True, None], dtype="boolean"), "boolean"),
        (pd.Series([moment]).dt.tz_localize("Europe/Lisbon"), "date"),
        (pd.Series([pd.Timedelta("1h")]), "number"),
        (pl.Series([dt.timedelta(hours=1)]), "number"),
    ):
        assert kind_of(column) == kind, column


@pytest.mark.parametrize("values", [[b"a"], [[1, 2]], ["a", 1], [1 + 2j]])
def test_what_is_nothing_of_these_is_refused_with_its_name_and_a_value(values):
    with pytest.raises(ValueError, match=r"column 'x' holds .*, such as .*leave it out"):
        kind_of(pd.Series(values, name="x"))


def test_both_libraries_give_the_same_values():
    held = {
        "price": [1.5, None, -np.inf],
        "store": ["a", None, "b"],
        "new": [True, None, False],
        "day": DAYS,
    }
    read = [Columns.read(make(held), list(held)) for make in (pd.DataFrame, pl.DataFrame)]
    for columns in read:
        assert columns.kinds == dict(price="number", store="category", new="boolean", day="date")
        np.testing.assert_array_equal(columns.values["price"], [1.5, np.nan, -np.inf])
        np.testing.assert_array_equal(columns.values["new"], [1.0, np.nan, 0.0])
        assert columns.values["store"].tolist() == ["a", None, "b"]
        days = np.array(["2024-02-29", "NaT", "2024-03-01"], "datetime64[us]")
        np.testing.assert_array_equal(columns.values["day"], days)
    assert read[0].to_bytes() == read[1].to_bytes()


def test_times_are_read_on_the_clock_of_their_own_zone():
    times = pd.Series(pd.to_datetime(["2024-07-01 23:30"])).dt.tz_localize("Asia/Tokyo")
    for frame in (pd.DataFrame({"at": times}), pl.DataFrame({"at": pl.Series(times.tolist())})):
        read = Columns.read(frame, ["at"])
        assert str(read.values["at"][0]) == "2024-07-01T23:30:00.000000"


def test_a_duration_is_seconds():
    read = Columns.read(pl.DataFrame({"took": [dt.timedelta(minutes=2), None]}), ["took"])
    np.testing.assert_array_equal(read.values["took"], [120.0, np.nan])


def test_rows_are_taken_and_joined():
    columns = Columns.read(pd.DataFrame({"x": [1, 2, 3], "s": ["a", "b", "c"]}), ["x", "s"])
    some = columns.take(np.array([2, 0])).followed_by(columns.take(np.array([1])))
    assert some.values["x"].tolist() == [3, 1, 2] and some.values["s"].tolist() == ["c", "a", "b"]
    assert some.frame().to_dict("list") == {"x": [3, 1, 2], "s": ["c", "a", "b"]}


def test_a_column_without_values_may_be_of_any_kind_and_others_may_not():
    columns = Columns.read(pd.DataFrame({"x": [None, None], "n": [1, 2]}), ["n", "x"])
    read = columns.of_kinds({"x": "date", "n": "number"}, "X")
    assert list(read.values) == ["x", "n"] and np.isnat(read.values["x"]).all()
    assert columns.of_kinds({"n": "missing"}, "X").values["n"].dtype == np.float64
    with pytest.raises(ValueError, match="column 'n' of X is a number, such as 1.0, but a date"):
        columns.of_kinds({"n": "date"}, "X")


def test_bytes_tell_names_kinds_and_values_apart():
    frames = [{"x": [1.0]}, {"x": [2.0]}, {"z": [1.0]}, {"x": ["1.0"]}, {"x": [True]}]
    found = {Columns.read(pd.DataFrame(own), list(own)).to_bytes() for own in frames}
    assert len(found) == len(frames)
