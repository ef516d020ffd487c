"""What a regressor answers: numbers in the units of the training targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import RegressorMixin

from textseq.checks import check_number
from textseq.constancy import constant_columns
from textseq.estimators.scoring import Answers
from textseq.estimators.sequence.estimator import SequenceEstimator
from textseq.labels.targets import check_numbers
from textseq.training.objectives import OBJECTIVES


class NumberAnswers(RegressorMixin, SequenceEstimator):
    """Part of the regressors: a number, learned in units of the training targets' spread."""

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn on from new rows alone, as a classifier's does; the first time, ``fit``.

        Mean and spread of the targets stay those of the first rows.

        Parameters
        ----------
        X, y : as ``fit`` takes them
        sample_weight : array-like of shape (n,), optional

        Returns
        -------
        self
        """
        self._update(X, y, sample_weight)
        return self

    def predict(self, X: Any, level: Sequence[float] | float | None = None) -> Any:
        """Return the predicted number of each row, with intervals if asked.

        Parameters
        ----------
        X : as ``fit`` takes them
        level : float or sequence of float, optional
            Percentages of rows whose number its interval should hold, such as ``(80, 95)``; it
            does for rows from where the validation rows are from.

        Returns
        -------
        ndarray of shape (n,) or DataFrame
            In the units of the training targets; with ``level`` the columns ``prediction``, and
            ``lo-80``, ``hi-80`` and so on.

        Raises
        ------
        ValueError
            If the fit had too few validation rows for a level.

        References
        ----------
        Lei et al. (2018), "Distribution-Free Predictive Inference for Regression", section 2.2.
        """
        numbers: np.ndarray = self.answers(self._outputs(X))[:, 0]
        if level is None:
            return numbers
        levels = [level] if isinstance(level, int | float) else level
        for percent in levels:
            check_number("level", percent, under=100.0, above=True)
        columns = {"prediction": numbers}
        for percent in levels:
            bound = self._bound(percent / 100)
            columns |= {f"lo-{percent:g}": numbers - bound, f"hi-{percent:g}": numbers + bound}
        return pd.DataFrame(columns)

    def answers(self, outputs: np.ndarray) -> np.ndarray:
        """Turn outputs (n, n_outputs) into probabilities or numbers of the same shape."""
        return outputs * self.scale_ + self.mean_

    def _learn_targets(self, y: Any, n_rows: int) -> np.ndarray:
        return check_numbers(y, n_rows)

    def _scale_targets(
        self, targets: np.ndarray, rows: np.ndarray, weights: np.ndarray | None
    ) -> np.ndarray:
        own = targets[rows]
        if weights is None:
            self.mean_, self.scale_ = float(own.mean()), float(own.std())
        else:
            self.mean_ = float(np.average(own, weights=weights[rows]))
            variance = np.average(np.square(own - self.mean_), weights=weights[rows])
            self.scale_ = float(np.sqrt(variance))
        # A constant target has no spread to divide by.
        if constant_columns(targets[rows, None]).item() or not self.scale_:
            self.scale_ = 1.0
        return self._standardised(targets)

    def _true_values(self, targets: np.ndarray) -> np.ndarray:
        return self.answers(targets.astype(np.float64))

    def _known(self, outputs: np.ndarray) -> Answers:
        return Answers(self.answers(outputs.astype(np.float64))[:, 0])

    def _encode_targets(self, y: Any, n_rows: int, name: str = "y") -> np.ndarray:
        return self._standardised(check_numbers(y, n_rows, name))

    def _standardised(self, numbers: np.ndarray) -> np.ndarray:
        return ((numbers - self.mean_) / self.scale_).astype(np.float32)

    def target_kind(self) -> tuple[str, int]:
        """Return the key in OBJECTIVES and the number of outputs."""
        return "number", 1

    def _misses(self, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
        return np.abs(self.answers(outputs)[:, 0] - self._true_values(targets))

    def _nothing_learned(self, outputs: np.ndarray, targets: np.ndarray) -> str | None:
        r2 = OBJECTIVES["number"].score(outputs, targets, None)
        if r2 > 0 or constant_columns(targets[:, None]).item():
            return None
        return (
            f"the validation rows are answered no better than by their mean each time: R squared "
            f"is {r2:.3f} on {len(targets):,} rows"
        )

    def _targets_to_json(self) -> dict[str, Any]:
        return {"mean": self.mean_, "scale": self.scale_}

    def _targets_from_json(self, stored: dict[str, Any]) -> None:
        self.mean_, self.scale_ = float(stored["mean"]), float(stored["scale"])
