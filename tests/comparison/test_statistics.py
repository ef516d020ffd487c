import time

import numpy as np
import pytest
from scipy import stats

from textseq.comparison.statistics import (
    PAIR_COLUMNS,
    compare_pairs,
    holm,
    item_scores,
    paired_bootstrap,
    t_interval,
)


def graded(rng, n, quality, n_seeds=1):
    """Scores of two equally good models that find the same items hard."""
    chance = np.clip(quality + 0.4 * (rng.random(n) - 0.5), 0, 1)
    return [(rng.random((n_seeds, n)) < chance).mean(axis=0) for _ in range(2)]


def test_t_interval_agrees_with_scipy():
    scores = np.random.default_rng(0).normal(0.8, 0.02, 7)
    mean, half = t_interval(scores)
    low, high = stats.t.interval(0.95, 6, loc=scores.mean(), scale=stats.sem(scores))
    assert (mean - half, mean + half) == pytest.approx((low, high), abs=1e-12)


def test_t_interval_of_one_seed_is_unknown():
    mean, half = t_interval(np.array([0.7]))
    assert mean == 0.7
    assert np.isnan(half)


def test_t_interval_covers_at_three_seeds():
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(2000):
        mean, half = t_interval(rng.normal(0.8, 0.02, 3))
        covered += abs(mean - 0.8) <= half
    assert 0.935 < covered / 2000 < 0.965


def test_t_interval_needs_scores():
    with pytest.raises(ValueError, match="one score a seed"):
        t_interval(np.array([]))


@pytest.mark.parametrize(("wins", "losses"), [(5, 0), (12, 4), (40, 25), (3, 3), (80, 40)])
def test_one_fit_each_is_mcnemars_exact_test(wins, losses):
    first = np.r_[np.ones(wins), np.zeros(losses), np.ones(200)]
    second = np.r_[np.zeros(wins), np.ones(losses), np.ones(200)]
    exact = stats.binomtest(wins, wins + losses).pvalue
    p_value = paired_bootstrap(first, second, n_resamples=100_000)[3]
    assert p_value == pytest.approx(exact, abs=0.006)


def test_sign_flips_agree_with_scipy_on_continuous_scores():
    rng = np.random.default_rng(2)
    first, second = rng.gamma(1, size=(2, 40)) + [[0.4], [0.0]]
    reference = stats.permutation_test(
        (first - second,), np.mean, permutation_type="samples", n_resamples=20_000, rng=0
    )
    assert paired_bootstrap(first, second, 20_000)[3] == pytest.approx(reference.pvalue, abs=0.015)


def test_interval_agrees_with_scipys_bootstrap():
    rng = np.random.default_rng(3)
    for first, second in (graded(rng, 500, 0.8, 3), rng.gamma(1, size=(2, 500))):
        difference, low, high, _ = paired_bootstrap(first, second)
        reference = stats.bootstrap((first - second,), np.mean, method="percentile", rng=0)
        assert difference == pytest.approx((first - second).mean(), abs=1e-12)
        assert (low, high) == pytest.approx(tuple(reference.confidence_interval), rel=0.1, abs=2e-3)


@pytest.mark.parametrize(("n", "n_seeds"), [(20, 1), (100, 3), (1000, 1), (1000, 3)])
def test_false_alarms_stay_at_their_rate(n, n_seeds):
    rng = np.random.default_rng(4)
    p_values = np.array(
        [paired_bootstrap(*graded(rng, n, 0.8, n_seeds), 1000, seed)[3] for seed in range(800)]
    )
    for rate in (0.01, 0.05, 0.2):
        error = np.sqrt(rate * (1 - rate) / len(p_values))
        assert (p_values < rate).mean() < rate + 3 * error
    if n == 1000:
        assert (p_values < 0.5).mean() == pytest.approx(0.5, abs=0.08)


def test_interval_covers_a_true_difference():
    rng = np.random.default_rng(5)
    covered = 0
    for seed in range(600):
        first, second = rng.random((2, 400)) < [[0.85], [0.80]]
        _, low, high, _ = paired_bootstrap(first, second, 1000, seed)
        covered += low <= 0.05 <= high
    assert 0.92 < covered / 600 < 0.98


def test_a_true_difference_is_found():
    rng = np.random.default_rng(6)
    found = 0
    for seed in range(200):
        first, second = rng.random((2, 1000)) < [[0.86], [0.80]]
        found += paired_bootstrap(first, second, 1000, seed)[3] < 0.05
    assert found > 180


