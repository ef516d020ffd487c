import numpy as np
import pytest

from textseq.comparison.scores import time_warping
from textseq.comparison.scores.time_warping import BAND, band_within_budget, dtw_distances
from textseq.series.inputs import series_rows


def by_the_book(a, b, band):
    """Dynamic time warping of two series (channels, time), cell by cell."""
    n, m = a.shape[1], b.shape[1]
    apart = max(np.ceil(band * max(n, m)), abs(n - m))
    table = np.full((n + 1, m + 1), np.inf)
    table[0, 0] = 0
    for i in range(n):
        for j in range(m):
            if abs(i - j) <= apart:
                before = min(table[i, j], table[i, j + 1], table[i + 1, j])
                table[i + 1, j + 1] = ((a[:, i] - b[:, j]) ** 2).sum() + before
    return table[-1, -1]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("band", [0.1, 0.4, 1.0])
@pytest.mark.parametrize("budget", [1, 4_000_000])
def test_time_warping_equals_the_table_filled_cell_by_cell(channels, band, budget, monkeypatch):
    monkeypatch.setattr(time_warping, "PAIR_BUDGET", budget)
    rng = np.random.default_rng(0)
    a = [rng.normal(size=(channels, n)) for n in (1, 17, 4, 12, 11)]
    b = [rng.normal(size=(channels, n)) for n in (15, 1, 9, 16, 12)]
    found = dtw_distances(series_rows(a), series_rows(b), band)
    expected = [[by_the_book(one, other, band) for other in b] for one in a]
    np.testing.assert_allclose(found, expected)


def test_what_would_take_hours_is_banded_or_left_out():
    assert band_within_budget(np.full(300, 150), np.full(300, 150), 1) == 1.0
    assert band_within_budget(np.full(1000, 400), np.full(500, 400), 1) == BAND
    assert band_within_budget(np.full(3601, 500), np.full(1320, 500), 1) is None
