"""Rows in any order come out by series and time, however few memory holds."""

import numpy as np
import pytest

from textseq import ragged
from textseq.corpus.row_sorter import RowSorter


@pytest.mark.parametrize("together", [7, 64, 10**6])
def test_rows_come_out_in_order(monkeypatch, together):
    monkeypatch.setattr(ragged, "VALUES_TOGETHER", together)
    rng = np.random.default_rng(0)
    n_series, n_rows = 23, 500
    series = np.minimum(rng.geometric(0.1, n_rows) - 1, n_series - 1)
    series[:n_series] = np.arange(n_series)  # all are there
    times, values = rng.permutation(n_rows) - 250, rng.normal(size=(n_rows, 2))
    sorter = RowSorter(2)
    for part in np.array_split(np.arange(n_rows), 9):
        sorter.append(series[part], times[part], values[part])
    rank = rng.permutation(n_series)
    offsets, parts = sorter.sorted(rank)
    parts = list(parts)
    expected = np.lexsort((times, rank[series]))
    np.testing.assert_array_equal(np.concatenate([part["time"] for part in parts]), times[expected])
    np.testing.assert_array_equal(
        np.concatenate([part["values"] for part in parts]), values[expected]
    )
    np.testing.assert_array_equal(np.diff(offsets), np.bincount(rank[series]))
    longest = int(np.diff(offsets).max())
    assert max(map(len, parts)) <= max(together, longest)
    assert len(parts) > 1 or together > n_rows
