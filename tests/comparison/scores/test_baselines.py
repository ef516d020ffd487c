"""The cheap rows of a comparison."""

import numpy as np
import pytest
from scipy import sparse
from scipy.spatial.distance import cosine
from scipy.special import expit
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline

from textseq.comparison.scores.baselines import (
    NaiveBayesRegression,
    TfidfFeatures,
    TfidfRidge,
    baseline_models,
)
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


WORDS = ["good", "fine", "dull", "bad", "film", "sea", "ship", "old"]


def sentences(n_rows, seed):
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, rng.integers(3, 12))) for _ in range(n_rows)]


def test_two_texts_are_compared_by_difference_product_and_cosine():
    left, right = sentences(60, 1), sentences(60, 2)
    tokenizer = Tokenizer("word").fit(left + right)
    found = TfidfFeatures(tokenizer).fit_transform(list(zip(left, right, strict=True))).toarray()
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit(left + right)
    u, v = (vectorizer.transform(texts).toarray() for texts in (left, right))
    n = u.shape[1]
    assert found.shape == (60, 2 * n + 1)
    # Columns come in the order of each vectorizer's own vocabulary.
    for part, expected in ((found[:, :n], abs(u - v)), (found[:, n:-1], u * v)):
        np.testing.assert_allclose(np.sort(part, 1), np.sort(expected, 1), atol=1e-12)
    cosines = [1 - cosine(*row) for row in zip(u, v, strict=True)]
    np.testing.assert_allclose(found[:, -1], cosines, atol=1e-12)


@pytest.mark.parametrize(
    ("noise", "penalties"), [(0.0, {0.1}), (1.0, {0.3, 1.0, 3.0}), (30.0, {30.0})]
)
def test_rows_held_out_choose_the_penalty_of_ridge(noise, penalties):
    texts = sentences(300, 3)
    rng = np.random.default_rng(4)
    y = [text.count("good") - text.count("bad") + noise * rng.normal() for text in texts]
    tokenizer = Tokenizer("word").fit(texts)
    model = baseline_models("number", tokenizer)["tf-idf + ridge"].fit(texts, y)
    assert model.alpha_ in penalties
    # The chosen one is fitted to all rows.
    features = TfidfFeatures(tokenizer)
    expected = make_pipeline(features, Ridge(model.alpha_)).fit(texts, y)
    others = sentences(20, 5)
    np.testing.assert_allclose(model.predict(others), expected.predict(others))


def test_ngrams_of_rows_held_out_are_not_known_where_the_penalty_is_chosen(monkeypatch):
    learned = []
    fit = TfidfFeatures.fit
    monkeypatch.setattr(
        TfidfFeatures, "fit", lambda self, X, y=None: (learned.append(len(X)), fit(self, X))[1]
    )
    texts = sentences(90, 6)
    tokenizer = Tokenizer("word").fit(texts)
    TfidfRidge(TfidfFeatures(tokenizer)).fit(texts, np.arange(90.0))
    assert learned == [60, 90]


def test_of_few_rows_or_pairs_ridge_answers_too():
    pairs = list(zip(sentences(40, 7), sentences(40, 8), strict=True))
    tokenizer = Tokenizer("word").fit([text for pair in pairs for text in pair])
    y = np.linspace(0, 1, 40)
    model = clone(TfidfRidge(TfidfFeatures(tokenizer)))
    assert model.fit(pairs, y).predict(pairs[:3]).shape == (3,)
    for n_rows in (1, 2, 19):
        few = model.fit(pairs[:n_rows], y[:n_rows])
        assert few.alpha_ == 1.0 and np.isfinite(few.predict(pairs)).all()
