import numpy as np
import pandas as pd

from textseq.comparison.forecasts.errors import BacktestErrors, by_step
from textseq.estimators.forecasting.backtest import backtest
from textseq.series.panel import read_panel


def errors_of(lengths, h, n_windows, step_size, targets=("y",)):
    """Errors of the naive forecast of series that rise by 1, 2, ... a step."""
    parts = [
        pd.DataFrame(
            {"unique_id": place, "ds": range(length)}
            | {name: np.arange(length) * (place + 1.0) for name in targets}
        )
        for place, length in enumerate(lengths)
    ]
    panel = read_panel(pd.concat(parts), target_col=list(targets))
    frame = backtest(
        {}, panel, h=h, n_windows=n_windows, step_size=step_size, baselines=["naive"]
    ).frame
    errors = BacktestErrors.of(
        frame, panel, h=h, n_windows=n_windows, step_size=step_size, season_length=1
    )
    return errors, errors.scaled(frame, "naive")


def test_a_series_that_rises_by_its_scale_is_off_by_the_steps_ahead():
    errors, scaled = errors_of([20, 20], h=3, n_windows=2, step_size=3)
    assert errors.series.tolist() == [0, 1, 0, 1]
    assert errors.window.tolist() == [0, 0, 1, 1]
    np.testing.assert_allclose(scaled, np.broadcast_to([[1.0], [2.0], [3.0]], (4, 3, 1)))
    np.testing.assert_allclose(by_step(scaled), [1, 2, 3])
    np.testing.assert_allclose(errors.by_item(scaled), [2, 2, 2, 2])
    np.testing.assert_allclose(errors.by_series(scaled, 2), [[2], [2]])


def test_a_short_series_is_in_the_last_windows_alone():
    errors, scaled = errors_of([20, 8], h=3, n_windows=3, step_size=3)
    assert errors.series.tolist() == [0, 0, 1, 0, 1]
    assert len(errors.by_item(scaled)) == 5


def test_overlapping_windows_are_averaged_by_what_they_share():
    # Cutoffs at 0, 2, 4, 6 and 8 steps: the first two lie within 4 steps, then the next two.
    errors, scaled = errors_of([30], h=4, n_windows=5, step_size=2)
    assert len(errors.by_item(scaled)) == 3
    # Windows farther apart than h stand alone.
    errors, scaled = errors_of([30], h=4, n_windows=3, step_size=6)
    assert len(errors.by_item(scaled)) == 3


def test_every_target_has_its_own_items():
    errors, scaled = errors_of([20, 20], h=2, n_windows=2, step_size=2, targets=("a", "b"))
    scaled = scaled * np.array([1.0, 10.0])
    np.testing.assert_allclose(errors.by_item(scaled), [1.5, 15] * 4)
    np.testing.assert_allclose(errors.by_series(scaled, 2), [[1.5, 15], [1.5, 15]])


def test_missing_truths_are_left_out():
    errors, scaled = errors_of([20], h=3, n_windows=2, step_size=3)
    scaled[0] = np.nan
    scaled[1, 1] = np.nan
    np.testing.assert_allclose(errors.by_item(scaled), [np.nan, 2])
    np.testing.assert_allclose(by_step(scaled), [1, np.nan, 3])
    np.testing.assert_allclose(errors.by_series(scaled, 2), [[2], [np.nan]])
