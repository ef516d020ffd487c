"""R's linear models as baselines: glm of R itself, and the elastic net of its package glmnet."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from functools import cache
from typing import Any, Self

import numpy as np
from scipy import sparse
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.decomposition import TruncatedSVD
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from textseq.r_session import require_package, start_r

# Directions that glm is given, which has no penalty: at most so many, and a tenth of the rows.
MOST_DIRECTIONS, ROWS_A_DIRECTION = 50, 10
N_FOLDS = 5
# Between ridge (0) and lasso (1).
ELASTIC_NET = 0.5
_GLM = """
function(family, x, n_rows, y) {
  notes <- character()
  fit <- withCallingHandlers(
    stats::glm.fit(cbind(1, matrix(x, n_rows)), y, family = get(family, asNamespace("stats"))()),
    warning = function(w) {
      notes <<- c(notes, conditionMessage(w))
      invokeRestart("muffleWarning")
    }
  )
  coefs <- unname(fit$coefficients)
  coefs[is.na(coefs)] <- 0
  list(coefs, unique(notes))
}
"""
_GLMNET = """
function(family, i, p, x, dim, y, fold, alpha) {
  notes <- character()
  fit <- withCallingHandlers(
    glmnet::cv.glmnet(
      methods::new("dgCMatrix", i = i, p = p, x = x, Dim = dim),
      if (family == "gaussian") y else factor(y), family = family, foldid = fold, alpha = alpha
    ),
    warning = function(w) {
      notes <<- c(notes, conditionMessage(w))
      invokeRestart("muffleWarning")
    }
  )
  coefs <- stats::coef(fit, s = "lambda.min")
  if (!is.list(coefs)) coefs <- list(coefs)
  list(unlist(lapply(coefs, function(one) as.numeric(as.matrix(one)))), unique(notes))
}
"""


class _RLinear(BaseEstimator, ABC):
    """A linear model whose weights R finds; answers need no R."""

    coef_: np.ndarray  # (n_outputs, n_features), as scikit-learn's
    intercept_: np.ndarray

    def fit(self, X: Any, y: Any) -> Self:
        """Let R fit the weights.

        Parameters
        ----------
        X : array or sparse matrix of shape (n, n_features)
        y : array-like of shape (n,)

        Raises
        ------
        ImportError
            If R, rpy2 or the package of R is missing.
        ValueError
            If R fails.
        """
        family, targets = "gaussian", np.asarray(y)
        if isinstance(self, ClassifierMixin):
            self.classes_, targets = np.unique(targets, return_inverse=True)
            family = "binomial" if len(self.classes_) == 2 else "multinomial"
        weights = self._weights(family, X, targets.astype(np.float64))
        self.intercept_, self.coef_ = weights[:, 0], weights[:, 1:]
        return self

    @abstractmethod
    def _weights(self, family: str, X: Any, y: np.ndarray) -> np.ndarray:
        """Return the intercepts and weights (n_outputs, 1 + n_features) that R finds."""

    def _linear(self, X: Any) -> np.ndarray:
        return np.asarray(X @ self.coef_.T) + self.intercept_


class _Classes(ClassifierMixin):
    """Answers of a linear model of classes."""

    classes_: np.ndarray

    def predict_proba(self: Any, X: Any) -> np.ndarray:
        """Return the probability (n, n_classes) of each class."""
        scores = self._linear(X)
        if scores.shape[1] > 1:
            return softmax(scores, axis=1)
        return np.hstack([expit(-scores), expit(scores)])

    def predict(self: Any, X: Any) -> np.ndarray:
        """Return the most probable class (n,)."""
        found: np.ndarray = self.classes_[self.predict_proba(X).argmax(1)]
        return found


class _Numbers(RegressorMixin):
    """Answers of a linear model of numbers."""

    def predict(self: Any, X: Any) -> np.ndarray:
        """Return the number (n,) of each row."""
        found: np.ndarray = self._linear(X)[:, 0]
        return found


class _Glm(_RLinear):
    """``stats::glm`` of the first singular directions of the features, which has no penalty."""

    def _weights(self, family: str, X: Any, y: np.ndarray) -> np.ndarray:
        if family == "multinomial":
            raise ValueError("glm has no family for three classes; wrap it in OneVsRestClassifier")
        n_rows, n_features = X.shape
        n_directions = max(1, min(MOST_DIRECTIONS, n_rows // ROWS_A_DIRECTION))
        directions = np.eye(n_features)
        if n_features > n_directions:
            directions = TruncatedSVD(n_directions, random_state=0).fit(X).components_
        inputs = np.asarray(X @ directions.T)
        found = _call("glm", [[family], inputs.ravel(order="F"), [n_rows], y])
        return np.hstack([found[:1], found[1:] @ directions])[None]


class _Glmnet(_RLinear):
    """``glmnet::cv.glmnet``: an elastic net whose penalty cross-validation chooses."""

    def _weights(self, family: str, X: Any, y: np.ndarray) -> np.ndarray:
        columns = sparse.csc_matrix(X, dtype=np.float64)
        columns.sort_indices()
        folds = KFold if family == "gaussian" else StratifiedKFold
        fold = np.zeros(len(y), dtype=np.int64)
        splits = folds(N_FOLDS, shuffle=True, random_state=0).split(fold[:, None], y)
        for number, (_, rows) in enumerate(splits, start=1):
            fold[rows] = number
        found = _call(
            "glmnet",
            [[family], columns.indices, columns.indptr, columns.data, [*columns.shape], y, fold]
            + [[ELASTIC_NET]],
        )
        return found.reshape(-1, columns.shape[1] + 1)


class GlmClassifier(_Classes, _Glm):
    """Logistic regression of R, of two classes."""


class GlmRegressor(_Numbers, _Glm):
    """Linear regression of R."""


class GlmnetClassifier(_Classes, _Glmnet):
    """Logistic or multinomial regression of R's glmnet, by an elastic net."""


