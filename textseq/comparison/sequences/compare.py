"""Taggers, translators and language models side by side on the same split."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from textseq.comparison.corpus_tests import compare_corpus_scores
from textseq.comparison.receipt import machine_receipt
from textseq.comparison.scores.candidates import Candidate, find_candidates, shared_template
from textseq.comparison.scores.data import followed_groups
from textseq.comparison.scores.data_check import check_data
from textseq.comparison.scores.folds import OnFit, rows_sha256, run_folds
from textseq.comparison.scores.model import ComparedModel
from textseq.comparison.scores.result import Comparison
from textseq.comparison.scores.run import Run
from textseq.comparison.scores.splits import TEST_SHARE, make_splits
from textseq.comparison.scores.wording import below_lines
from textseq.comparison.sequences.data import ComparedSequences
from textseq.comparison.sequences.fold import SequenceFold
from textseq.comparison.sequences.measures import Measure
from textseq.estimators.base import TrainedEstimator
from textseq.estimators.finished_fits import FinishedFits
from textseq.estimators.sequence.fit_rows import check_groups
from textseq.labels.targets import class_indices, joined_labels
from textseq.training.threads import thread_count


@dataclass(frozen=True, eq=False)
class SplitSequences:
    """All rows of a comparison and how they are split.

    Parameters
    ----------
    rows : ComparedSequences
        To train on; and to test on, unless there is a test set.
    test : ComparedSequences
    splits : list of (training rows, test rows)
        One a fold.
    groups : ndarray, optional
        Number of the group of each row, and behind them of each row of a test set.
    """

    rows: ComparedSequences
    test: ComparedSequences
    splits: list[tuple[np.ndarray, np.ndarray]]
    groups: np.ndarray | None

    @classmethod
    def read(
        cls,
        kind: type[ComparedSequences],
        X: Any,
        y: Any,
        template: TrainedEstimator,
        *,
        test: Any,
        cv: Any,
        random_state: int,
        groups: Any,
    ) -> SplitSequences:
        """Check rows and split them; parameters are those of ``compare``."""
        if test is not None and cv is not None:
            raise ValueError("pass test= or cv=, not both: cv tests on every row once")
        rows = kind.read(X, y, template)
        numbers = check_groups(groups, len(rows))
        if test is None or isinstance(test, int | float):
            share = TEST_SHARE if test is None else test
            splits = rows.splits(share) if cv is None and groups is None else None
            numbers = rows.groups() if numbers is None else numbers
            if splits is None:
                # Rows of sequences have no classes to be split in proportion.
                splits = make_splits(np.zeros((len(rows), 1)), test, cv, random_state, numbers)
            return cls(rows, rows, splits, numbers)
        other = test if isinstance(test, tuple) else (test, None)
        if len(other) not in (1, 2, 3):
            raise ValueError(
                f"test must be a share, (X, y) or (X, y, groups), got a tuple of {len(other)}"
            )
        held_out = kind.read(other[0], other[1] if len(other) > 1 else None, template, "the test ")
        of_test = other[2] if len(other) == 3 else None
        numbers = followed_groups(groups, len(rows), of_test, len(held_out))
        return cls(rows, held_out, [(np.arange(len(rows)), np.arange(len(held_out)))], numbers)

    @property
    def test_rows(self) -> np.ndarray:
        """The test rows of all folds, fold by fold."""
        return np.concatenate([test for _, test in self.splits])

    @property
    def tested(self) -> ComparedSequences:
        """The test rows of all folds, fold by fold, as rows."""
        return self.test.take(self.test_rows)

    @property
    def units(self) -> np.ndarray | None:
        """What test rows depend on each other by: groups, or being one row tested twice."""
        rows = self.test_rows
        if self.groups is not None:
            return self.groups[rows + (0 if self.test is self.rows else len(self.rows))]
        return rows if len(np.unique(rows)) < len(rows) else None


def compare_sequences(
    kind: type[ComparedSequences],
    X: Any,
    y: Any,
    encoders: Any,
    *,
    estimator: TrainedEstimator | None,
    scoring: str | None,
    groups: Any,
    test: Any,
    cv: Any,
    n_seeds: int,
    vectors: Any,
    baselines: bool | str,
    n_jobs: int | None,
    n_side_by_side: int,
    random_state: int,
    on_fit: OnFit | None,
    checkpoint: Any,
) -> Comparison:
    """Fit taggers, translators or language models side by side and test their differences.

    Parameters
    ----------
    kind : type of ComparedSequences
        What is compared.
    n_side_by_side : int
        Fits that run at once.
    X, y, encoders, estimator, scoring, groups, test, cv, n_seeds, vectors, baselines, n_jobs
        As ``compare`` takes them, and so the others.

    Returns
    -------
    Comparison
    """
    started = time.perf_counter()
    template = shared_template(
        kind.estimator() if estimator is None else estimator, vectors, n_side_by_side
    )
    given = {"test": test, "cv": cv, "random_state": random_state, "groups": groups}
    data = SplitSequences.read(kind, X, y, template, **given)
    measures = _measures(data.tested, scoring)
    encoders = kind.encoders if encoders is None else encoders
    folds = _plan(data, encoders, template, baselines)
    seeds = [random_state + position for position in range(n_seeds)]
    data_sha256, n_threads = data.rows.fingerprint(), thread_count(template.n_threads)
    told = {"data_sha256": data_sha256, "test_sha256": data.test.fingerprint()}
    finished = FinishedFits.of(checkpoint, **told, n_threads=n_threads)
    runs = run_folds(folds, seeds, n_jobs, on_fit, finished)
    candidates = folds[0].candidates
    tested = data.tested
    settings = tested.settings([run for row in runs for seed in row for run in seed])
    # What each test row adds to the counts, (n_seeds, n_test, K): fold by fold, and all of them.
    counts = [
        [[fold.test.counts(run, settings) for fold, run in zip(folds, seed, strict=True)]
         for seed in row]
        for row in runs
    ]  # fmt: skip
    whole = [np.stack([np.concatenate(seed) for seed in row]) for row in counts]
    classes, targets = _classes(data, runs)
    models = tuple(
        _compared(candidate, folds, row, own, measures, classes)
        for candidate, row, own in zip(candidates, runs, counts, strict=True)
    )
    names = [model.name for model in models]
    pairs = compare_corpus_scores(names, whole, measures[0].score, data.units)
    by_name = dict(zip(names, [[run for seed in row for run in seed] for row in runs], strict=True))
    return Comparison(
        models=models,
        metric=measures[0].name,
        pairs=pairs,
        targets=targets,
        classes=tuple(map(str, classes)),
        texts=tuple(tested.shown()),
        unit=tested.unit,
        task=kind.task,
        lengths=tested.lengths,
        warnings=(
            *_data_warnings(data),
            *tested.warnings(by_name),
            *below_lines(models, pairs, measures[0].name),
        ),
        receipt={
            "seeds": seeds,
            "folds": len(folds),
            "train_rows": len(data.splits[0][0]),
            "test_rows": len(data.test_rows),
            **settings,
            "data_sha256": data_sha256,
            "n_threads": n_threads,
            "n_jobs": n_side_by_side,
            **machine_receipt(started),
        },
    )


def _measures(tested: ComparedSequences, scoring: Any) -> tuple[Measure, ...]:
    """Return the scores of the test rows, the one that is asked for first."""
    found = tested.measures
    if scoring is None:
        return found
    name = scoring.replace("-", "_") if isinstance(scoring, str) else scoring
    chosen = [measure for measure in found if measure.name == name]
    if not chosen:
        raise ValueError(
            f"scoring={scoring!r} is no score of these rows; choose from: "
            f"{', '.join(measure.name for measure in found)}"
        )
    return (*chosen, *(measure for measure in found if measure not in chosen))


def _plan(
    data: SplitSequences, encoders: Any, template: TrainedEstimator, baselines: bool | str
) -> list[SequenceFold]:
    """List the candidates of every fold."""
    if not isinstance(baselines, bool):
        raise ValueError(
            f"baselines={baselines!r} is known of classes and numbers alone; use True or False"
        )
    folds = []
    for train_rows, test_rows in data.splits:
        train = data.rows.take(train_rows)
        cheap = train.baselines(template) if baselines else {}
        candidates = find_candidates(
            encoders, template, cheap, None, train.task, method=train.method
        )
        rows = rows_sha256(train_rows, test_rows, data.groups)
        folds.append(SequenceFold(train, data.test.take(test_rows), candidates, rows))
    return folds


def _data_warnings(data: SplitSequences) -> tuple[str, ...]:
    """Say so where test rows were trained on, or are empty."""
    train_rows, test_rows = data.splits[0]
    train = pl.Series(data.rows.take(train_rows).contents(), dtype=pl.String)
    tested = pl.Series(data.test.take(test_rows).contents(), dtype=pl.String)
    # Numbers, of which there is nothing else to say.
    no_labels = np.zeros(len(train)), np.zeros(len(tested))
    return check_data(train, tested, *no_labels, unit=data.rows.unit)


def _classes(
    data: SplitSequences, runs: Sequence[list[list[Run]]]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the tags there are, and the targets as their numbers; of others no classes."""
    targets = data.tested.targets()
    if data.tested.lengths is None:
        return np.empty(0), targets
    said = [run.predictions for row in runs for seed in row for run in seed]
    every = joined_labels(data.rows.targets(), targets, *said)
    classes = np.unique(every.astype(str) if every.dtype == object else every)
    return classes, class_indices(targets.astype(classes.dtype), classes)


