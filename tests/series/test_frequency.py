import numpy as np
import pandas as pd
import pytest

from textseq.series.frequency import Frequency, infer_frequency

REGULAR = {
    "s": ("microsecond", "1 second", 3_600),
    "15min": ("microsecond", "15 minutes", 96),
    "30min": ("microsecond", "30 minutes", 48),
    "h": ("microsecond", "1 hour", 24),
    "6h": ("microsecond", "6 hours", 4),
    "7h": ("microsecond", "7 hours", 1),
    "D": ("microsecond", "1 day", 7),
    "B": ("business day", "1 business day", 5),
    "W-WED": ("microsecond", "7 days", 52),
    "MS": ("month", "1 month (first days)", 12),
    "ME": ("month", "1 month (last days)", 12),
    "BMS": ("month", "1 month (first business days)", 12),
    "BME": ("month", "1 month (last business days)", 12),
    "QS": ("month", "3 months (first days)", 4),
    "QE-NOV": ("month", "3 months (last days)", 4),
    "YS": ("month", "1 year (first days)", 1),
    "YE-JUN": ("month", "1 year (last days)", 1),
}


def grid(freq, periods=60, start="2019-12-27"):
    return pd.date_range(start, periods=periods, freq=freq).to_numpy().astype("M8[us]")


def whole(times):
    return np.array([0, len(times)])


@pytest.mark.parametrize("freq", REGULAR)
def test_the_step_is_found_and_goes_on_as_pandas_does(freq):
    times = grid(freq)
    found = infer_frequency(times[:40], whole(times[:40]))
    assert found == Frequency.parse(freq)
    assert (found.unit, str(found), found.season_length) == REGULAR[freq]
    np.testing.assert_array_equal(found.times_after(times[39:40], 20)[0], times[40:])
    np.testing.assert_array_equal(found.steps_between(times[:1], times), np.arange(60))
    np.testing.assert_array_equal(found.steps_between(times, times[:1]), -np.arange(60))


def test_months_may_fall_on_any_day():
    times = np.array(["2023-01-15", "2023-02-15", "2023-03-15"], dtype="M8[us]")
    assert infer_frequency(times, whole(times)) == Frequency("month", 1, 15)
    times = np.array(["2022-12-30", "2023-01-30", "2023-02-28", "2023-03-30"], dtype="M8[us]")
    found = infer_frequency(times, whole(times))
    assert found == Frequency("month", 1, 30)
    expected = np.array([["2023-04-30", "2023-05-30"]], dtype="M8[us]")
    np.testing.assert_array_equal(found.times_after(times[-1:], 2), expected)


def test_four_weeks_are_no_month():
    times = grid("28D")
    assert infer_frequency(times, whole(times)) == Frequency.parse("28D")
    assert Frequency.parse("28D").season_length == 13


def test_the_time_of_day_is_kept():
    times = grid("ME", start="2020-01-01 17:30")
    found = infer_frequency(times[:20], whole(times[:20]))
    np.testing.assert_array_equal(found.times_after(times[19:20], 40)[0], times[20:])
    assert str(times[20]).endswith("17:30:00.000000")


def test_weekdays_within_one_week_are_days():
    times = grid("D", periods=4, start="2024-01-01")
    assert infer_frequency(times, whole(times)) == Frequency.parse("D")


def test_integers_step_by_the_usual_distance():
    times = np.array([10, 20, 30, 40, 60, 5, 15])
    found = infer_frequency(times, np.array([0, 5, 7]))
    assert found == Frequency("integer", 10)
    np.testing.assert_array_equal(found.times_after(np.array([60, 15]), 2), [[70, 80], [25, 35]])
    assert found.season_length == 1
    # No distance has the majority.
    assert infer_frequency(np.array([0, 1, 3, 6, 9]), np.array([0, 5])) == Frequency("integer", 1)
    assert infer_frequency(np.array([7]), np.array([0, 1])) == Frequency("integer", 1)


def test_the_distance_between_two_series_counts_for_nothing():
    times = np.concatenate([grid("D", 3), grid("D", 3, "2035-01-01")])
    assert infer_frequency(times, np.array([0, 3, 6])) == Frequency.parse("D")


def test_one_row_a_series_tells_no_step():
    with pytest.raises(ValueError, match="no series has two rows.*pass freq="):
        infer_frequency(grid("D", 2), np.array([0, 1, 2]))


@pytest.mark.parametrize(
    ("freq", "message"),
    [
        ("fortnight", "freq='fortnight' is not known"),
        (0, "freq=0 is no step"),
        ("-1D", "no step forward"),
        ("SME", "has no regular step"),
        ("ns", "finer than a microsecond"),
        (1.5, "freq=1.5 is not known"),
        (True, "freq=True is not known"),
    ],
)
def test_a_step_that_is_none_is_refused(freq, message):
    with pytest.raises(ValueError, match=message):
        Frequency.parse(freq)


def test_the_calendar_has_the_cycles_that_the_step_sees():
    hourly = Frequency.parse("h")
    assert hourly.calendar_names == (
        "hour_of_day_sin", "hour_of_day_cos", "day_of_week_sin", "day_of_week_cos",
        "day_of_year_sin", "day_of_year_cos",
    )  # fmt: skip
    # Monday 1 January 2024, 06:00: a quarter of the day, a 28th of the week.
    features = hourly.calendar(np.array(["2024-01-01T06"], dtype="M8[us]"))[0]
    angles = 2 * np.pi * np.array([1 / 4, 1 / 28, 1 / 4 / 366])
    expected = np.column_stack([np.sin(angles), np.cos(angles)]).ravel()
    np.testing.assert_allclose(features, expected, atol=1e-12)
    assert Frequency.parse("D").calendar_names[0] == "day_of_week_sin"
    assert Frequency.parse("W").calendar_names == ("day_of_year_sin", "day_of_year_cos")
    monthly = Frequency.parse("MS").calendar(grid("MS", 12, "2024-01-01"))
    np.testing.assert_allclose(monthly[3], [1, 0], atol=1e-12)
    assert Frequency.parse("YS").calendar(grid("YS", 3)).shape == (3, 0)
    assert Frequency("integer", 1).calendar(np.arange(4)).shape == (4, 0)


def test_the_hour_of_the_day_is_that_of_the_zone():
    lisbon = Frequency("microsecond", 3_600_000_000, zone="Europe/Lisbon")
    utc = np.array(["2024-01-15T12", "2024-07-15T11"], dtype="M8[us]")
    noon = lisbon.calendar(utc)[:, :2]
    np.testing.assert_allclose(noon, [[0, -1], [0, -1]], atol=1e-12)
