"""One fold of a comparison of sequences: every candidate fitted on the same rows."""

from __future__ import annotations

import time
from dataclasses import dataclass

from textseq.comparison.scores.candidates import Candidate
from textseq.comparison.scores.kept_run import keep_run
from textseq.comparison.scores.run import Run, facts_of, fitted
from textseq.comparison.sequences.data import ComparedSequences
from textseq.estimators.base import TrainedEstimator
from textseq.estimators.finished_fits import KeptFit


@dataclass(frozen=True, eq=False)
class SequenceFold:
    """Training and test rows of one split, as ``scores.folds.Fold`` has them.

    Parameters
    ----------
    train, test : ComparedSequences
    candidates : list of Candidate
    rows_sha256 : str
        Of which rows train and which test.
    """

    train: ComparedSequences
    test: ComparedSequences
    candidates: list[Candidate]
    rows_sha256: str

    def run(self, position: int, seed: int, kept: KeptFit | None = None) -> Run:
        """Fit one candidate with one seed, and keep what it gave if it is to be kept."""
        candidate = self.candidates[position]
        own = isinstance(candidate.estimator, TrainedEstimator)
        train, test = (part.given if own else part.plain for part in (self.train, self.test))
        model, fit_seconds = fitted(candidate, seed, train, kept)
        started = time.perf_counter()
        predictions = self.test.answers(model, test[0])
        seconds = time.perf_counter() - started
        result = Run(
            predictions,
            None,
            None,
            None,
            fit_seconds,
            seconds,
            **facts_of(model),
            **self.test.about(model, test[0]),
        )
        if kept is not None:
            keep_run(result, kept)
        return result
