"""The cheap rows that every network has to beat."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from textseq.estimators.encoding.text import cut, read_fields
from textseq.text.tokenizer import Tokenizer

# Character models are compared with character n-grams, word models with word pairs.
LONGEST_NGRAM = {"char": 4}


class TfidfFeatures(TransformerMixin, BaseEstimator):
    """TF-IDF weights of a comparison's own tokens and their n-grams.

    Two texts a row become |u - v| and u * v of their weights, side by side.

    Parameters
    ----------
    tokenizer : Tokenizer
        Fitted; the networks' own.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the n-grams and their document frequencies."""
        fields = self._token_lists(X)
        n_rows = len(fields[0])
        self.vectorizer_ = TfidfVectorizer(
            tokenizer=_same,
            preprocessor=_same,
            token_pattern=None,
            lowercase=False,
            ngram_range=(1, LONGEST_NGRAM.get(str(self.tokenizer.kind), 2)),
            sublinear_tf=True,
            min_df=2 if n_rows >= 200 else 1,
        ).fit([tokens for field in fields for tokens in field])
        return self

    def transform(self, X: Any) -> sparse.csr_matrix:
        """Return the weights (n, n_features), sparse."""
        u, *others = [self.vectorizer_.transform(field) for field in self._token_lists(X)]
        if not others:
            return u
        return sparse.hstack([abs(u - others[0]), u.multiply(others[0])], format="csr")

    def _token_lists(self, X: Any) -> list[list[list[str]]]:
        return [cut(self.tokenizer, field).to_lists() for field in read_fields(X)]


def baseline_models(task: str, tokenizer: Tokenizer) -> dict[str, BaseEstimator]:
    """Return the baselines of a task by name.

    Parameters
    ----------
    task : {"classes", "labels", "number"}
    tokenizer : Tokenizer
        Fitted; the networks' own.
    """
    features = TfidfFeatures(tokenizer)
    linear = make_pipeline(features, linear_model(task))
    if task == "number":
        return {
            "mean target": make_pipeline(RowCount(), DummyRegressor()),
            "tf-idf + ridge": linear,
        }
    return {
        "majority class": make_pipeline(RowCount(), DummyClassifier(strategy="most_frequent")),
        "tf-idf + LR": linear,
    }


def linear_model(task: str) -> BaseEstimator:
    """Return the linear model of a task that reads features: logistic regression, or ridge.

    Parameters
    ----------
    task : {"classes", "labels", "number"}
    """
    if task == "number":
        return Ridge()
    regression = LogisticRegression(C=10, max_iter=1000)
    return OneVsRestClassifier(regression) if task == "labels" else regression


class RowCount(TransformerMixin, BaseEstimator):
    """Nothing of the texts but how many there are: a column of zeros."""

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn nothing."""
        self.fitted_ = True
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return zeros (n, 1)."""
        return np.zeros((len(read_fields(X)[0]), 1))


def _same(tokens: list[str]) -> list[str]:
    return tokens
