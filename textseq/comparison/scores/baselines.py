"""The cheap rows that every network has to beat."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from scipy import sparse
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin, clone
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import train_test_split
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline

from textseq.estimators.encoding.column_encoding import ColumnEncoding
from textseq.estimators.encoding.text import cut
from textseq.estimators.encoding.text_rows import TextRows, read_fields
from textseq.text.tokenizer import Tokenizer
from textseq.training.ratio_regression import fit_weights

# Character models are compared with character n-grams, word models with word pairs.
LONGEST_NGRAM = {"char": 4}
# Of ridge regression: the best on a third of the training rows, or, of so few that it would be
# chosen by luck, what was best on most sets of numbers.
PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
HELD_OUT = 1 / 3
FEW_ROWS, USUAL_PENALTY = 20, 1.0


class TfidfFeatures(TransformerMixin, BaseEstimator):
    """TF-IDF weights of a comparison's own tokens and their n-grams.

    Two texts a row become |u - v| and u * v of their weights and their cosine, side by side.

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
        products = u.multiply(others[0])
        # The vectors have length 1.
        cosine = sparse.csr_matrix(products.sum(axis=1))
        return sparse.hstack([abs(u - others[0]), products, cosine], format="csr")

    def _token_lists(self, X: Any) -> list[list[list[str]]]:
        return [cut(self.tokenizer, field).to_lists() for field in read_fields(X)]


class BesideColumns(TransformerMixin, BaseEstimator):
    """Features of texts, and behind them what a network reads of the columns beside these.

    Parameters
    ----------
    texts : transformer of scikit-learn
        Of the texts alone.
    """

    def __init__(self, texts: BaseEstimator) -> None:
        self.texts = texts

    def fit(self, X: TextRows, y: Any = None) -> Self:
        """Learn both from rows with columns."""
        self.texts_ = clone(self.texts).fit(TextRows(X.fields).shown(), y)
        self.columns_ = ColumnEncoding.of(X.columns)
        return self

    def transform(self, X: TextRows) -> Any:
        """Return the features (n, n_features), sparse where those of the texts are."""
        assert self.columns_ is not None and X.columns is not None
        features = self.texts_.transform(TextRows(X.fields).shown())
        columns = self.columns_.encode(X.columns)
        if sparse.issparse(features):
            return sparse.hstack([features, columns], format="csr")
        return np.hstack([features, columns])


def steps_of(model: Any) -> list[Any]:
    """Return the steps of a pipeline, what reads texts in place of what has columns beside it."""
    steps = [step for _, step in model.steps] if isinstance(model, Pipeline) else [model]
    return [getattr(step, "texts_", step) for step in steps]


def text_features(tokenizer: Tokenizer, columns: bool) -> BaseEstimator:
    """Return what the cheap rows read: TF-IDF, and beside it columns where there are any."""
    features = TfidfFeatures(tokenizer)
    return BesideColumns(features) if columns else features


def baseline_models(
    task: str, tokenizer: Tokenizer, columns: bool = False
) -> dict[str, BaseEstimator]:
    """Return the baselines of a task by name.

    Parameters
    ----------
    task : {"classes", "labels", "number"}
    tokenizer : Tokenizer
        Fitted; the networks' own.
    columns : bool, default False
        Whether columns stand beside the texts.
    """
    features = text_features(tokenizer, columns)
    if task == "number":
        return {
            "mean target": make_pipeline(RowCount(), DummyRegressor()),
            "tf-idf + ridge": TfidfRidge(features),
        }
    return {
        "majority class": make_pipeline(RowCount(), DummyClassifier(strategy="most_frequent")),
        "tf-idf + LR": make_pipeline(features, linear_model(task)),
        "tf-idf + NB-LR": make_pipeline(features, NaiveBayesRegression()),
    }


LINEAR_TASKS = ("classes", "labels", "number")


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


class TfidfRidge(RegressorMixin, BaseEstimator):
    """Ridge regression on features of texts, with the penalty that is best on rows held out.

    Features are learned without the rows held out: had they been learned with them, no n-gram
    there would be new, and too small a penalty would look best.

    Parameters
    ----------
    features : transformer of scikit-learn
        ``TfidfFeatures``, or these and what stands beside the texts.
    """

    def __init__(self, features: BaseEstimator) -> None:
        self.features = features

    def fit(self, X: Any, y: Any) -> Self:
        """Choose the penalty, and learn features, weights (F,) and intercept of all rows."""
        y = np.asarray(y, dtype=np.float64)
        self.alpha_ = USUAL_PENALTY if len(y) < FEW_ROWS else self._best_penalty(X, y)
        self.features_ = clone(self.features).fit(X)
        ridge = Ridge(self.alpha_).fit(self.features_.transform(X), y)
        self.coef_, self.intercept_ = ridge.coef_, ridge.intercept_
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the number (n,) of each row."""
        found: np.ndarray = self.features_.transform(X) @ self.coef_ + self.intercept_
        return found

    def _best_penalty(self, X: Any, y: np.ndarray) -> float:
        rows = TextRows.read(X)
        kept, held_out = train_test_split(np.arange(len(y)), test_size=HELD_OUT, random_state=0)
        features = clone(self.features).fit(rows.take(kept))
        read, asked = (features.transform(rows.take(part)) for part in (kept, held_out))

        def error(penalty: float) -> float:
            predictions = Ridge(penalty).fit(read, y[kept]).predict(asked)
            return float(np.square(predictions - y[held_out]).sum())

        return min(PENALTIES, key=error)


class NaiveBayesRegression(ClassifierMixin, BaseEstimator):
    """Logistic regression on features weighted by naive Bayes' log-count ratios, as ``wide`` has.

    References
    ----------
    Wang & Manning (2012), "Baselines and Bigrams: Simple, Good Sentiment and Topic
    Classification", of whose ratios the root is taken, as ``WidePath`` does.
    """

    def fit(self, X: sparse.csr_matrix, y: Any) -> Self:
        """Learn weights (F, n_outputs) and bias of sparse features (n, F)."""
        y = np.asarray(y)
        self.labels_ = y.ndim == 2
        self.classes_ = np.arange(y.shape[1]) if self.labels_ else np.unique(y)
        targets = y if self.labels_ else np.searchsorted(self.classes_, y)
        kind = "labels" if self.labels_ else "classes"
        texts = sparse.csr_array(X).astype(np.float32)
        self.coef_, self.intercept_ = fit_weights(texts, targets, kind, len(self.classes_))
        return self

    def decision_function(self, X: sparse.csr_matrix) -> np.ndarray:
        """Return the log odds of each label, or the logits of each class, (n, n_outputs)."""
        outputs: np.ndarray = X @ self.coef_ + self.intercept_
        return outputs

    def predict_proba(self, X: sparse.csr_matrix) -> np.ndarray:
        """Return the probability of each class or label (n, n_outputs)."""
        outputs = self.decision_function(X).astype(np.float64)
        return expit(outputs) if self.labels_ else softmax(outputs, axis=1)

    def predict(self, X: sparse.csr_matrix) -> np.ndarray:
        """Return the likeliest class, or 1 for each label that is likelier than not."""
        outputs = self.decision_function(X)
        return (outputs > 0).astype(int) if self.labels_ else self.classes_[outputs.argmax(1)]


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
