import datetime as dt
import time
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from dateutil.tz import tzoffset

from textseq.series.frequency import Frequency
from textseq.series.panel import read_panel


def long_frame(**columns):
    """Two series, monthly, of 4 and 3 rows."""
    times = pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"])
    frame = pd.DataFrame(
        {
            "unique_id": ["b"] * 4 + ["a"] * 3,
            "ds": [*times, *times[1:]],
            "y": [1.0, 2.0, 3.0, 4.0, 10.0, np.nan, 30.0],
        }
    )
    return frame.assign(**columns)


def in_polars(frame):
    return pl.DataFrame({name: frame[name].to_numpy() for name in frame})


def month(text):
    return np.datetime64(text, "us")


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_rows_in_any_order_become_series_in_order(kind):
    frame = long_frame(x=range(7)).iloc[[6, 0, 3, 4, 2, 5, 1]]
    panel = read_panel(in_polars(frame) if kind == "polars" else frame, future="x")
    assert panel.ids.tolist() == ["a", "b"]
    assert panel.offsets.tolist() == [0, 3, 7]
    assert panel.lengths.tolist() == [3, 4]
    np.testing.assert_array_equal(panel.y.ravel(), [10, np.nan, 30, 1, 2, 3, 4])
    np.testing.assert_array_equal(panel.future.ravel(), [4, 5, 6, 0, 1, 2, 3])
    assert panel.past.shape == (7, 0)
    assert panel.static.shape == (2, 0)
    assert panel.frequency == Frequency.parse("MS")
    assert panel.last_times.tolist() == [dt.datetime(2024, 4, 1)] * 2


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_forecasts_come_back_in_the_users_names_and_kind(kind):
    frame = long_frame().rename(columns={"unique_id": "shop", "ds": "month", "y": "sales"})
    panel = read_panel(
        in_polars(frame) if kind == "polars" else frame,
        id_col="shop", time_col="month", target_col="sales",
    )  # fmt: skip
    out = panel.frame({"lstm": np.arange(4.0).reshape(2, 2)}, h=2, cutoff=True)
    assert isinstance(out, pl.DataFrame if kind == "polars" else pd.DataFrame)
    assert list(out.columns) == ["shop", "month", "cutoff", "lstm"]
    assert list(out["shop"]) == ["a", "a", "b", "b"]
    assert list(out["month"]) == [dt.datetime(2024, 5, 1), dt.datetime(2024, 6, 1)] * 2
    assert list(out["cutoff"]) == [dt.datetime(2024, 4, 1)] * 4
    assert list(out["lstm"]) == [0, 1, 2, 3]
    source = in_polars(frame) if kind == "polars" else frame
    assert out["month"].dtype == source["month"].dtype


def test_several_targets_have_a_row_each():
    frame = long_frame(z=range(7))
    panel = read_panel(frame, target_col=["y", "z"])
    assert panel.y.shape == (7, 2)
    out = panel.frame({"naive": np.arange(4.0).reshape(2, 1, 2)}, h=1)
    assert out["variable"].tolist() == ["y", "z", "y", "z"]
    assert out["naive"].tolist() == [0, 1, 2, 3]
    assert out["unique_id"].tolist() == ["a", "a", "b", "b"]


