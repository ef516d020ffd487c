"""Against R itself: what it prints of the same values, or values written down beside its code."""

import json
import os
import subprocess
import sys
import threading

import numpy as np
import pandas as pd
import pytest
from rpy2 import rinterface

from textseq import Forecaster, load_sample
from textseq.r import r_dataset, to_pandas
from textseq.r_session import start_r
from textseq.series.panel import read_panel

STRINGS = pd.Series(["a"]).dtype  # pandas' own from version 3 on


def from_r(code):
    start_r("a test")
    return to_pandas(rinterface.evalr(code))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("c(1.5, NA, NaN, Inf)", pd.Series([1.5, np.nan, np.nan, np.inf])),
        ("c(3L, NA, -7L)", pd.Series([3, None, -7], dtype="Int64")),
        ("1:3", pd.Series([1, 2, 3])),
        ("c(TRUE, NA)", pd.Series([True, None], dtype="boolean")),
        ("c(TRUE, FALSE)", pd.Series([True, False])),
        ("c('a', NA, 'z\\u00fcg')", pd.Series(["a", None, "züg"])),
        ("iconv('caf\\u00e9', 'UTF-8', 'latin1')", pd.Series(["café"])),
        ("c(a = 1, b = 2)", pd.Series([1.0, 2.0], index=["a", "b"])),
        ("character()", pd.Series([], dtype=object)),
        ("integer()", pd.Series([], dtype="int64")),
        ("5", pd.Series([5.0])),
        (
            "factor(c('lo', NA, 'hi'), c('lo', 'mid', 'hi'), ordered = TRUE)",
            pd.Series(
                pd.Categorical(
                    ["lo", None, "hi"], pd.Index(["lo", "mid", "hi"], dtype=object), True
                )
            ),
        ),
        (
            "as.Date(c('2024-02-29', NA, '1890-01-01'))",
            pd.Series(np.array(["2024-02-29", "NaT", "1890-01-01"], "datetime64[s]")),
        ),
        (
            "as.POSIXct('2024-07-01 12:00', tz = 'America/Sao_Paulo') + c(0.25, NA)",
            pd.Series(
                pd.DatetimeIndex(["2024-07-01 12:00:00.25", None], tz="America/Sao_Paulo").as_unit(
                    "us"
                )
            ),
        ),
        (
            "as.difftime(c(90, NA), units = 'mins')",
            pd.Series(np.array([5400 * 10**6, "NaT"], "timedelta64[us]")),
        ),
    ],
)
def test_vectors_keep_type_missing_values_and_length(code, expected):
    pd.testing.assert_series_equal(from_r(code), expected, check_index_type=False)


def test_null_bytes_and_arrays():
    assert from_r("NULL") is None
    assert from_r("as.raw(c(0, 255))") == b"\x00\xff"
    cube = from_r("array(1:24, 2:4)")
    assert cube.shape == (2, 3, 4) and cube[1, 2, 3] == 24 and cube[1, 0, 0] == 2


def test_frames_keep_columns_rows_and_names():
    frame = from_r(
        "data.frame(n = c(1L, NA), ok = c(NA, FALSE), text = c('x', NA), "
        "f = factor(c('b', 'a')), day = as.Date(c('2020-01-01', NA)), row.names = c('r1', 'r2'))"
    )
    assert list(frame.index) == ["r1", "r2"]
    assert frame.dtypes.map(str).to_dict() == {
        "n": "Int64", "ok": "boolean", "text": str(STRINGS), "f": "category",
        "day": "datetime64[s]",
    }  # fmt: skip
    assert frame["n"].isna().tolist() == [False, True]
    assert frame["f"].cat.categories.tolist() == ["a", "b"]
    empty = from_r("data.frame(n = integer(), f = factor(character(), 'a'))")
    assert empty.shape == (0, 2) and empty["n"].dtype == np.int64
    assert empty["f"].cat.categories.tolist() == ["a"]
    assert from_r("data.frame(a = 1:2)[0]").shape == (2, 0)
    twice = from_r("data.frame(a = 1, a = 2, check.names = FALSE)")
    assert list(twice.columns) == ["a", "a"] and twice.iloc[0].tolist() == [1, 2]


