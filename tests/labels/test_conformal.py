"""How far off an answer may be, from rows that nothing learned of."""

import numpy as np
import pytest

from textseq.labels.conformal import conformal_bound


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.9, 0.95])
@pytest.mark.parametrize("n_rows", [19, 20, 57])
def test_new_rows_stay_within_as_often_as_asked(coverage, n_rows):
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(4_000):
        *known, new = rng.exponential(size=n_rows + 1)
        held += new <= conformal_bound(np.sort(known), coverage)
    # At least so often, and no more than one row's share oftener; by 4,000 draws.
    noise = 4 * np.sqrt(coverage * (1 - coverage) / 4_000)
    assert coverage - noise < held / 4_000 < coverage + 1 / (n_rows + 1) + noise


def test_the_rank_is_that_among_all_rows_and_the_new_one():
    misses = np.arange(1.0, 10.0)
    # 9 rows and a new one: 9 of 10 ranks are within the ninth.
    assert conformal_bound(misses, 0.9) == 9
    assert conformal_bound(misses, 0.1) == 1
    assert conformal_bound(misses, 0.11) == 2
    assert conformal_bound(np.arange(19), 0.95) == 18


def test_what_can_not_be_is_refused():
    with pytest.raises(ValueError, match=r"coverage=0.95 needs 19 validation rows, .* had 18"):
        conformal_bound(np.arange(18), 0.95)
    with pytest.raises(ValueError, match="needs 9 validation rows, and the fit had 0"):
        conformal_bound(np.empty(0), 0.9)
    for wrong in (0, 1, 90, "0.9"):
        with pytest.raises(ValueError, match="coverage must be a number above 0 and under 1"):
            conformal_bound(np.arange(99), wrong)
