"""Linear models of sparse features, which log-count ratios weigh before they are fitted."""

from __future__ import annotations

import threading
from typing import NamedTuple, Self

import numpy as np
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit, log_expit
from sklearn.linear_model import LogisticRegression, Ridge

from textseq.kernels.library import kernels
from textseq.training.threads import ThreadTeam

# What wide models of nine corpora were best with on validation parts: the strength of the
# likelihood against the squared weights, texts' weights being of length 1 on average.
STRENGTH = 30.0
SMOOTHING = 1.0
# Of a row's log odds. Loose, as passes beyond it change no answer: 5 to 20 of them get there.
TOLERANCE = 0.3
MOST_PASSES = 1_000
QUASI_NEWTON = {"maxiter": 100, "ftol": 1e-6}
# Of ridge regression, on texts' weights of length 1.
PENALTY = 1.0
# Below it a sum of squares is none.
NOTHING = 1e-12
# liblinear draws from one generator of the whole process.
_liblinear = threading.Lock()


def fit_weights(
    texts: sparse.csr_array,
    targets: np.ndarray,
    kind: str,
    n_outputs: int,
    row_weights: np.ndarray | None = None,
    label_weights: np.ndarray | None = None,
    n_threads: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Return weights (F, n_outputs) and bias (n_outputs,) of a linear model, float32.

    Numbers are fitted by ridge regression, classes and labels one by one by logistic regression,
    of which each feature is scaled by the root of the absolute logarithm of the ratio of its
    shares in the class's texts and in others.

    Parameters
    ----------
    texts : csr_array of shape (n, F), float32
    targets : ndarray of shape (n,) or (n, n_outputs)
        Class numbers, 0/1 indicators of labels, or numbers.
    kind : {"classes", "labels", "number"}
    n_outputs : int
    row_weights : ndarray of shape (n,), optional
    label_weights : ndarray of shape (n_outputs, 2), optional
        What a label counts for where it is absent, and where it is there.
    n_threads : int, default 1
        Classes, or labels, that are fitted side by side. They change no weight.

    References
    ----------
    Weights by log-count ratios: Wang & Manning (2012), "Baselines and Bigrams: Simple, Good
    Sentiment and Topic Classification", equation 2, of which the root is taken here.
    """
    counts = np.ones(len(targets)) if row_weights is None else row_weights.astype(np.float64)
    if kind == "number":
        return _fit_number(texts, targets, counts)
    if kind == "classes" and n_outputs == 2:
        weight, bias = _fit_binary(texts, targets == 1, counts)
        signs = np.array([-0.5, 0.5], dtype=np.float32)
        return np.outer(weight, signs), signs * np.float32(bias)
    weights = np.empty((texts.shape[1], n_outputs), dtype=np.float32)
    biases = np.empty(n_outputs, dtype=np.float32)

    def fit(output: int) -> None:
        there = (targets[:, output] > 0) if kind == "labels" else targets == output
        own = counts
        if label_weights is not None:
            own = counts * label_weights[output, there.astype(np.intp)]
        weights[:, output], biases[output] = _fit_binary(texts, there, own)

    with ThreadTeam(n_threads) as team:
        team.map(fit, range(n_outputs))
    return weights, biases


class Curvature(NamedTuple):
    """How strongly the texts that weights were fitted to hold them where they are.

    The likelihood's second derivative by the weight of a feature and an output is, for short, the
    product of both.

    Parameters
    ----------
    mass : ndarray of shape (F,), float32
        Sum over texts of a feature's square.
    variances : ndarray of shape (n_outputs,), float32
        Mean over texts of share * (1 - share) that an output is answered with; of numbers 1.
    """

    mass: np.ndarray
    variances: np.ndarray

    @classmethod
    def of(
        cls, texts: sparse.csr_array, outputs: np.ndarray, kind: str, row_weights: np.ndarray | None
    ) -> Self:
        """Return that of texts (n, F) by a model's outputs (n, n_outputs) for them."""
        counts = np.ones(len(outputs)) if row_weights is None else row_weights
        if kind == "number":
            variances = np.ones(1)
        else:
            two = kind == "classes" and outputs.shape[1] == 2
            shares = expit(outputs - outputs[:, ::-1] if two else outputs)
            variances = np.average(shares * (1 - shares), axis=0, weights=counts)
        squares = sparse.csr_array((texts.data**2, texts.indices, texts.indptr), texts.shape)
        mass = squares.T @ counts
        return cls(mass.astype(np.float32), variances.astype(np.float32))

    def plus(self, more: Curvature) -> Curvature:
        """Return that of the texts of both."""
        mass = self.mass + more.mass
        share = more.mass.sum() / max(mass.sum(), NOTHING)
        return Curvature(mass, self.variances + share * (more.variances - self.variances))


def refit_weights(
    texts: sparse.csr_array,
    targets: np.ndarray,
    kind: str,
    start: tuple[np.ndarray, np.ndarray],
    curvature: Curvature,
    row_weights: np.ndarray | None = None,
    label_weights: np.ndarray | None = None,
    n_threads: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Return weights and bias as ``fit_weights`` does, drawn to where they start and not to 0.

    A class without a row among these, or with no other, stays as it is.

    Parameters
    ----------
    texts, targets, kind, row_weights, label_weights, n_threads
        As ``fit_weights`` takes them.
    start : tuple of (ndarray of shape (F, n_outputs), ndarray of shape (n_outputs,))
        Weights and bias that were fitted to other texts.
    curvature : Curvature
        Of those.

    References
    ----------
    Chapelle & Li (2011), "An Empirical Evaluation of Thompson Sampling", algorithm 3; the products
    of two vectors in place of a matrix of precisions answered as well on three corpora.
    """
    weights, bias = (array.astype(np.float64) for array in start)
    outputs = texts @ weights + bias
    counts = np.ones(len(targets)) if row_weights is None else row_weights.astype(np.float64)
    if kind == "number":
        roots = np.sqrt(PENALTY / (PENALTY + curvature.mass))
        left = targets - outputs[:, 0]
        steps, shifts = _fit_number((texts * roots[None, :]).tocsr(), left, counts)
        steps = steps * roots[:, None]
    elif kind == "classes" and len(bias) == 2:
        odds, held = outputs[:, 1] - outputs[:, 0], curvature.variances[1]
        step, shift = _refit_binary(texts, targets == 1, counts, odds, curvature.mass, held)
        signs = np.array([-0.5, 0.5])
        steps, shifts = np.outer(step, signs), signs * shift
    else:
        steps, shifts = np.zeros_like(weights), np.zeros_like(bias)

        def refit(output: int) -> None:
            there = (targets[:, output] > 0) if kind == "labels" else targets == output
            own = counts
            if label_weights is not None:
                own = counts * label_weights[output, there.astype(np.intp)]
            odds, held = outputs[:, output], curvature.variances[output]
            found = _refit_binary(texts, there, own, odds, curvature.mass, held)
            steps[:, output], shifts[output] = found

        with ThreadTeam(n_threads) as team:
            team.map(refit, range(len(bias)))
    return (weights + steps).astype(np.float32), (bias + shifts).astype(np.float32)


def _refit_binary(
    texts: sparse.csr_array,
    there: np.ndarray,
    counts: np.ndarray,
    log_odds: np.ndarray,
    mass: np.ndarray,
    variance: float,
) -> tuple[np.ndarray, float]:
    """Return what is added to weights (F,) and bias of logistic regression on scaled features.

    Parameters
    ----------
    texts : csr_array of shape (n, F)
    there : ndarray of shape (n,), bool
    counts : ndarray of shape (n,)
    log_odds : ndarray of shape (n,)
        By the weights so far.
    mass : ndarray of shape (F,)
    variance : float
        As ``Curvature`` has them.
    """
    n_features = texts.shape[1]
    if there.all() or not there.any() or not texts.nnz:
        return np.zeros(n_features), 0.0
    scaled, scales = _scaled(texts, there, counts)
    # What the ridge and the other texts hold a scaled weight by; texts are of length 1.
    held = np.append(
        1 + STRENGTH * variance * mass * scales**2, 1 + STRENGTH * variance * mass.sum()
    )
    signs, back = np.where(there, 1.0, -1.0), scaled.T.tocsr()

    def loss(step: np.ndarray) -> tuple[float, np.ndarray]:
        margins = signs * (log_odds + scaled @ step[:-1] + step[-1])
        slopes = -STRENGTH * counts * signs * expit(-margins)
        value = held @ step**2 / 2 - STRENGTH * counts @ log_expit(margins)
        return float(value), held * step + np.append(back @ slopes, slopes.sum())

    start = np.zeros(n_features + 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=QUASI_NEWTON).x
    return found[:-1] * scales, float(found[-1])


def _fit_number(
    texts: sparse.csr_array, targets: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    if not texts.nnz:
        mean = np.average(targets, weights=counts)
        return np.zeros((texts.shape[1], 1), dtype=np.float32), np.array([mean], dtype=np.float32)
    ridge = Ridge(PENALTY, solver="sparse_cg").fit(texts, targets, sample_weight=counts)
    weights = ridge.coef_.reshape(-1, 1).astype(np.float32)
    return weights, np.array([ridge.intercept_], dtype=np.float32)


def _fit_binary(
    texts: sparse.csr_array, there: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return weights (F,) and bias of logistic regression on scaled features."""
    total, positive = counts.sum(), counts[there].sum()
    if not 0 < positive < total or not texts.nnz:
        # Nothing to tell rows apart by, or all say the same: Laplace's rule, as log odds.
        odds = (positive + 1) / (total - positive + 1)
        return np.zeros(texts.shape[1], dtype=np.float32), float(np.log(odds))
    return _fit_compiled(texts, there, counts) or _fit_by_liblinear(texts, there, counts)


def _fit_compiled(
    texts: sparse.csr_array, there: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, float] | None:
    """Return the same by the compiled kernel; None where there is none."""
    library = kernels()
    n_rows, n_columns = texts.shape
    if library is None or texts.data.dtype != np.float32 or n_columns >= 2**31:
        return None
    columns = np.ascontiguousarray(texts.indices, dtype=np.int32)
    bounds = np.ascontiguousarray(texts.indptr, dtype=np.int64)
    values, marks = np.ascontiguousarray(texts.data), there.astype(np.uint8)
    counts = np.ascontiguousarray(counts)
    weights, squares = np.empty((2, n_columns), dtype=np.float32)
    bias, sums = np.empty(1), np.empty((n_columns, 2))
    log_odds, norms = np.empty((2, n_rows))
    order = np.empty(n_rows, dtype=np.int64)
    library.fit_logistic(
        values.ctypes.data, columns.ctypes.data, bounds.ctypes.data, n_rows, n_columns,
        counts.ctypes.data, marks.ctypes.data, STRENGTH, SMOOTHING, TOLERANCE, MOST_PASSES,
        weights.ctypes.data, bias.ctypes.data, log_odds.ctypes.data, squares.ctypes.data,
        sums.ctypes.data, norms.ctypes.data, order.ctypes.data,
    )  # fmt: skip
    return weights, float(bias[0])


def _fit_by_liblinear(
    texts: sparse.csr_array, there: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return the same by scikit-learn, one class after the other."""
    scaled, scales = _scaled(texts, there, counts)
    model = LogisticRegression(
        C=STRENGTH, solver="liblinear", dual=True, tol=TOLERANCE, max_iter=MOST_PASSES,
        random_state=0,
    )  # fmt: skip
    with _liblinear:
        model.fit(scaled, there, sample_weight=counts)
    weights = model.coef_[0] * scales
    return weights.astype(np.float32), float(model.intercept_[0])


def _scaled(
    texts: sparse.csr_array, there: np.ndarray, counts: np.ndarray
) -> tuple[sparse.csr_array, np.ndarray]:
    """Return texts whose features are scaled, of length 1 on average, and the scales (F,)."""
    scales = np.sqrt(np.abs(_log_count_ratios(texts, there, counts))).astype(np.float32)
    scaled = texts.copy()
    scaled.data *= scales[texts.indices]
    # One number for all texts, so that it folds into the weights.
    length = np.sqrt(np.vdot(scaled.data, scaled.data) / len(there)) or 1.0
    scaled.data /= length
    return scaled, scales / length


def _log_count_ratios(texts: sparse.csr_array, there: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return log(p / q) (F,) of each feature's shares in the texts of a class and in others."""
    occurs = sparse.csr_array((np.ones_like(texts.data), texts.indices, texts.indptr), texts.shape)
    p = occurs.T @ np.where(there, counts, 0.0) + SMOOTHING
    q = occurs.T @ np.where(there, 0.0, counts) + SMOOTHING
    ratios: np.ndarray = np.log(p / p.sum()) - np.log(q / q.sum())
    return ratios