def test_p_value_is_never_zero_and_one_for_equal_models():
    right = np.ones(1000)
    assert paired_bootstrap(right, 1 - right)[3] == 1 / 10_001
    assert paired_bootstrap(right, right) == (0.0, 0.0, 0.0, 1.0)


def test_swapping_the_models_mirrors_the_result():
    first, second = graded(np.random.default_rng(7), 300, 0.7, 3)
    difference, low, high, p_value = paired_bootstrap(first, second)
    mirrored = paired_bootstrap(second, first)
    assert mirrored[0] == pytest.approx(-difference)
    assert (mirrored[1], mirrored[2]) == pytest.approx((-high, -low), abs=3e-3)
    assert mirrored[3] == pytest.approx(p_value, abs=0.03)


def test_same_random_state_repeats():
    first, second = graded(np.random.default_rng(8), 300, 0.7, 3)
    assert paired_bootstrap(first, second) == paired_bootstrap(first, second)


def test_many_test_rows_cost_milliseconds():
    first, second = graded(np.random.default_rng(9), 25_000, 0.9, 3)
    started = time.process_time()
    paired_bootstrap(first, second)
    assert time.process_time() - started < 0.2
    rng = np.random.default_rng(10)
    started = time.process_time()
    paired_bootstrap(*rng.gamma(1, size=(2, 25_000)))
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ([1.0], [1.0, 0.0], "same items"),
        ([], [], "same items"),
        ([1.0, np.nan], [1.0, 0.0], "item 1 scores nan and 0.0"),
    ],
)
def test_unusable_scores_are_refused(first, second, message):
    with pytest.raises(ValueError, match=message):
        paired_bootstrap(np.array(first), np.array(second))


def test_holm_agrees_with_a_hand_computed_case():
    # Sorted .005 .01 .03 .04, times 4 3 2 1, never falling.
    adjusted = holm(np.array([0.01, 0.04, 0.03, 0.005]))
    assert adjusted.tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([])).shape == (0,)
    assert holm(np.array([0.9, 0.8])).tolist() == [1.0, 1.0]


def test_holm_bounds_any_false_alarm():
    rng = np.random.default_rng(11)
    alarms = [(holm(rng.random(10)) < 0.05).any() for _ in range(4000)]
    assert np.mean(alarms) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 4000)


def test_item_scores_average_to_the_score():
    rng = np.random.default_rng(12)
    targets, predictions = rng.normal(size=50), rng.normal(size=(2, 50))
    from sklearn.metrics import r2_score

    differences = np.diff(item_scores(predictions, targets, "r2").mean(axis=1))
    expected = np.diff([r2_score(targets, row) for row in predictions])
    assert differences == pytest.approx(expected)
    labels = rng.integers(0, 2, (50, 4))
    marks = np.stack([labels, 1 - labels])
    marks[1, :10] = labels[:10]
    assert item_scores(marks, labels, "subset accuracy").mean(axis=1).tolist() == [1.0, 0.2]


def test_compare_pairs():
    n = 400
    scores = [np.repeat([1.0, 0.0], [hits, n - hits]) for hits in (300, 303, 360)]
    pairs = compare_pairs(["mean", "lstm", "bilstm"], scores)
    assert tuple(pairs.columns) == PAIR_COLUMNS
    assert pairs[["first", "second"]].to_numpy().tolist() == [
        ["mean", "lstm"],
        ["mean", "bilstm"],
        ["lstm", "bilstm"],
    ]
    assert pairs["verdict"].tolist() == [
        "no difference shown",
        "bilstm above mean",
        "bilstm above lstm",
    ]
    assert pairs["difference"].tolist() == pytest.approx([-3 / n, -60 / n, -57 / n])
    assert (pairs["p_adjusted"] >= pairs["p_value"]).all()
    assert (pairs["low"] <= pairs["difference"]).all()
    assert (pairs["difference"] <= pairs["high"]).all()


def test_one_model_has_no_pairs():
    pairs = compare_pairs(["lstm"], [np.ones(3)])
    assert tuple(pairs.columns) == PAIR_COLUMNS
    assert len(pairs) == 0


def test_every_model_needs_its_scores():
    with pytest.raises(ValueError, match="2 names for 1"):
        compare_pairs(["mean", "lstm"], [np.ones(3)])
