import numpy as np
import pandas as pd

from textseq.series.extension import extended, last_rows, n_missing_at_end
from textseq.series.panel import read_panel

MONTHS = pd.date_range("2024-01-31", periods=3, freq="ME")


def panel_of():
    frame = pd.DataFrame(
        {
            "unique_id": list("aaabb"),
            "ds": [*MONTHS, *MONTHS[1:]],
            "y": [1.0, 2.0, 3.0, 8.0, 9.0],
            "seen": [1, 2, 3, 4, 5],
            "known": [10, 20, 30, 40, 50],
        }
    )
    return read_panel(frame, past="seen", future="known")


def test_extended_rows_have_times_and_covariates_but_no_targets():
    panel = extended(panel_of(), 2, np.array([[[31.0], [32.0]], [[51.0], [52.0]]]))
    assert panel.lengths.tolist() == [5, 4]
    np.testing.assert_array_equal(panel.y.ravel(), [1, 2, 3, np.nan, np.nan, 8, 9, np.nan, np.nan])
    assert panel.future.ravel().tolist() == [10, 20, 30, 31, 32, 40, 50, 51, 52]
    assert panel.past.ravel().tolist() == [1, 2, 3, 3, 3, 4, 5, 5, 5]
    assert panel.times[[3, 8]].astype("M8[D]").astype(str).tolist() == ["2024-04-30", "2024-05-31"]


def test_last_rows_keep_the_end_of_each_series():
    panel = last_rows(panel_of(), 2)
    assert panel.lengths.tolist() == [2, 2]
    assert panel.y.ravel().tolist() == [2, 3, 8, 9]
    assert panel.last_times.tolist() == panel_of().last_times.tolist()


def test_values_missing_at_the_end_are_counted_by_series():
    panel = panel_of()
    panel.y[[2, 3, 4]] = np.nan
    assert n_missing_at_end(panel).ravel().tolist() == [1, 2]
    assert n_missing_at_end(panel_of()).ravel().tolist() == [0, 0]
