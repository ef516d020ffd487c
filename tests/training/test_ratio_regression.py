"""Linear models that go on from weights fitted to other texts."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression, Ridge

from textseq.training.ratio_regression import PENALTY, STRENGTH, Curvature, refit_weights

RNG = np.random.default_rng(0)
TEXTS = sparse.csr_array(np.abs(RNG.normal(size=(60, 5))) * (RNG.random((60, 5)) < 0.6), dtype="f4")
CLASSES = RNG.integers(0, 3, 60)


HELD = Curvature(np.array([3, 0, 5, 1, 9], "f4"), np.array([0.1, 0.2, 0.0], "f4"))


def scaled(there):
    """The features by the root of their log-count ratios, rows of length 1 on average."""
    occurs = TEXTS.toarray() > 0
    p, q = occurs[there].sum(0) + 1.0, occurs[~there].sum(0) + 1.0
    scales = np.sqrt(abs(np.log(p / p.sum()) - np.log(q / q.sum())))
    dense = TEXTS.toarray() * scales
    length = np.sqrt((dense**2).sum() / len(dense))
    return dense / length, scales / length


def nothing(n_outputs):
    return np.zeros((5, n_outputs)), np.zeros(n_outputs)


def free(n_outputs):
    """What no other text holds."""
    return Curvature(np.zeros(5, "f4"), np.zeros(n_outputs, "f4"))


def test_from_nothing_it_is_logistic_regression():
    weights, bias = refit_weights(TEXTS, CLASSES, "classes", nothing(3), free(3))
    for output in range(3):
        dense, scales = scaled(output == CLASSES)
        dense = np.column_stack([dense, np.ones(60)])
        model = LogisticRegression(C=STRENGTH, fit_intercept=False, tol=1e-8, max_iter=1_000)
        model.fit(dense, output == CLASSES)
        np.testing.assert_allclose(weights[:, output], model.coef_[0, :5] * scales, atol=0.02)
        assert bias[output] == pytest.approx(model.coef_[0, 5], abs=0.02)


def test_what_is_added_is_small_and_what_the_rows_ask_for():
    start = RNG.normal(size=(5, 3)), RNG.normal(size=3)
    weights, bias = refit_weights(TEXTS, CLASSES, "classes", start, HELD)
    for output in range(3):
        there = output == CLASSES
        _, scales = scaled(there)
        margins = TEXTS @ weights[:, output] + bias[output]
        # Where the slope of the loss and that of the ridge around the start are opposite.
        slope = STRENGTH * (TEXTS.T @ (1 / (1 + np.exp(-margins)) - there))
        held = 1 / scales**2 + STRENGTH * HELD.variances[output] * HELD.mass
        ridge = (weights - start[0])[:, output] * held
        np.testing.assert_allclose(slope, -ridge, atol=0.05 * abs(ridge).max())
        slope = STRENGTH * (1 / (1 + np.exp(-margins)) - there).sum()
        held = 1 + STRENGTH * HELD.variances[output] * HELD.mass.sum()
        assert slope == pytest.approx((start[1][output] - bias[output]) * held, abs=1)


def test_two_classes_are_one_margin_and_labels_are_each_their_own():
    start = RNG.normal(size=(5, 1)) * [[-0.5, 0.5]], np.array([-0.1, 0.1])
    weights, bias = refit_weights(TEXTS, CLASSES % 2, "classes", start, free(2))
    np.testing.assert_allclose(weights[:, 0], -weights[:, 1], atol=1e-6)
    one = start[0][:, 1:] * 2, start[1][1:] * 2
    marks = np.column_stack([CLASSES % 2])
    of_label, its_bias = refit_weights(TEXTS, marks, "labels", one, free(1))
    np.testing.assert_allclose(of_label[:, 0], weights[:, 1] * 2, atol=1e-4)
    assert its_bias[0] == pytest.approx(bias[1] * 2, abs=1e-4)


def test_weights_of_rows_and_labels_count_as_rows_do():
    marks = np.column_stack([CLASSES == 0, CLASSES > 0]) * 1
    doubled = np.concatenate([np.arange(60), np.arange(30)])
    heavy = np.where(np.arange(60) < 30, 2.0, 1.0)
    expected = refit_weights(TEXTS[doubled], marks[doubled], "labels", nothing(2), free(2))
    found = refit_weights(TEXTS, marks, "labels", nothing(2), free(2), heavy)
    for own, other in zip(found, expected, strict=True):
        # The scales are of rows of length 1 on average, by number in one case and not the other.
        np.testing.assert_allclose(own, other, rtol=0.2, atol=0.3)
    ones = refit_weights(TEXTS, marks, "labels", nothing(2), free(2), None, np.ones((2, 2)))
    plain = refit_weights(TEXTS, marks, "labels", nothing(2), free(2))
    np.testing.assert_array_equal(ones[0], plain[0])
    dear = refit_weights(
        TEXTS, marks, "labels", nothing(2), free(2), None, np.array([[1, 9], [1, 1.0]])
    )
    assert (TEXTS @ dear[0] + dear[1])[:, 0].mean() > (TEXTS @ plain[0] + plain[1])[:, 0].mean()


def test_numbers_are_a_ridge_around_the_start():
    start = RNG.normal(size=(5, 1)), RNG.normal(size=1)
    numbers = RNG.normal(size=60)
    weights, bias = refit_weights(TEXTS, numbers, "number", start, free(1))
    left = numbers - (TEXTS @ start[0])[:, 0] - start[1]
    model = Ridge(PENALTY).fit(TEXTS.toarray(), left)
    np.testing.assert_allclose(weights[:, 0] - start[0][:, 0], model.coef_, atol=1e-3)
    assert bias[0] - start[1][0] == pytest.approx(model.intercept_, abs=1e-3)


def test_numbers_are_held_by_other_texts():
    numbers = RNG.normal(size=60)
    mass = np.array([0, 1, 10, 1e6, 1e6], "f4")
    weights, bias = refit_weights(TEXTS, numbers, "number", nothing(1), Curvature(mass, mass[:1]))
    dense, centred = TEXTS.toarray(), numbers - bias[0]
    found = np.linalg.solve(dense.T @ dense + np.diag(PENALTY + mass), dense.T @ centred)
    np.testing.assert_allclose(weights[:, 0], found, atol=1e-3)
    assert abs(weights[3:]).max() < 1e-4


def test_curvature_is_a_sum_of_squares_and_a_mean_of_variances():
    texts = sparse.csr_array(np.array([[0.6, 0.8], [1.0, 0.0]], dtype="f4"))
    outputs = np.log([[1.0, 3.0], [4.0, 1.0]])  # odds of two labels
    found = Curvature.of(texts, outputs, "labels", None)
    np.testing.assert_allclose(found.mass, [1.36, 0.64], rtol=1e-6)
    np.testing.assert_allclose(found.variances, [(0.25 + 0.16) / 2, (3 / 16 + 0.25) / 2], rtol=1e-6)
    # Of two classes the odds are 3 and 1/4.
    two = Curvature.of(texts, outputs, "classes", np.array([3.0, 1.0]))
    np.testing.assert_allclose(two.mass, [0.36 * 3 + 1, 0.64 * 3], rtol=1e-6)
    np.testing.assert_allclose(two.variances, [(3 / 16 * 3 + 4 / 25) / 4] * 2, rtol=1e-6)
    both = found.plus(Curvature(np.array([1.0, 1.0], "f4"), np.array([0.0, 0.1], "f4")))
    np.testing.assert_allclose(both.mass, [2.36, 1.64])
    np.testing.assert_allclose(both.variances, [0.205 / 2, (0.21875 + 0.1) / 2], rtol=1e-6)
    assert Curvature.of(texts, outputs[:, :1], "number", None).variances == [1]


def test_a_class_that_no_row_or_every_row_has_stays_as_it_was():
    start = RNG.normal(size=(5, 4)), RNG.normal(size=4)
    weights, bias = refit_weights(TEXTS, CLASSES, "classes", start, free(4))
    np.testing.assert_array_equal(weights[:, 3], start[0][:, 3].astype("f4"))
    assert bias[3] == np.float32(start[1][3]) and bias[0] != np.float32(start[1][0])
    same, its_bias = refit_weights(TEXTS, CLASSES * 0, "classes", start, free(4))
    np.testing.assert_array_equal(same, start[0].astype("f4"))
    np.testing.assert_array_equal(its_bias, start[1].astype("f4"))


def test_threads_change_no_weight():
    alone = refit_weights(TEXTS, CLASSES, "classes", nothing(3), free(3), n_threads=1)
    team = refit_weights(TEXTS, CLASSES, "classes", nothing(3), free(3), n_threads=2)
    assert all((own == other).all() for own, other in zip(alone, team, strict=True))
