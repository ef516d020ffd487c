"""The rows of a comparison of sequences: what models read, what they answer, what it counts."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator

from textseq.comparison.scores.run import Run
from textseq.comparison.sequences.measures import Measure
from textseq.estimators.base import TrainedEstimator


class ComparedSequences(ABC):
    """Rows of one kind, to train on or to test on."""

    task: ClassVar[str]
    """What ``Comparison.task`` is."""
    estimator: ClassVar[type[TrainedEstimator]]
    """What networks are made of."""
    encoders: ClassVar[tuple[str, ...]]
    """Rows where none are asked for."""
    method: ClassVar[str] = "predict"
    """What an estimator of the caller's must have, beside ``fit``."""

    @classmethod
    @abstractmethod
    def read(cls, X: Any, y: Any, estimator: TrainedEstimator, name: str = "") -> Self:
        """Check rows in any form that the estimator takes; ``name`` is before X in messages."""

    @property
    @abstractmethod
    def unit(self) -> str:
        """What one row is called; a key in ``wording.UNITS``."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def take(self, rows: np.ndarray) -> Self:
        """Return some of the rows."""

    @property
    @abstractmethod
    def given(self) -> tuple[Any, ...]:
        """What ``fit`` of the package's own estimators takes; the first of it is answered for."""

    @property
    def plain(self) -> tuple[Any, ...]:
        """The same as lists, which any estimator reads."""
        return tuple(_listed(part) for part in self.given)

    @abstractmethod
    def shown(self) -> list[str]:
        """Return what a page shows of each row."""

    def contents(self) -> list[str]:
        """Return strings that are equal where what is read of rows is."""
        parts = self.plain[0]
        if isinstance(parts[0], np.ndarray):
            return [np.ascontiguousarray(row).tobytes().hex() for row in parts]
        return self.shown()

    @property
    @abstractmethod
    def measures(self) -> tuple[Measure, ...]:
        """The scores that these rows have, the one that models are compared by first."""

    @abstractmethod
    def baselines(self, template: TrainedEstimator) -> Mapping[str, BaseEstimator]:
        """Return the cheap rows."""

    @abstractmethod
    def answers(self, model: Any, X: Any) -> np.ndarray:
        """Ask a fitted model for all rows; what it says is all that is timed."""

    def about(self, model: Any, X: Any) -> dict[str, Any]:
        """Return what else ``Run`` keeps of a fitted model, by its names."""
        return {}

    def predictions(self, run: Run) -> np.ndarray:
        """Return what was answered, as a result shows it."""
        return run.predictions

    @abstractmethod
    def counts(self, run: Run, settings: Mapping[str, Any]) -> np.ndarray:
        """Return what each of these rows adds to what the measures count, shape (n, K).

        Parameters
        ----------
        run : Run
            What a model answered to them.
        settings : dict
            What ``settings`` returned.
        """

    def settings(self, runs: list[Run]) -> dict[str, Any]:
        """Return by what all models are scored alike, after all have been fitted."""
        return {}

    @abstractmethod
    def targets(self) -> np.ndarray:
        """Return what should be answered, as ``Comparison.targets`` has it."""

    @property
    def lengths(self) -> np.ndarray | None:
        """Steps of each row (n,), where each step is answered."""
        return None

    def groups(self) -> np.ndarray | None:
        """Return a number (n,) for each row, the same for those that belong on one side."""
        return None

    def splits(self, test: float) -> list[tuple[np.ndarray, np.ndarray]] | None:
        """Return the one split that these rows have; None if any rows may be drawn."""
        return None

    def warnings(self, models: Mapping[str, list[Run]]) -> list[str]:
        """Return what to beware of in what the rows, by their names, answered."""
        return []

    def fingerprint(self) -> str:
        """Return a SHA-256 of all rows."""
        digest = hashlib.sha256()
        for part in self.plain:
            for row in part:
                content = row.tobytes() if isinstance(row, np.ndarray) else repr(row).encode()
                digest.update(content)
                digest.update(b"\x1e")
            digest.update(b"\x1d")
        return digest.hexdigest()


def _listed(part: Any) -> Any:
    """Return rows as a list: texts, lists of tokens, or arrays of numbers."""
    for method in ("to_lists", "to_list"):
        if hasattr(part, method):
            return getattr(part, method)()
    return part