def test_matrices_and_tables_are_frames():
    named = from_r("matrix(1:4, 2, dimnames = list(c('r', 's'), c('a', 'b')))")
    expected = pd.DataFrame({"a": [1, 2], "b": [3, 4]}, index=["r", "s"])
    pd.testing.assert_frame_equal(named, expected, check_column_type=False)
    bare = from_r("matrix(c('x', NA, 'y', 'z'), 2)")
    assert bare.columns.tolist() == [0, 1] and bare[1].tolist() == ["y", "z"]
    counts = r_dataset("Titanic")
    assert counts.shape == (32, 5) and counts["Freq"].sum() == 2201
    assert counts["Survived"].cat.categories.tolist() == ["No", "Yes"]


def test_lists_nest():
    told = from_r("list(a = 1:2, b = list('x', data.frame(n = 1)), c = NULL)")
    assert told["a"].tolist() == [1, 2] and told["c"] is None
    assert told["b"][0].tolist() == ["x"] and told["b"][1]["n"].tolist() == [1.0]
    with pytest.raises(ValueError, match="names of a list are"):
        from_r("list(a = 1, a = 2)")


@pytest.mark.parametrize("code", ["function(x) x", "list(globalenv())"])
def test_what_is_no_data_is_named(code, capfd):
    with pytest.raises(TypeError, match=r"has no form that pandas knows: a value of class"):
        from_r(code)
    assert capfd.readouterr() == ("", "")


def test_strings_that_are_not_what_they_claim_are_named():
    with pytest.raises(TypeError, match="string 1 is not valid in its encoding"):
        from_r("`Encoding<-`('caf\\xe9', 'UTF-8')")


def test_only_objects_of_r_are_taken():
    with pytest.raises(TypeError, match=r"to_pandas takes objects of rpy2, got list; r_dataset"):
        to_pandas([1])


def test_robjects_are_taken():
    start_r("a test")
    from rpy2 import robjects

    frame = robjects.DataFrame({"n": robjects.IntVector([1, 2])})
    assert to_pandas(frame)["n"].tolist() == [1, 2]


def test_a_monthly_series_is_the_sample():
    air, sample = r_dataset("AirPassengers"), load_sample("airpassengers")
    assert list(air.columns) == ["ds", "y"]
    assert (pd.to_datetime(sample["ds"]).to_numpy() == air["ds"].to_numpy()).all()
    assert (sample["y"].to_numpy() == air["y"].to_numpy()).all()
    assert air.attrs == {"start": 1949.0, "frequency": 12.0}


@pytest.mark.parametrize(
    ("code", "first", "last", "season"),
    [
        ("ts(1:9, start = c(2021, 12), frequency = 12)", "2021-12-01", "2022-08-01", 12),
        ("ts(1:9, start = c(1999, 4), frequency = 4)", "1999-10-01", "2001-10-01", 4),
        ("ts(1:9, start = 1900)", "1900-01-01", "1908-01-01", 1),
        ("ts(1:9)", 1, 9, 1),
        ("ts(1:9, frequency = 12)", 1, 9, 1),
        ("ts(1:9, start = 2000.5)", 1, 9, 1),
        ("ts(1:9, start = c(2020, 3), frequency = 52)", 1, 9, 1),
    ],
)
def test_times_are_dates_where_r_has_years(code, first, last, season):
    frame = from_r(code)
    ends = frame["ds"].iloc[[0, -1]].tolist()
    assert ends == ([first, last] if first == 1 else [pd.Timestamp(first), pd.Timestamp(last)])
    panel = read_panel(frame)
    assert panel.frequency.season_length == season and panel.y.ravel().tolist() == list(
        range(1, 10)
    )