class GlmnetRegressor(_Numbers, _Glmnet):
    """Linear regression of R's glmnet, by an elastic net."""


def r_baseline_models(task: str, features: list[Any], n_classes: int) -> dict[str, BaseEstimator]:
    """Return R's baselines of a task by name, once R is there.

    Parameters
    ----------
    task : {"classes", "labels", "number"}
    features : list of transformers
        From rows to the numbers that the models read.
    n_classes : int
        Of the task "classes".

    Raises
    ------
    ImportError
        If R, rpy2 or R's package glmnet is missing.
    RuntimeError
        If called from another thread than the main one, or from a Python that an older
        reticulate runs inside of R.
    """
    require_package(start_r("baselines='r'"), "glmnet", "baselines='r'")
    if task == "number":
        models = {"R glm": GlmRegressor(), "R glmnet": GlmnetRegressor()}
    else:
        models = {"R glm": GlmClassifier(), "R glmnet": GlmnetClassifier()}
    if task == "labels":
        models = {name: OneVsRestClassifier(model) for name, model in models.items()}
    elif task == "classes" and n_classes > 2:
        models["R glm"] = OneVsRestClassifier(models["R glm"])
    return {name: make_pipeline(*features, model) for name, model in models.items()}


@cache
def _functions() -> dict[str, Any]:
    interface = start_r("baselines='r'")
    require_package(interface, "glmnet", "baselines='r'")
    return {"glm": interface.evalr(_GLM), "glmnet": interface.evalr(_GLMNET)}


def _call(name: str, arguments: list[Any]) -> np.ndarray:
    """Call one of the functions with strings, whole numbers and doubles; return the weights."""
    interface = start_r("baselines='r'")
    vectors = {
        "U": interface.StrSexpVector, "i": interface.IntSexpVector, "f": interface.FloatSexpVector,
    }  # fmt: skip
    given = [np.asarray(value) for value in arguments]
    try:
        found = _functions()[name](*(vectors[value.dtype.kind](value.tolist()) for value in given))
    except interface.embedded.RRuntimeError as error:
        raise ValueError(f"R's {name} failed: {' '.join(str(error).split())}") from None
    for note in found[1]:
        warnings.warn(f"R's {name}: {note}", stacklevel=2)
    return np.array(found[0].memoryview())
