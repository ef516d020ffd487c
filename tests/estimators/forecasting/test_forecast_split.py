import numpy as np
import pandas as pd
import pytest

from textseq.estimators.forecasting.encoding import WindowEncoding
from textseq.estimators.forecasting.split import ForecastSplit
from textseq.series.panel import read_panel
from textseq.series.windows import WindowShape


def panel_of(*lengths):
    parts = [
        pd.DataFrame({"unique_id": number, "ds": range(size), "y": np.arange(size) + 1.0})
        for number, size in enumerate(lengths)
    ]
    return read_panel(pd.concat(parts))


def source_of(panel):
    return WindowEncoding.learn(panel, with_calendar=False).source(panel)


def test_sizes_of_the_validation_part():
    assert ForecastSplit.of(panel_of(200), 12, None).n_training.tolist() == [176]
    assert ForecastSplit.of(panel_of(50, 20), 12, None).n_training.tolist() == [38, 20]
    assert ForecastSplit.of(panel_of(400), 12, None).n_training.tolist() == [360]
    assert ForecastSplit.of(panel_of(*[400] * 30), 12, None).n_training.tolist() == [388] * 30
    split = ForecastSplit.of(panel_of(9, 4), 3, 5)
    assert split.n_training.tolist() == [4, 0] and split.validates
    assert not ForecastSplit.of(panel_of(9), 3, 0).validates
    with pytest.raises(ValueError, match="longest series has 9 rows.*val_size=8"):
        ForecastSplit.of(panel_of(9, 4), 3, 8)


def test_training_windows_forecast_training_rows_alone():
    panel = panel_of(20, 6)
    split = ForecastSplit.of(panel, 3, 4)
    windows = split.training(source_of(panel), WindowShape(5, 3))
    ends = windows.ends - windows.source.offsets[windows.series]
    assert ends[windows.series == 0].tolist() == list(range(5, 14))
    # Two rows are fewer than a window: one is read, one is forecast.
    assert ends[windows.series == 1].tolist() == [1]
    assert np.isnan(windows.targets[-1, 1:]).all()


def test_validation_and_calibration_windows_forecast_validation_rows_alone():
    panel = panel_of(200, 6)
    split = ForecastSplit.of(panel, 3, 40)
    source = source_of(panel)
    windows = split.validation(source, WindowShape(5, 3))
    assert windows.series.tolist() == [0] * 38
    assert (windows.ends.min(), windows.ends.max()) == (160, 197)
    assert not np.isnan(windows.targets).any()
    # Few whole windows: those that lack their last steps join them.
    few = ForecastSplit.of(panel, 3, 5).calibration(source, WindowShape(5, 3))
    assert few.ends[few.series == 0].tolist() == [195, 196, 197, 198, 199]
    assert np.isnan(few.targets[4]).sum() == 2


def test_windows_with_nothing_to_learn_are_left_out():
    panel = panel_of(12)
    panel.y[5:] = np.nan
    split = ForecastSplit.of(panel, 2, 0)
    windows = split.training(source_of(panel), WindowShape(2, 2))
    assert windows.ends.tolist() == [2, 3, 4]