TIMES = {
    "integers": ([3, 6, 9], 12),
    "nullable integers": (pd.array([3, 6, 9], dtype="Int64"), 12),
    "whole floats": ([3.0, 6.0, 9.0], 12),
    "months as text": (["1949-01", "1949-02", "1949-03"], "1949-04"),
    "quarters as text": (["2020Q1", "2020Q2", "2020Q3"], "2020Q4"),
    "days as text": (["20240101", "20240102", "20240103"], "20240104"),
    "days without zeros": (["2024-1-30", "2024-1-31", "2024-2-1"], "2024-2-2"),
    "hours as text": (["2024-01-31T22", "2024-01-31T23", "2024-02-01T00"], "2024-02-01T01"),
    "text without midnights": (
        ["2024-01-31 22:00:00", "2024-01-31 23:00:00", "2024-02-01"],
        "2024-02-01 01:00:00",
    ),
    "UTC as text": (["2024-01-31T22:00Z", "2024-01-31T23:00Z"], "2024-02-01T00:00Z"),
    "an offset as text": (
        ["2024-01-31 22:00-0330", "2024-01-31 23:00-0330"],
        "2024-02-01 00:00-0330",
    ),
    "categories": (pd.Categorical(["2024-01", "2024-02", "2024-03"]), "2024-04"),
    "days as numbers": ([20240130, 20240131, 20240201], 20240202),
    "days as R's numbers": ([20240130.0, 20240131.0, 20240201.0], 20240202.0),
    "months as numbers": ([202311, 202312], 202401),
    "hours as numbers": ([2024013122, 2024013123], 2024020100),
    "numbers that are no days": ([20240130, 20240131, 20240132], 20240133),
    "dates": ([dt.date(2024, 1, d) for d in (1, 2, 3)], dt.date(2024, 1, 4)),
    "datetimes": ([dt.datetime(2024, 1, 1, h) for h in (1, 2, 3)], pd.Timestamp("2024-01-01 04")),
    "nanoseconds": (pd.date_range("2024", periods=3, unit="ns"), pd.Timestamp("2024-01-04")),
    "seconds": (pd.date_range("2024", periods=3, unit="s"), pd.Timestamp("2024-01-04")),
    "periods": (pd.period_range("2024-01", periods=3, freq="M"), pd.Period("2024-04", "M")),
    "periods of hours": (
        pd.period_range("2024-01-01", periods=3, freq="h"),
        pd.Period("2024-01-01 03", "h"),
    ),
    "long ago": (np.array(["1066", "1067", "1068"], dtype="M8[us]"), pd.Timestamp("1069-01-01")),
}


@pytest.mark.parametrize("kind", TIMES)
def test_times_of_every_kind_go_on(kind):
    times, following = TIMES[kind]
    frame = pd.DataFrame({"ds": times, "y": range(len(times))})
    out = read_panel(frame).frame({"naive": np.ones((1, 1))}, h=1)
    assert out["ds"].iloc[0] == following
    if not isinstance(frame["ds"].dtype, pd.CategoricalDtype):
        assert out["ds"].dtype == frame["ds"].dtype


@pytest.mark.parametrize(
    "times",
    [
        pl.date_range(dt.date(2024, 1, 1), dt.date(2024, 1, 3), eager=True),
        pl.datetime_range(dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 3), "1d", eager=True),
        pl.datetime_range(
            dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 3), "1d", time_unit="ns", eager=True
        ),
        pl.datetime_range(
            dt.datetime(2024, 3, 30), dt.datetime(2024, 4, 1), "1d",
            time_unit="ms", time_zone="Europe/Lisbon", eager=True,
        ),
        pl.Series([1, 2, 3], dtype=pl.Int32),
    ],
)  # fmt: skip
def test_times_of_polars_keep_their_type(times):
    frame = pl.DataFrame({"ds": times, "y": [Decimal("1.5"), None, Decimal("2.5")]})
    panel = read_panel(frame)
    np.testing.assert_array_equal(panel.y.ravel(), [1.5, np.nan, 2.5])
    out = panel.frame({"naive": np.ones((1, 1))}, h=1)["ds"]
    step = times[2] - times[1]
    assert out[0] == times[2] + step
    assert out.dtype == times.dtype or times.dtype == pl.Int32


@pytest.mark.parametrize("zone", ["Europe/Lisbon", "UTC", "UTC+02:00", "America/Sao_Paulo"])
@pytest.mark.parametrize("freq", ["h", "D", "MS"])
def test_a_change_of_clocks_is_no_gap(zone, freq):
    times = pd.date_range("2024-03-01", periods=3_000 if freq == "h" else 300, freq=freq, tz=zone)
    frame = pd.DataFrame({"ds": times[:-100], "y": 1.0})
    panel = read_panel(frame)
    assert str(panel.frequency) == str(Frequency.parse(freq))
    out = panel.frame({"naive": np.ones((1, 100))}, h=100)
    assert (pd.DatetimeIndex(out["ds"]) == times[-100:]).all()
    assert str(out["ds"].dt.tz) == str(times.tz)


