"""Scores by the names that scikit-learn has for them, of answers that are known already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.metrics import cluster, get_scorer, get_scorer_names
from sklearn.utils import Tags
from sklearn.utils.metaestimators import available_if

from textseq.checks import check_choice

# What people write, beside "-" for "_".
ALIASES = {
    "auc": "roc_auc",
    "macro_f1": "f1_macro",
    "micro_f1": "f1_micro",
    "weighted_f1": "f1_weighted",
    "log_loss": "neg_log_loss",
}
OF_NUMBERS = ("r2", "explained_variance", "max_error", "neg_max_error", "d2_absolute_error_score")
# scikit-learn's words for what an estimator must answer, least first.
METHODS = ("predict", "decision_function", "predict_proba")


@dataclass(frozen=True, eq=False)
class Answers:
    """What a model answers for some rows.

    Parameters
    ----------
    predictions : ndarray of shape (n,) or (n, n_labels)
        Class numbers, 0/1 indicators or numbers.
    probabilities : ndarray of shape (n, n_classes) or (n, n_labels), optional
    decisions : ndarray of shape (n,), (n, n_classes) or (n, n_labels), optional
        What rows are ranked by.
    """

    predictions: np.ndarray
    probabilities: np.ndarray | None = None
    decisions: np.ndarray | None = None

    def take(self, rows: np.ndarray) -> Answers:
        """Return the answers for some rows."""
        parts = (self.predictions, self.probabilities, self.decisions)
        return Answers(*(None if part is None else part[rows] for part in parts))  # type: ignore[arg-type]


class KnownAnswers(BaseEstimator):
    """A fitted estimator that a scorer can ask, and that knows the answers for all of X.

    Parameters
    ----------
    answers : Answers
    labels : ndarray
        What the class numbers stand for.
    kind : {"classes", "labels", "number"}
    """

    def __init__(self, answers: Answers, labels: np.ndarray, kind: str) -> None:
        self.answers, self.labels, self.kind = answers, labels, kind
        if kind == "classes":
            self.classes_: Any = labels
        elif kind == "labels":
            # As scikit-learn's estimators of several outputs have them.
            self.classes_ = [np.array([0, 1])] * answers.predictions.shape[1]

    def predict(self, X: Any) -> np.ndarray:
        """Return labels, indicators or numbers."""
        found = self._all_of(X, self.answers.predictions)
        return self.labels[found] if self.kind == "classes" else found

    @available_if(lambda self: self.answers.probabilities is not None)
    def predict_proba(self, X: Any) -> np.ndarray:
        """Return probabilities."""
        return self._all_of(X, self.answers.probabilities)

    @available_if(lambda self: self.answers.decisions is not None)
    def decision_function(self, X: Any) -> np.ndarray:
        """Return what rows are ranked by."""
        return self._all_of(X, self.answers.decisions)

    def _all_of(self, X: Any, known: Any) -> np.ndarray:
        n_rows = len(X[0]) if isinstance(X, tuple) else len(X)
        if n_rows != len(known):
            raise ValueError(
                f"a scorer must ask for its rows all at once: got {n_rows} of {len(known)}"
            )
        found: np.ndarray = known
        return found

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.estimator_type = "regressor" if self.kind == "number" else "classifier"
        return tags


@dataclass(frozen=True, eq=False)
class Scoring:
    """A score of one kind of targets; higher is better.

    Parameters
    ----------
    name : str
    scorer : callable
        (estimator, X, y) -> float, as scikit-learn's.
    kind : {"classes", "labels", "number"}
    labels : ndarray
        What class numbers stand for, as the scorer is told.
    """

    name: str
    scorer: Callable[..., float]
    kind: str
    labels: np.ndarray

    def __call__(
        self,
        answers: Answers,
        targets: np.ndarray,
        weights: np.ndarray | None = None,
        X: Any = None,
    ) -> float:
        """Score answers.

        Parameters
        ----------
        answers : Answers
        targets : ndarray of shape (n,) or (n, n_labels)
            Class numbers, 0/1 indicators or numbers.
        weights : ndarray of shape (n,), optional
        X : optional
            What a callable of the user's may look at; scikit-learn's do not.
        """
        known = KnownAnswers(answers, self.labels, self.kind)
        truth = self.labels[targets] if self.kind == "classes" else targets
        options = {} if weights is None else {"sample_weight": weights}
        return float(self.scorer(known, targets if X is None else X, truth, **options))

    def check(self, targets: np.ndarray, weights: np.ndarray | None = None, X: Any = None) -> None:
        """Refuse a score that these targets have none of, by scoring answers made up for them."""
        try:
            score = self(self._made_up(targets), targets, weights, X)
        except Exception as error:
            raise ValueError(
                f"scoring={self.name!r} can't score these targets: {error}{self._hint()}"
            ) from error
        if not np.isfinite(score):
            raise ValueError(
                f"scoring={self.name!r} is {score} on the {len(targets)} rows to be scored, as if "
                f"they lacked a class; give more rows, or use another score{self._hint()}"
            )

    def method(self, targets: np.ndarray, X: Any = None) -> str:
        """Return which of ``METHODS`` a model must have at least."""
        known = self._made_up(targets)
        for method, answers in zip(
            METHODS[:-1],
            (
                Answers(known.predictions),
                Answers(known.predictions, None, known.decisions),
            ),
            strict=True,
        ):
            try:
                self(answers, targets, None, X)
            except Exception:  # whatever a callable raises where a method is missing
                continue
            return method
        return METHODS[-1]

    def _made_up(self, targets: np.ndarray) -> Answers:
        if self.kind == "number":
            return Answers(np.asarray(targets, dtype=np.float64))
        if self.kind == "labels":
            shares = 0.25 + 0.5 * targets
            return Answers(targets, shares, shares)
        n_classes = len(self.labels)
        shares = np.full((len(targets), n_classes), 0.5 / n_classes)
        shares[np.arange(len(targets)), targets] += 0.5
        return Answers(targets, shares, shares[:, 1] if n_classes == 2 else shares)

    def _hint(self) -> str:
        near = [name for name in names_for(self.kind) if name.startswith(f"{self.name}_")]
        return f"; or use {', '.join(near)}" if near else ""


def names_for(kind: str | None = None) -> list[str]:
    """Return scikit-learn's names of scores for a kind of targets, or for any."""
    names = [name for name in get_scorer_names() if not hasattr(cluster, name)]
    if kind is None:
        return names
    number = kind == "number"
    names = [name for name in names if _is_of_numbers(name) == number]
    # Of several labels log_loss would make one.
    return [name for name in names if not (kind == "labels" and "log_loss" in name)]