def test_series_side_by_side_are_one_below_the_other():
    stocks = r_dataset("EuStockMarkets")
    assert list(stocks.columns) == ["unique_id", "ds", "y"] and len(stocks) == 4 * 1860
    assert stocks["unique_id"].unique().tolist() == ["DAX", "SMI", "CAC", "FTSE"]
    assert stocks.loc[stocks["unique_id"] == "SMI", "y"].iloc[0] == 1678.1
    bare = from_r("ts(matrix(c(1L, NA, 3:6), 3), start = 2000)")
    assert bare["unique_id"].tolist() == ["Series 1"] * 3 + ["Series 2"] * 3
    assert bare["y"].isna().tolist() == [False, True] + 4 * [False]


def test_a_forecaster_takes_them_as_they_are():
    ahead = Forecaster(h=3, max_epochs=1, n_threads=1).fit(r_dataset("UKgas")).predict()
    assert list(ahead["ds"]) == list(pd.to_datetime(["1987-01-01", "1987-04-01", "1987-07-01"]))


def test_data_sets_by_name():
    diamonds = r_dataset("diamonds", package="ggplot2")
    assert diamonds.shape == (53940, 10) and diamonds["price"].dtype == np.int64
    assert diamonds["cut"].cat.ordered and diamonds["cut"].cat.categories[0] == "Fair"
    assert r_dataset("beaver1").shape == (114, 4)  # of a file that holds two
    assert r_dataset("airquality")["Ozone"].dtype == "Int64"
    with pytest.raises(ValueError, match=r"no data set 'AirPassenger'; did you mean 'AirPass"):
        r_dataset("AirPassenger")
    with pytest.raises(ImportError, match=r"R has no package nothere, .*install\.packages\("):
        r_dataset("women", package="nothere")


def test_every_data_set_of_r_is_read_as_r_has_it():
    start_r("a test")
    code = """
    items <- utils::data(package = "datasets")$results[, "Item"]
    for (name in sub(" .*", "", items)) {
      x <- getExportedValue("datasets", name)
      if (is.data.frame(x) || is.matrix(x) && !is.ts(x)) cat(name, dim(x), "\\n")
      else if (is.numeric(x) && is.ts(x)) cat(name, sprintf("%.17g", sum(x, na.rm = TRUE)), "\\n")
    }
    """
    out = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=True)
    lines = [line.split() for line in out.stdout.splitlines()]
    assert len(lines) > 80
    for name, *figures in lines:
        value = r_dataset(name)
        if len(figures) == 1:
            assert value["y"].sum() == pytest.approx(float(figures[0]), rel=1e-12), name
        elif list(value.columns[-1:]) != ["Freq"]:
            assert list(value.shape) == list(map(int, figures)), name


def test_nothing_is_left_in_r():
    start_r("a test")
    before = list(rinterface.evalr("c(ls(globalenv(), all.names = TRUE), search())"))
    from_r("data.frame(a = 1)")
    r_dataset("women")
    assert list(rinterface.evalr("c(ls(globalenv(), all.names = TRUE), search())")) == before


def test_another_thread_is_refused():
    caught = []

    def call():
        try:
            r_dataset("women")
        except RuntimeError as error:
            caught.append(str(error))

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    assert caught == ["R can only be called from the main thread, not for r_dataset"]


@pytest.mark.parametrize(
    ("before", "environment"),
    [("", {"PATH": ""}), ("import sys; sys.modules['rpy2'] = None; ", {})],
    ids=["no R", "no rpy2"],
)
def test_what_is_missing_is_named(before, environment):
    out = subprocess.run(
        [sys.executable, "-c", before + "from textseq.r import r_dataset; r_dataset('women')"],
        env={name: value for name, value in os.environ.items() if name != "R_HOME"} | environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert out.returncode == 1
    last = out.stderr.splitlines()[-1]
    assert last.startswith("ImportError: r_dataset needs R and rpy2 (")
    assert 'pip install "textseq[r]"' in last


def test_importing_reads_nothing_heavy():
    code = (
        "import textseq.r, sys, json; "
        "print(json.dumps([m for m in ('rpy2', 'pandas', 'numpy', 'torch') if m in sys.modules]))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(out.stdout) == []