def test_a_step_in_hours_is_of_utc_even_for_one_row():
    times = pd.DatetimeIndex(["2024-03-31 00:30"]).tz_localize("Europe/Lisbon")
    panel = read_panel(pd.DataFrame({"ds": times, "y": [1]}), freq="h")
    out = panel.frame({"naive": np.ones((1, 2))}, h=2)["ds"]
    assert [str(t) for t in out] == ["2024-03-31 02:30:00+01:00", "2024-03-31 03:30:00+01:00"]


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([2, 2, 1], [1, 2]),
        (pd.array([2, 2, 1], dtype="Int64"), [1, 2]),
        (pd.array(["x", "x", "é"], dtype="string"), ["x", "é"]),
        (pd.Categorical(["x", "x", "é"], categories=["é", "x", "unused"]), ["x", "é"]),
        ([dt.date(2024, 1, 2), dt.date(2024, 1, 2), dt.date(2024, 1, 1)],
         [dt.date(2024, 1, 1), dt.date(2024, 1, 2)]),
    ],
)  # fmt: skip
def test_ids_of_every_kind(ids, expected):
    panel = read_panel(pd.DataFrame({"unique_id": ids, "ds": [1, 2, 1], "y": [1, 2, 3]}))
    assert panel.ids.tolist() == expected
    assert list(panel.frame({"naive": np.ones((2, 1))}, h=1)["unique_id"]) == expected


@pytest.mark.parametrize(
    "ids",
    [
        pl.Series(["x", "x", "a"], dtype=pl.Categorical),
        pl.Series(["x", "x", "a"], dtype=pl.Enum(["x", "a"])),
        pl.Series([2, 2, 1], dtype=pl.UInt8),
    ],
)
def test_ids_of_polars(ids):
    panel = read_panel(pl.DataFrame({"unique_id": ids, "ds": [1, 2, 1], "y": [1, 2, 3]}))
    assert panel.ids.tolist() == sorted(set(ids))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pd.array([1, None, 3], dtype="Int64"), [1, np.nan, 3]),
        (pd.array([1, None, 3], dtype="Float64"), [1, np.nan, 3]),
        (pd.array([True, None, False], dtype="boolean"), [1, np.nan, 0]),
        ([True, False, True], [1, 0, 1]),
        ([Decimal("1.5"), None, 2], [1.5, np.nan, 2]),
        (np.array([1, 2, 3], dtype=np.uint64), [1, 2, 3]),
        (np.array([1, 2, 3], dtype=np.float32), [1, 2, 3]),
    ],
)
def test_numbers_of_every_kind(values, expected):
    panel = read_panel(pd.DataFrame({"ds": [1, 2, 3], "y": values}))
    np.testing.assert_array_equal(panel.y.ravel(), expected)


GAP = (
    r"series 'b' has a gap: after 2024-01-01 comes 2024-04-01, so 2 step\(s\) of 1 month "
    r"\(first days\) are missing; add a row with an empty target for each"
)


def test_a_gap_is_named():
    with pytest.raises(ValueError, match=GAP):
        read_panel(long_frame().drop([1, 2]), freq="MS")
    frame = pd.DataFrame({"ds": [1, 2, 3, 7, 8, 12], "y": 1})
    with pytest.raises(ValueError, match=r"after 3 comes 7, so 3 .* \(1 more gaps follow\)"):
        read_panel(frame)
    times = pd.date_range("2024-01-01", periods=50, freq="h").delete(30)
    with pytest.raises(ValueError, match="after 2024-01-02 05:00 comes 2024-01-02 07:00, so 1"):
        read_panel(pd.DataFrame({"ds": times, "y": 1}))
    holiday = pd.date_range("2024-12-20", periods=10, freq="B").delete(3)
    with pytest.raises(ValueError, match="after 2024-12-24 comes 2024-12-26.*1 business day"):
        read_panel(pd.DataFrame({"ds": holiday, "y": 1}))
    one_week = pd.date_range("2024-01-01", periods=5, freq="D").delete(3)
    with pytest.raises(ValueError, match="after 2024-01-03 comes 2024-01-05.*of 1 day are"):
        read_panel(pd.DataFrame({"ds": one_week, "y": 1}))


def test_a_time_beside_the_grid_is_named():
    times = pd.date_range("2024-01-01", periods=10, freq="h").insert(3, month("2024-01-01T02:30"))
    with pytest.raises(ValueError, match="'series' has the time 2024-01-01 02:30.*steps of 1 hour"):
        read_panel(pd.DataFrame({"ds": times, "y": 1}))
    with pytest.raises(ValueError, match=r"has the time 2024-02-01.*1 month \(last days\)"):
        read_panel(long_frame(), freq="ME")


