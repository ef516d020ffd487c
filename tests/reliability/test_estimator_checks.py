"""scikit-learn's own checks, which feed numbers, met by an adapter that writes them as words."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from textseq import TextClassifier, TextRegressor


def as_sentences(X):
    """Write each row as a sentence: "0:3 1:-2" for the values 3.1 and -2.2."""
    return [" ".join(f"{c}:{round(v)}" for c, v in enumerate(row)) for row in X.tolist()]


class NumbersAsText(BaseEstimator):
    def __init__(self, encoder="mean"):
        self.encoder = encoder

    def _model(self):
        return self.kind(
            tokenizer=str.split, encoder=self.encoder, hidden_size=16, embedding_dim=16,
            embedding_dropout=0.0, dropout=0.0, random_state=0, n_threads=1,
        )  # fmt: skip

    def predict(self, X):
        check_is_fitted(self, "model_")
        return self.model_.predict(as_sentences(validate_data(self, X, reset=False)))


class Classifier(ClassifierMixin, NumbersAsText):
    kind = TextClassifier

    def fit(self, X, y):
        X, y = validate_data(self, X, y)
        check_classification_targets(y)
        self.model_ = self._model().fit(as_sentences(X), y)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X):
        check_is_fitted(self, "model_")
        return self.model_.predict_proba(as_sentences(validate_data(self, X, reset=False)))


class Regressor(RegressorMixin, NumbersAsText):
    kind = TextRegressor

    def fit(self, X, y):
        X, y = validate_data(self, X, y, y_numeric=True)
        self.model_ = self._model().fit(as_sentences(X), y)
        return self


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("encoder", ["mean", "rnn", "lstm", "gru", "bilstm"])
@pytest.mark.parametrize("kind", [Classifier, Regressor])
def test_scikit_learns_checks(kind, encoder):
    results = check_estimator(kind(encoder), on_fail=None)
    failed = [f"{r['check_name']}: {r['exception']}" for r in results if r["status"] == "failed"]
    skipped = [r["check_name"] for r in results if r["status"] == "skipped"]
    assert not failed, "\n".join(failed)
    assert len(skipped) <= 1, skipped
    assert len(results) >= 40 and np.all([r["status"] != "xfail" for r in results])
