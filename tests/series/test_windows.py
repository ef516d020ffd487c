from dataclasses import replace

import numpy as np
import pytest

from textseq.series.windows import (
    ASSUMED_CHANGES,
    EndSpans,
    Windows,
    WindowShape,
    WindowSource,
    filled_targets,
)


def source_of(*series, channels=0, season_length=1):
    y = np.concatenate([np.asarray(values, dtype=float) for values in series])[:, None]
    offsets = np.concatenate([[0], np.cumsum([len(values) for values in series])])
    numbers = np.arange(len(y) * channels, dtype=np.float32).reshape(len(y), channels)
    ahead = np.arange(len(y), dtype=np.float32)[:, None]
    static = np.arange(len(series), dtype=np.float32)[:, None]
    filled = filled_targets(y, offsets, season_length)
    return WindowSource(offsets, offsets[1:], y, filled, numbers, ahead, static)


def windows_of(source, ends, *, size=3, horizon=2, scaling="last"):
    return Windows(source, np.atleast_1d(ends), WindowShape(size, horizon, scaling))


def test_a_window_holds_what_stood_before_its_end_and_what_came_after():
    windows = windows_of(source_of([1, 2, 4, 8, 16, 32], channels=1), 4)
    ((past, lengths, ahead, static, truth),) = windows.arrays()
    assert past[0].tolist() == [[2 - 8, 1], [4 - 8, 2], [0, 3]]
    assert lengths.tolist() == [3]
    assert ahead[0].ravel().tolist() == [4, 5]
    assert static.tolist() == [[0]]
    assert truth.ravel().tolist() == [16 - 8, 32 - 8]


def test_standard_scaling_is_the_windows_own():
    windows = windows_of(source_of([5, 1, 2, 3, 10, 20]), 4, scaling="standard")
    mean, spread = 2.0, np.sqrt(2 / 3)
    past, *_, truth = windows.arrays()[0]
    np.testing.assert_allclose(past.ravel(), (np.array([1, 2, 3]) - mean) / spread, rtol=1e-6)
    np.testing.assert_allclose(truth.ravel(), (np.array([10, 20]) - mean) / spread, rtol=1e-6)
    location, scale = windows.location_scale
    np.testing.assert_allclose((location[0, 0], scale[0, 0]), (mean, spread))


def test_seasonal_scaling_is_the_error_of_the_seasonal_naive_forecast():
    source = source_of([1, 5, 3, 8, 4, 8, 9, 9])
    windows = Windows(source, np.array([6]), WindowShape(6, 2, "seasonal", 2))
    location, scale = windows.location_scale
    assert location[0, 0] == 29 / 6
    assert scale[0, 0] == (2 + 3 + 1 + 0) / 4


@pytest.mark.parametrize("values", [[1, 5, 1, 5, 1, 5], [1, 5]])
def test_seasonal_scaling_of_a_window_that_repeats_itself_or_is_too_short(values):
    source = source_of([*values, 0])
    ends = np.array([len(values)])
    windows = Windows(source, ends, WindowShape(6, 1, "seasonal", 2))
    assert windows.location_scale[1][0, 0] == 2


def test_a_constant_window_is_not_divided_by_its_spread():
    windows = windows_of(source_of([3, 3, 3, 3, 9]), 3, scaling="standard")
    assert windows.arrays()[0][0].ravel().tolist() == [0, 0, 0]
    assert windows.targets.ravel().tolist() == [0, 6]


def test_short_windows_are_padded_behind_and_steps_beyond_the_series_are_unknown():
    source = source_of([1, 2], [10, 20, 30, 40])
    windows = Windows(source, np.array([3, 4, 6]), WindowShape(3, 2))
    assert windows.series.tolist() == [1, 1, 1]
    past, lengths, ahead, _, truth = windows.arrays()[0]
    assert past[:, :, 0].tolist() == [[10, 0, 0], [10, 20, 0], [20, 30, 40]]
    assert lengths.tolist() == [1, 2, 3]
    np.testing.assert_array_equal(windows.targets[:, :, 0], [[20, 30], [30, 40], [np.nan] * 2])
    np.testing.assert_array_equal(truth, windows.targets)
    assert ahead[2].ravel().tolist() == [5, 5]


def test_missing_values_are_replaced_by_the_last_known_of_their_own_series():
    source = source_of([7, 8], [np.nan, 1, np.nan, 3, np.nan])
    assert np.isnan(source.filled[2, 0])
    assert source.filled[3:, 0].tolist() == [1, 1, 3, 3]
    windows = windows_of(source, 5, scaling="last")
    # The unknown start reads as the location.
    assert windows.arrays()[0][0].ravel().tolist() == [0, 0, 0]
    assert windows.targets[0, 0, 0] == 2 and np.isnan(windows.targets[0, 1, 0])


