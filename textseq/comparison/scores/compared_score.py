"""The score that a comparison was asked for: of models, and of pairs of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd

from textseq.comparison.scores.data import ComparedData
from textseq.comparison.scores.folds import Fold
from textseq.comparison.scores.pseudo_values import MOST_UNITS, pseudo_values, units_of
from textseq.comparison.scores.run import Run
from textseq.comparison.statistics import compare_pairs
from textseq.estimators.scoring import METHODS, Answers, Scoring, find_scoring


@dataclass(frozen=True, eq=False)
class ComparedScore:
    """A score of a comparison's test rows.

    Parameters
    ----------
    scoring : Scoring
    data : ComparedData
    method : str
        What a model must have to be scored, in scikit-learn's words.
    """

    scoring: Scoring
    data: ComparedData
    method: str

    @classmethod
    def find(cls, scoring: Any, data: ComparedData) -> Self:
        """Check a score against the test rows of every fold."""
        found = find_scoring(scoring, data.task, data.classes)
        bare = cls(found, data, METHODS[0])
        for _, rows in data.splits:
            found.check(data.numbers(data.y[rows]), X=bare._shown(rows))
        rows = data.splits[0][1]
        return cls(found, data, found.method(data.numbers(data.y[rows]), bare._shown(rows)))

    def able(self, folds: list[Fold]) -> tuple[list[Fold], list[str]]:
        """Return folds without baselines that can't be scored, and say so.

        Raises
        ------
        ValueError
            If a row that the caller named can't be.
        """
        methods = METHODS[METHODS.index(self.method) :]
        warnings = []
        for candidate in folds[0].candidates:
            if any(hasattr(candidate.estimator, method) for method in methods):
                continue
            lack = (
                f"{candidate.name} has no {' or '.join(methods)}, which {self.scoring.name} needs"
            )
            if candidate.kind != "baseline":
                raise ValueError(f"{lack}; leave the row out, or use another scoring")
            warnings.append(f"{lack}, and is left out")
        kept = [
            index
            for index, candidate in enumerate(folds[0].candidates)
            if any(hasattr(candidate.estimator, method) for method in methods)
        ]
        return [
            replace(fold, candidates=[fold.candidates[index] for index in kept]) for fold in folds
        ], warnings

    def fold_mean(self, folds: list[Run]) -> float:
        """Return the mean score over folds."""
        scores = [
            self.scoring(
                self._answers(run), self.data.numbers(self.data.y[rows]), X=self._shown(rows)
            )
            for run, (_, rows) in zip(folds, self.data.splits, strict=True)
        ]
        return float(np.mean(scores))

    def pairs(self, names: Sequence[str], runs: Sequence[list[list[Run]]]) -> pd.DataFrame:
        """Test every pair of models on the test rows of all folds, end to end."""
        clusters = self.data.clusters
        targets = self.data.numbers(self.data.y[self.data.test_rows])
        items = []
        for by_seed in runs:
            answers = [self._tested(folds) for folds in by_seed]
            kinds = [self._kinds(targets, found) if clusters is None else None for found in answers]
            # Models are held to each other unit by unit, so all are cut alike.
            items.append((answers, kinds))
        alone = all(kind is not None for _, kinds in items for kind in kinds)
        units = np.arange(len(targets)) if alone else units_of(len(targets), clusters)
        values = [
            np.mean(
                [
                    self._values(targets, found, units, kind if alone else None)
                    for found, kind in zip(answers, kinds, strict=True)
                ],
                axis=0,
            )
            for answers, kinds in items
        ]
        return compare_pairs(list(names), values)

    def _values(
        self, targets: np.ndarray, answers: Answers, units: np.ndarray, kinds: np.ndarray | None
    ) -> np.ndarray:
        rows = self.data.test_rows

        def score(indices: np.ndarray) -> float:
            shown = self._shown(rows[indices])
            return self.scoring(answers.take(indices), targets[indices], X=shown)

        return pseudo_values(score, units, kinds)

    def _kinds(self, targets: np.ndarray, answers: Answers) -> np.ndarray | None:
        """Return which rows are the same to the score; None where there are many kinds."""
        if self.method != METHODS[0] or not self._by_name:
            return None
        n_rows = len(targets)
        both = np.column_stack(
            [targets.reshape(n_rows, -1), answers.predictions.reshape(n_rows, -1)]
        )
        numbers: np.ndarray = np.unique(both, axis=0, return_inverse=True)[1].ravel()
        return numbers if numbers.max() < MOST_UNITS else None

    def _answers(self, run: Run) -> Answers:
        known = run.probabilities is not None
        probabilities = self.data.probabilities(run) if known else None
        return Answers(self.data.numbers(run.predictions), probabilities, run.class_scores)

    def _tested(self, folds: list[Run]) -> Answers:
        """Return the answers of all folds, end to end."""
        parts = [self._answers(run) for run in folds]
        return Answers(
            np.concatenate([part.predictions for part in parts]),
            _joined([part.probabilities for part in parts]),
            _joined([part.decisions for part in parts]),
        )

    @property
    def _by_name(self) -> bool:
        """Whether it is one of scikit-learn's scorers, which look at answers alone."""
        return hasattr(self.scoring.scorer, "_score_func")

    def _shown(self, rows: np.ndarray) -> Any:
        """Return what a callable of the caller's may look at; names look at nothing."""
        return None if self._by_name else self.data.inputs.take(rows)


def _joined(parts: list[np.ndarray | None]) -> np.ndarray | None:
    found = [part for part in parts if part is not None]
    return np.concatenate(found) if len(found) == len(parts) else None
