"""The cheap rows of a comparison."""

import numpy as np
import pytest
from scipy import sparse
from scipy.special import expit
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from textseq.comparison.scores.baselines import NaiveBayesRegression, baseline_models
from textseq.text.tokenizer import Tokenizer
from textseq.training import ratio_regression
from textseq.training.ratio_regression import fit_weights

RNG = np.random.default_rng(0)
COUNTS = RNG.poisson(0.5, (200, 12)).astype(np.float32)
FEATURES = sparse.csr_matrix(COUNTS)


def test_features_are_weighted_by_the_root_of_log_count_ratios():
    y = np.where(COUNTS[:, 3] + RNG.normal(size=200) > 1, "yes", "no")
    model = NaiveBayesRegression().fit(FEATURES, y)
    occurs = COUNTS > 0
    p, q = (occurs[y == name].sum(0) + 1.0 for name in ("yes", "no"))
    scales = np.sqrt(np.abs(np.log(p / p.sum()) - np.log(q / q.sum())))
    scaled = COUNTS * scales
    scaled /= np.sqrt(np.square(scaled).sum() / 200)
    lr = LogisticRegression(C=30, tol=1e-6, solver="liblinear", max_iter=10_000)
    # A loose tolerance, of which no answer depends.
    expected = lr.fit(scaled, y == "yes").decision_function(scaled)
    outputs = model.decision_function(FEATURES)
    assert np.abs(outputs[:, 1] - outputs[:, 0] - expected).max() < 0.2
    assert np.allclose(model.predict_proba(FEATURES)[:, 1], expit(expected), atol=0.05)
    assert (model.predict(FEATURES) == np.where(expected > 0, "yes", "no")).mean() > 0.98


def test_the_kernel_fits_what_liblinear_fits_on_any_number_of_threads(monkeypatch):
    texts = sparse.csr_array(FEATURES)
    targets = np.argmax(COUNTS[:, [1, 4, 7]], axis=1)
    weights = RNG.uniform(0, 2, 200)
    monkeypatch.setattr(ratio_regression, "TOLERANCE", 1e-4)

    def fitted(n_threads=1):
        return fit_weights(texts, targets, "classes", 3, weights, n_threads=n_threads)

    compiled, alike = fitted(), fitted(n_threads=2)
    for found, same in zip(compiled, alike, strict=True):
        assert np.array_equal(found, same)
    monkeypatch.setattr(ratio_regression, "kernels", lambda: None)
    for found, expected in zip(compiled, fitted(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=2e-2)


def test_many_classes_and_several_labels():
    classes = np.array(["b", "a", "c"])[np.argmax(COUNTS[:, [1, 4, 7]], axis=1)]
    model = clone(NaiveBayesRegression()).fit(FEATURES, classes)
    assert (model.predict(FEATURES) == classes).mean() > 0.8
    assert list(model.classes_) == ["a", "b", "c"]
    assert np.allclose(model.predict_proba(FEATURES).sum(1), 1)
    labels = (COUNTS[:, [2, 5]] > 0).astype(int)
    several = NaiveBayesRegression().fit(FEATURES, labels)
    assert (several.predict(FEATURES) == labels).mean() > 0.95
    assert several.predict_proba(FEATURES).shape == (200, 2)


@pytest.mark.parametrize("task", ["classes", "labels"])
def test_both_linear_models_of_ngrams_take_part(task):
    names = list(baseline_models(task, Tokenizer("word")))
    assert names == ["majority class", "tf-idf + LR", "tf-idf + NB-LR"]