@pytest.mark.parametrize("scaling", [None, "last", "standard", "seasonal"])
def test_nothing_after_the_end_changes_what_is_read(scaling):
    rng = np.random.default_rng(0)
    values = rng.normal(size=30)
    other = values.copy()
    other[20:] = rng.normal(size=10) * 100
    read = [
        windows_of(source_of(y, channels=2), 20, size=7, horizon=4, scaling=scaling).arrays()[0]
        for y in (values, other)
    ]
    for mine, theirs in zip(read[0][:4], read[1][:4], strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert not np.array_equal(read[0][4], read[1][4])


def test_detached_windows_take_forecasts_behind_them():
    source = source_of([1, 2, 4, 8, 16, 32], channels=1)
    windows = windows_of(source, [3, 4], scaling="last").detached(2)
    assert np.isnan(windows.targets).all()
    windows = windows.moved(np.array([[[5.0]], [[9.0]]]))
    past, lengths, ahead, *_ = windows.arrays()[0]
    assert (past[:, :, 0] + [[5], [9]]).tolist() == [[2, 4, 5], [4, 8, 9]]
    assert past[:, :, 1].tolist() == [[1, 2, 3], [2, 3, 4]]
    assert ahead[1].ravel().tolist() == [5, 5]
    # The series themselves stay as they were.
    assert source.y.ravel().tolist() == [1, 2, 4, 8, 16, 32]


def test_ends_are_numbered_through_the_spans_of_all_series():
    source = source_of([1, 2, 3, 4], [1, 2, 3])
    spans = EndSpans(source, np.array([2, 3]), np.array([4, 2]))
    assert spans.ends(np.arange(len(spans))).tolist() == [2, 3, 4]
    spans = EndSpans(source, np.array([4, 1]), np.array([4, 2]))
    assert spans.ends(np.arange(len(spans))).tolist() == [4, 5, 6]
    assert spans.ends(np.array([2, 0])).tolist() == [6, 4]
    assert windows_of(source, [4, 5, 7]).series.tolist() == [0, 1, 1]


def test_what_may_not_be_looked_at_is_no_target_and_nothing_ahead():
    source = source_of([1, 2, 4, 8, 16], [3, 5]).until(np.array([3, 2]))
    ((_, _, ahead, _, truth),) = windows_of(source, [2, 3]).arrays()
    np.testing.assert_array_equal(truth[:, :, 0], [[2, np.nan], [np.nan, np.nan]])
    assert ahead[:, :, 0].tolist() == [[2, 2], [2, 2]]


def test_in_older_files_difficulty_is_the_root_of_the_change_over_a_season_times_the_scale():
    calm, wild = [0, 1, 0, 1, 1, 2], [0, 1, 4, 5, 8, 9]
    source = source_of(calm, wild)
    ends = np.array([6, 12])
    windows = Windows(source, ends, WindowShape(6, 1, "last", 2))
    np.testing.assert_allclose(windows.difficulty.ravel(), np.sqrt([2 / 4, 4]))
    # By its own scale each window is as difficult as any other.
    windows = Windows(source, ends, WindowShape(6, 1, "seasonal", 2))
    np.testing.assert_allclose(windows.difficulty / windows.location_scale[1], 1)


def test_difficulty_is_known_of_windows_that_show_no_change():
    source = replace(source_of([5], [0, 4, 0, np.nan]), roughness=np.array([[0.7], [0.3]]))
    windows = Windows(source, np.array([1, 5, 4]), WindowShape(4, 1))
    # Of one step; of changes 4, 4 and one unknown; of 4 and 4.
    changes = (2 + 2 + ASSUMED_CHANGES * 0.3) / (2 + ASSUMED_CHANGES)
    np.testing.assert_allclose(windows.difficulty.ravel(), [0.7, changes, changes])
    np.testing.assert_allclose(windows.cut_to(1).difficulty.ravel(), [0.7, 0.3, 0.3])
    rates = replace(source, error_rate=np.array([[2.0], [1.0]]))
    np.testing.assert_allclose(replace(windows, source=rates).difficulty[0], 1.4)


def test_few_large_changes_are_less_rough_than_many_small_ones_of_the_same_mean():
    rare, steady = [0, 0, 0, 0, 8, 8, 8, 8, 8], [0, 1, 0, 1, 0, 1, 0, 1, 0]
    source = replace(source_of(rare, steady), roughness=np.zeros((2, 1)))
    windows = Windows(source, np.array([9, 18]), WindowShape(9, 1))
    assert windows.difficulty[0, 0] < windows.difficulty[1, 0] / 2


def test_with_a_season_missing_values_are_those_a_season_ago_moved_by_the_level():
    # Up 10 a season of three.
    y = [1, 5, 3, np.nan, 15, 13, 21, np.nan, np.nan, np.nan, np.nan, 33]
    found = source_of(y, season_length=3).filled[:, 0].tolist()
    # Of the first season nothing tells the level, before it only the last value is known.
    assert found == [1, 5, 3, 1, 15, 13, 21, 35, 33, 41, 35, 33]
    late = source_of([7], [np.nan, 4, np.nan, np.nan, np.nan], season_length=3)
    assert late.filled[2:, 0].tolist() == [4, 4, 4, 4]
    assert np.isnan(late.filled[1, 0])


def test_what_comes_later_fills_nothing():
    rng = np.random.default_rng(0)
    y = rng.normal(size=40).cumsum()
    y[rng.choice(40, 15, replace=False)] = np.nan
    whole = source_of(y, season_length=4).filled
    for end in range(1, 40):
        known = source_of(y[:end], season_length=4).filled
        np.testing.assert_array_equal(known, whole[:end])