def scoring_name(scoring: Any, kind: str | None = None) -> str:
    """Return what a score is called, in scikit-learn's words.

    Parameters
    ----------
    scoring : str or callable
        A name such as "f1_macro" or "macro-f1", or a scorer (estimator, X, y) -> float.
    kind : {"classes", "labels", "number"}, optional
        Of targets that it must score.

    Raises
    ------
    ValueError
        If there is no such score; the message lists those there are.

    Examples
    --------
    >>> scoring_name("macro-f1"), scoring_name("auc")
    ('f1_macro', 'roc_auc')
    """
    if isinstance(scoring, str):
        name = scoring.replace("-", "_")
        name = ALIASES.get(name, name)
        if name not in names_for(kind):
            check_choice("scoring", scoring, names_for(kind), or_none=True)
        return name
    if not callable(scoring):
        raise ValueError(
            "scoring must be None, the name of a score or a callable (estimator, X, y) -> float, "
            f"got {scoring!r}"
        )
    function = getattr(scoring, "_score_func", scoring)
    return str(getattr(function, "__name__", type(function).__name__))


def find_scoring(scoring: Any, kind: str, classes: np.ndarray) -> Scoring:
    """Return a score by its name, or a scorer of the caller's.

    Parameters
    ----------
    scoring : str or callable
    kind : {"classes", "labels", "number"}
    classes : ndarray
        What class numbers stand for. A named score is told them if they are numbers; else the
        numbers 0, 1, ..., so that of two classes the second is the positive one.
    """
    name = scoring_name(scoring, kind)
    if not isinstance(scoring, str):
        return Scoring(name, scoring, kind, classes)
    labels = classes if classes.dtype.kind in "iufb" else np.arange(len(classes))
    scorer = get_scorer(name)
    accepted = signature(scorer._score_func).parameters
    # scikit-learn's default, without the warning; and classes that the rows scored may lack.
    options: dict[str, Any] = {"zero_division": 0.0} if "zero_division" in accepted else {}
    if kind == "classes" and name == "neg_log_loss":
        options["labels"] = labels
    scorer._kwargs = scorer._kwargs | options
    return Scoring(name, scorer, kind, labels)


def _is_of_numbers(name: str) -> bool:
    return name in OF_NUMBERS or name.startswith(("neg_mean_", "neg_median_", "neg_root_"))