def test_repeated_rows_are_named():
    frame = pd.concat([long_frame(), long_frame().iloc[[2, 5]]])
    message = r"series 'a' has more than one row for 2024-03-01 \(2 repeated rows in all\)"
    with pytest.raises(ValueError, match=message):
        read_panel(frame)
    with pytest.raises(ValueError, match="tells the series apart: id_col="):
        read_panel(long_frame().rename(columns={"unique_id": "shop"}))


def broken(column, row, value):
    frame = long_frame(x=range(7))
    frame[column] = frame[column].astype(object)
    frame.loc[row, column] = value
    return frame


@pytest.mark.parametrize(
    ("frame", "arguments", "message"),
    [
        (long_frame(), {"target_col": "Y"}, "no column 'Y'; the columns are 'unique_id', 'ds'"),
        (long_frame(), {"id_col": "unique_ids"}, "'unique_ids'; did you mean 'unique_id'"),
        (long_frame().set_index("ds"), {}, "no column 'ds'; the index has that name"),
        (broken("y", 1, "4,5"), {}, "column 'y' does not hold numbers but, for example, '4,5'"),
        (broken("y", 1, np.inf), {}, r"column 'y' is infinite in 1 row\(s\), the first is row 1"),
        (broken("ds", 1, None), {}, "column 'ds' has no time in row 1"),
        (broken("unique_id", 1, None), {}, "column 'unique_id' has no id in row 1"),
        (broken("x", 5, np.nan), {"future": "x"},
         r"covariate 'x' is missing for series 'a' at 2024-03-01 \(1 missing in all\)"),
        (broken("x", 5, np.nan), {"past": ["x"]}, "covariate 'x' is missing for series 'a'"),
        (long_frame(x=range(7)), {"static": "x"}, "'x' changes within series 'a'"),
        (long_frame(y=[1, 2, 3, 4, np.nan, np.nan, np.nan]), {},
         r"series 'a' has no value of 'y' \(1 such series in all\)"),
        (long_frame(), {"past": "y"}, "column 'y' is named twice"),
        (long_frame(), {"target_col": []}, "target_col names no column"),
        (long_frame().iloc[:0], {}, "the frame has no rows"),
        (long_frame(ds=["01/02/2024"] * 7), {}, "'01/02/2024', which does not start with the year"),
        (long_frame(ds=["2024, spring"] * 7), {}, "column 'ds' cannot be read as times"),
        (long_frame(ds=["2024-13-01"] * 7), {}, "column 'ds' cannot be read as times"),
        (long_frame(ds=pd.to_timedelta(range(7), "D")), {}, "column 'ds' holds no times"),
        (long_frame(ds=np.arange(7) / 2), {}, "column 'ds' holds no times but, for example, 0.5"),
        (long_frame(ds=pd.to_datetime(range(1, 8), unit="ns")), {}, "finer than a microsecond"),
        (long_frame(ds=pd.date_range("2024", periods=7, tz=tzoffset(None, 3600))), {},
         "the time zone tzoffset.*, which has no name; convert it"),
        (long_frame(ds=["2024-03-31T00:00+00:00"] * 6 + ["2024-03-31T02:00+01:00"]), {},
         "column 'ds' cannot be read as times: .*[Mm]ixed time"),
        (long_frame(), {"freq": 1}, "the times are dates, which a step of 1 does not fit"),
        (long_frame(ds=range(7)), {"freq": "D"}, "the times are whole numbers"),
        (long_frame(), {"freq": Frequency("month", 1, 1, "UTC")}, "time zone None, .* have UTC"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(frame, arguments, message):
    with pytest.raises(ValueError, match=message):
        read_panel(frame, **arguments)


def test_what_is_no_frame_is_refused():
    with pytest.raises(TypeError, match="got LazyFrame; call .collect"):
        read_panel(in_polars(long_frame()).lazy())
    with pytest.raises(TypeError, match="got list"):
        read_panel([1, 2, 3])
    twice = pd.concat([long_frame(), long_frame()["y"]], axis=1)
    with pytest.raises(ValueError, match="2 columns named 'y'"):
        read_panel(twice)


def test_static_covariates_come_from_either_frame():
    inside = read_panel(long_frame(size=[2] * 4 + [1] * 3), static=["size"])
    np.testing.assert_array_equal(inside.static, [[1], [2]])
    static = pl.DataFrame({"size": [9, 2, 1], "unique_id": ["z", "b", "a"], "open": [True] * 3})
    outside = read_panel(long_frame(), static=static)
    np.testing.assert_array_equal(outside.static, [[1, 1], [2, 1]])
    assert outside.names.static == ("size", "open")
    with pytest.raises(ValueError, match="no row for series 'a'"):
        read_panel(long_frame(), static=static[:2])
    with pytest.raises(ValueError, match="more than one row for series 'b'"):
        read_panel(long_frame(), static=pl.concat([static, static[1:2]]))
    with pytest.raises(ValueError, match="'size' is missing for series 'b'"):
        read_panel(long_frame(), static=static.with_columns(size=pl.Series([9, None, 1])))


def test_take_and_until_keep_rows_together():
    panel = read_panel(long_frame(x=range(7)), future="x", static=pd.DataFrame(
        {"unique_id": ["a", "b"], "size": [1, 2]}
    ))  # fmt: skip
    turned = panel.take([1, 0])
    assert turned.ids.tolist() == ["b", "a"]
    np.testing.assert_array_equal(turned.future.ravel(), range(7))
    np.testing.assert_array_equal(turned.static, [[2], [1]])
    np.testing.assert_array_equal(turned.times[:4], panel.times[3:])
    earlier = panel.until(panel.lengths - 2)
    np.testing.assert_array_equal(earlier.y.ravel(), [10, 1, 2])
    assert earlier.last_times.tolist() == [dt.datetime(2024, 2, 1)] * 2
    np.testing.assert_array_equal(panel.until(panel.lengths + 9).offsets, panel.offsets)
    shorter = panel.until(panel.lengths - 3)
    assert shorter.ids.tolist() == ["b"]
    np.testing.assert_array_equal(shorter.static, [[2]])


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_covariates_ahead_are_read_by_time(kind):
    panel = read_panel(long_frame(x=0, w=0), future=["x", "w"])
    ahead = pd.DataFrame(
        {
            "unique_id": ["c", "b", "b", "a", "a", "a"],
            "ds": pd.to_datetime([f"2024-0{m}" for m in (5, 6, 5, 7, 5, 6)]),
            "x": [9.0, 1.0, 2.0, 3.0, 4.0, 5.0],
            "w": 7,
        }
    )  # fmt: skip
    ahead = in_polars(ahead) if kind == "polars" else ahead
    values = panel.read_future(ahead, 2)
    np.testing.assert_array_equal(values[:, :, 0], [[4, 5], [2, 1]])
    np.testing.assert_array_equal(values[:, :, 1], 7)
    with pytest.raises(ValueError, match="series 'b' lack the time 2024-07-01; give a row"):
        panel.read_future(ahead, 3)
    with pytest.raises(ValueError, match="X_future has no row of series 'a'"):
        panel.read_future(ahead[:3], 2)


def test_covariates_ahead_are_whole_and_once():
    panel = read_panel(long_frame(x=0), future="x")
    ahead = panel.frame({"x": np.ones((2, 2))}, h=2)
    assert panel.read_future(ahead, 2).tolist() == [[[1], [1]]] * 2
    with pytest.raises(ValueError, match="series 'a' has more than one row for 2024-05-01"):
        panel.read_future(pd.concat([ahead, ahead]), 2)
    with pytest.raises(ValueError, match="'x' is missing for series 'b' at 2024-06-01"):
        panel.read_future(ahead.assign(x=[1, 1, 1, np.nan]), 2)


def test_a_million_rows_are_read_without_a_loop_a_row():
    n, length = 1_000, 1_000
    frame = pd.DataFrame(
        {
            "unique_id": np.repeat(np.arange(n), length),
            "ds": np.tile(pd.date_range("2024-01-01", periods=length, freq="h"), n),
            "y": 1.0,
        }
    )
    start = time.process_time()
    panel = read_panel(frame)
    assert len(panel) == n
    assert time.process_time() - start < 3


@pytest.mark.parametrize("hours", [2, 8, 12])
@pytest.mark.parametrize("days", ["2024-03-28", "2024-10-24"])
def test_hours_of_the_day_go_on_over_a_change_of_clocks(hours, days):
    naive = pd.date_range(days, periods=8 * 24 // hours, freq=f"{hours}h")
    times = naive.tz_localize("Europe/Lisbon", ambiguous=True, nonexistent="shift_forward")
    n_known = 5 * 24 // hours
    panel = read_panel(pd.DataFrame({"ds": times[:n_known], "y": 1.0}))
    n_ahead = len(times) - n_known
    out = panel.frame({"naive": np.ones((1, n_ahead))}, h=n_ahead)
    assert (pd.DatetimeIndex(out["ds"]) == times[n_known:]).all()


def test_days_of_24_hours_go_on_as_such():
    times = pd.date_range("2024-03-28", periods=9, freq="24h", tz="Europe/Lisbon")
    panel = read_panel(pd.DataFrame({"ds": times[:6], "y": 1.0}))
    out = panel.frame({"naive": np.ones((1, 3))}, h=3)
    assert (pd.DatetimeIndex(out["ds"]) == times[6:]).all()


@pytest.mark.parametrize("first", ["2018-10-30", "2018-11-04"])
def test_a_day_without_midnight_is_a_day(first):
    days = pd.date_range(first, "2018-11-12", freq="D")
    times = days.tz_localize("America/Sao_Paulo", nonexistent="shift_forward")
    panel = read_panel(pd.DataFrame({"ds": times[:-4], "y": 1.0}))
    out = panel.frame({"naive": np.ones((1, 4))}, h=4)
    assert (pd.DatetimeIndex(out["ds"]) == times[-4:]).all()


@pytest.mark.parametrize("offset", ["+05:30", "-0330", "Z"])
def test_text_with_an_offset_comes_back_with_it(offset):
    hours = [f"2024-06-01T{hour:02}:00{offset}" for hour in range(20)]
    for kind in (pd.DataFrame, pl.DataFrame):
        panel = read_panel(kind({"ds": hours[:15], "y": [1.0] * 15}))
        assert list(panel.frame({"naive": np.ones((1, 5))}, h=5)["ds"]) == hours[15:]


def test_messages_show_times_as_their_user_does():
    local = pd.date_range("2021-03-01", periods=60, freq="h", tz="America/Sao_Paulo").delete(49)
    with pytest.raises(ValueError, match="after 2021-03-03 00:00-03:00 comes 2021-03-03 02:00-03"):
        read_panel(pd.DataFrame({"ds": local, "y": 1.0}))
    digits = [20240131, 20240201, 20240202, 20240204]
    with pytest.raises(ValueError, match="after 20240202 comes 20240204, so 1 step"):
        read_panel(pd.DataFrame({"ds": digits, "y": 1.0}))
    text = [f"2024-06-01T{hour:02}" for hour in (0, 1, 2, 4)]
    with pytest.raises(ValueError, match="after 2024-06-01T02 comes 2024-06-01T04"):
        read_panel(pd.DataFrame({"ds": text, "y": 1.0}))


def test_ids_and_times_are_not_called_as_forecasts_are():
    names = read_panel(long_frame(z=range(7)).rename(columns={"unique_id": "variable"}),
                       id_col="variable", target_col=["y", "z"]).names  # fmt: skip
    with pytest.raises(ValueError, match="the id column is called 'variable'.*rename it"):
        names.refuse_taken([])
    with pytest.raises(ValueError, match="the time column is called 'ds'"):
        names._replace(id="shop").refuse_taken(["ds"])
    names._replace(id="shop").refuse_taken(["lstm"])


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ([f"2020-W{week:02d}" for week in range(1, 9)], "'2020-W01', which is a week, not a day"),
        (["2024-10-27 00:00", "2024-10-27 01:00", "2024-10-27 01:00"], "give the times their time"),
    ],
)
def test_times_that_are_no_grid_are_refused_with_a_remedy(times, message):
    with pytest.raises(ValueError, match=message):
        read_panel(pd.DataFrame({"ds": times, "y": 1.0}))


def test_first_and_last_days_of_months_are_two_grids():
    months = {
        name: pd.date_range("2015-01-01", periods=24, freq=freq)
        for name, freq in (("a", "MS"), ("b", "ME"))
    }
    frame = pd.concat(
        pd.DataFrame({"unique_id": name, "ds": ds, "y": 1.0}) for name, ds in months.items()
    )
    with pytest.raises(ValueError, match="give all series the first day or all the last day"):
        read_panel(frame)