def _compared(
    candidate: Candidate,
    folds: list[SequenceFold],
    by_seed: list[list[Run]],
    counts: list[list[np.ndarray]],
    measures: tuple[Measure, ...],
    classes: np.ndarray,
) -> ComparedModel:
    """Put a candidate's runs together, folds end to end."""
    runs = [run for seed in by_seed for run in seed]
    predictions = np.stack(
        [
            np.concatenate(
                [fold.test.predictions(run) for fold, run in zip(folds, seed, strict=True)]
            )
            for seed in by_seed
        ]
    )
    scores = {
        measure.name: np.array(
            [np.mean([measure.score(fold.sum(axis=0)) for fold in seed]) for seed in counts]
        )
        for measure in measures
    }
    n_rows = sum(len(fold) for fold in counts[0])
    if len(classes):
        flat = class_indices(predictions.ravel().astype(classes.dtype), classes)
        predictions = flat.reshape(predictions.shape)
    return ComparedModel(
        name=candidate.name,
        kind=candidate.kind,
        scores=scores.pop(measures[0].name),
        measures=scores,
        predictions=predictions,
        fit_seconds=np.array([sum(run.fit_seconds for run in seed) for seed in by_seed]),
        predict_microseconds=1e6
        * sum(run.predict_seconds for run in runs)
        / (n_rows * len(by_seed)),
        n_parameters=runs[0].n_parameters,
        histories=tuple(run.history for run in runs if run.history is not None),
        parameters=runs[0].parameters,
        disk_bytes=runs[0].disk_bytes,
    )
