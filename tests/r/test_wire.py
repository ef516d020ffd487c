"""The wire between R and Python, from Python's side: what goes out comes back, in plain forms."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from textseq.r import wire
from textseq.r.wire import Strings, TimeSeries, decode, encode

PLAIN = (str, int, float, bool, bytearray, type(None))
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))
maybe_texts = st.lists(st.none() | texts)
names = st.lists(texts.filter(bool), unique=True, max_size=4)
shapes = hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4)
doubles = hnp.arrays(np.float64, shapes, elements=st.floats(allow_subnormal=True))
wholes = hnp.arrays(np.int64, shapes, elements=st.integers(-(2**31) + 1, 2**31 - 1))
wide = hnp.arrays(np.int64, shapes, elements=st.integers(-(2**53), 2**53))
logicals = hnp.arrays(np.bool_, shapes)


def plain(item):
    """Whether reticulate hands a value over as it is, whatever its version."""
    if isinstance(item, dict):
        return all(type(key) is str and plain(value) for key, value in item.items())
    return all(map(plain, item)) if isinstance(item, list) else type(item) in PLAIN


def crossed(value):
    """Send a value to R and back, R changing nothing."""
    message = encode(value)
    assert plain(message)
    return decode(message)


def same(one, other):
    if isinstance(other, dict):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in other)
    if isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(other, np.ndarray):
        return np.array_equal(one, other, equal_nan=True)
    return one == other


def as_r_sends(kind, numbers, **more):
    return {"type": kind, "buf": [bytearray(numbers.tobytes())], "dim": None, "names": None} | more


@given(doubles | wholes | logicals)
def test_arrays_come_back_as_they_are(values):
    back = crossed(values)
    assert back.dtype == values.dtype and back.shape == values.shape
    np.testing.assert_array_equal(back, values)


@given(wide)
def test_wider_whole_numbers_become_doubles(values):
    np.testing.assert_array_equal(crossed(values), values)


def test_whole_numbers_that_no_double_holds_are_refused():
    with pytest.raises(OverflowError, match="9007199254740993"):
        encode(2**53 + 1)
    for beyond in (2**70, [1, 2**70]):
        with pytest.raises(OverflowError, match="beyond 2..53"):
            encode(beyond)


@given(maybe_texts)
def test_strings_come_back_with_the_missing_ones(values):
    assert encode(Strings(values))["type"] == "character"
    assert crossed(Strings(values)) == values


def test_strings_that_r_can_not_hold_are_marked():
    assert crossed(["a\0b", "c\ud800"]) == ["a\ufffdb", "c\ufffd"]


@given(st.lists(st.none() | st.integers(-(2**31) + 1, 2**31 - 1), min_size=1))
def test_missing_whole_numbers_stay_missing(values):
    back = crossed(pd.array(values, dtype="Int64"))
    assert [None if item is pd.NA else int(item) for item in pd.array(back)] == values


@given(st.lists(st.none() | st.booleans(), min_size=1))
def test_missing_logicals_stay_missing(values):
    back = crossed(pd.array(values, dtype="boolean"))
    assert [None if item is pd.NA else bool(item) for item in pd.array(back)] == values


@given(st.lists(st.integers(-1, 2)), st.booleans())
def test_factors_keep_levels_and_order(codes, ordered):
    factor = pd.Categorical.from_codes(codes, ["b", "a", "\u00fc"], ordered=ordered)
    back = crossed(factor)
    assert back.ordered == ordered and back.categories.tolist() == ["b", "a", "\u00fc"]
    assert back.codes.tolist() == codes


@given(st.lists(st.none() | st.dates(), min_size=1))
def test_dates_stay_dates(days):
    column = pd.Series(np.array(days, dtype="datetime64[s]"))
    assert encode(column)["type"] == "Date"
    np.testing.assert_array_equal(crossed(column), column.to_numpy())


@pytest.mark.parametrize("zone", ["UTC", "America/Sao_Paulo", "Asia/Kolkata"])
def test_times_keep_their_zone(zone):
    times = pd.DatetimeIndex(["2020-01-31 23:59:59.5", None, "2020-07-01"], tz=zone)
    back = crossed(times)
    assert str(back.tz) == zone and back.equals(times.as_unit("us"))


@pytest.mark.parametrize(
    ("offset", "name"),
    [("+02:00", "Etc/GMT-2"), ("-03:00", "Etc/GMT+3"), ("+05:30", "UTC"), ("+00:00", "UTC")],
)
def test_fixed_offsets_have_names_that_r_reads_alike(offset, name):
    times = pd.DatetimeIndex([f"2020-07-01 12:00{offset}"])
    assert encode(times)["tz"] == name
    assert crossed(times)[0] == times[0]


@pytest.mark.parametrize("kind", ["datetime64[D]", "timedelta64[us]"])
def test_times_keep_their_shape(kind):
    values = np.arange(6).reshape(2, 3).astype(kind)
    np.testing.assert_array_equal(np.asarray(crossed(values)), values)


def test_fractions_of_seconds_are_rounded_not_cut():
    seconds = np.array([1577880000.3], "<f8")  # a little less, as a double
    times = decode(as_r_sends("POSIXct", seconds, tz="UTC"))
    assert times[0] == pd.Timestamp("2020-01-01 12:00:00.3", tz="UTC")


def test_times_without_zone_are_utc_unless_all_are_midnights():
    assert encode(pd.to_datetime(["2020-01-01 10:00"]))["tz"] == "UTC"
    assert encode(pd.to_datetime(["2020-01-01"]))["type"] == "Date"


def test_spans_come_back():
    spans = pd.TimedeltaIndex(["1h", None, "-2 days"])
    np.testing.assert_array_equal(crossed(spans), spans.to_numpy())


@given(st.data())
@settings(max_examples=50)
def test_frames_come_back(data):
    rows = data.draw(st.integers(0, 3))
    columns = {
        name: data.draw(
            st.sampled_from(
                [
                    pd.array([1.5, None, -2.0][:rows], dtype="float64"),
                    pd.array([1, None, -2][:rows], dtype="Int64"),
                    pd.array(["a", None, "\u00fc"][:rows], dtype=object),
                    pd.array([True, None, False][:rows], dtype="boolean"),
                    pd.Categorical(["x", None, "y"][:rows]),
                ]
            )
        )
        for name in data.draw(names)
    }
    frame = pd.DataFrame(columns, index=pd.RangeIndex(rows))
    back = crossed(frame)
    assert back.shape == frame.shape and back.columns.tolist() == list(columns)
    for name in columns:
        one, other = back[name], frame[name]
        assert one.isna().tolist() == other.isna().tolist()
        assert one.dropna().tolist() == other.dropna().tolist()


@given(
    st.recursive(
        st.none() | doubles | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(texts.filter(bool), inner),
    )
)
def test_nested_lists_come_back(value):
    assert same(crossed(value), value)


@given(hnp.arrays(np.float64, st.integers(0, 5)), st.floats(-1e4, 1e4), st.integers(1, 400))
def test_series_keep_their_times(values, start, frequency):
    end = start + (len(values) - 1) / frequency
    back = crossed(TimeSeries(values, start, end, frequency))
    assert (back.start, back.end, back.frequency) == (start, end, frequency)
    np.testing.assert_array_equal(back.values, values)


def test_r_s_missing_double_is_nan_and_warns_of_nothing():
    # As R writes NA_real_: a signalling NaN.
    bits = np.array([0x7FF0_0000_0000_07A2], np.uint64)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value = decode(as_r_sends("double", bits))
        assert np.isnan(value * 2).all()
    # Its low word is what R knows NA by.
    assert value.view(np.uint64)[0] & 0xFFFF_FFFF == 1954


def test_missing_values_of_pandas_are_na_not_nan():
    message = encode(pd.Series([1.0, np.nan]))
    assert np.frombuffer(message["buf"][0], np.uint64)[1] & 0xFFFF_FFFF == 1954
    assert np.frombuffer(encode(np.array([np.nan]))["buf"][0], np.uint64)[0] & 0xFFFF_FFFF == 0


def test_integer64_keeps_what_no_double_holds():
    numbers = np.array([2**62 + 1, -(2**63)], "<i8")
    back = decode(as_r_sends("integer64", numbers))
    assert int(back[0]) == 2**62 + 1 and back[1] is pd.NA


def test_long_vectors_cross_in_parts(monkeypatch):
    monkeypatch.setattr(wire, "CHUNK_BYTES", 24)
    values = np.arange(10.0)
    assert len(encode(values)["buf"]) == 4
    np.testing.assert_array_equal(crossed(values), values)


def test_names_make_a_series():
    back = crossed(pd.Series([1, 2], index=["pos", "neg"]))
    assert back.to_dict() == {"pos": 1, "neg": 2}


def test_lists_need_names_of_their_own():
    message = {"type": "list", "names": ["a", "a"], "values": [encode(1), encode(2)]}
    with pytest.raises(ValueError, match=r"\['a', 'a'\]"):
        decode(message)


def test_what_has_no_form_is_refused():
    with pytest.raises(TypeError, match="of shape .2, 1. of Python's objects"):
        encode(np.array([[1], [None]], dtype=object))
    with pytest.raises(TypeError, match="function"):
        encode(lambda: None)
    with pytest.raises(TypeError, match="complex128"):
        encode(np.array([1j]))
    with pytest.raises(ValueError, match="'environment'"):
        decode({"type": "environment"})
