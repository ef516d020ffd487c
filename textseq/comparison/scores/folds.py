"""One fold of a comparison: texts cut once, every candidate fitted on the same rows."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import joblib
import numpy as np
from sklearn.base import BaseEstimator
from sklearn.preprocessing import StandardScaler

from textseq.comparison.scores.baselines import baseline_models, text_features
from textseq.comparison.scores.candidates import Candidate, find_candidates
from textseq.comparison.scores.data import ComparedData
from textseq.comparison.scores.inputs import ComparedInputs, SeriesInputs, TextInputs
from textseq.comparison.scores.kept_run import keep_run, kept_run
from textseq.comparison.scores.r_baselines import r_baseline_models
from textseq.comparison.scores.run import Run, run
from textseq.comparison.scores.series_baselines import SeriesStatistics, series_baseline_models
from textseq.comparison.scores.time_warping import band_within_budget
from textseq.estimators.encoding.text import cut, fit_tokenizer
from textseq.estimators.encoding.text_rows import TextRows
from textseq.estimators.finished_fits import FinishedFits, KeptFit
from textseq.estimators.identity import told_parameters
from textseq.estimators.sequence.estimator import SequenceEstimator
from textseq.estimators.sequence.text import TextEstimator
from textseq.message_language import written
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens
from textseq.text.vectors.load import find_table

# Called as a fit starts with (fits done, fits in all, the row's name).
OnFit = Callable[[int, int, str], None]


@dataclass(frozen=True, eq=False)
class Fold:
    """Training and test rows of one split, texts cut into tokens once for all candidates.

    Parameters
    ----------
    train : (X, targets)
    test : texts or series
        Texts are uncut.
    tokens : tuple of Tokens
        The training texts, cut; empty where the rows are series.
    tokenize_seconds : float
        What cutting them took; every network is charged with it.
    candidates : list of Candidate
    with_scores : bool
        Whether the models are asked for probabilities, or what they rank rows by.
    rows_sha256 : str
        Of which rows train and which test, and of their groups.
    groups : ndarray, optional
        Of the training rows.
    """

    train: tuple[Any, Any]
    test: Any
    tokens: tuple[Tokens, ...]
    tokenize_seconds: float
    candidates: list[Candidate]
    with_scores: bool
    rows_sha256: str
    groups: np.ndarray | None = None

    def run(self, position: int, seed: int, kept: KeptFit | None = None) -> Run:
        """Fit one candidate with one seed, and keep what it gave if it is to be kept."""
        candidate = self.candidates[position]
        train = self.train
        if candidate.shares_tokens:
            X, targets = train
            beside = (X.columns, X.names) if isinstance(X, TextRows) else ()
            train = TextRows(self.tokens, *beside), targets
        result = run(candidate, seed, train, self.test, self.with_scores, self.groups, kept)
        if candidate.shares_tokens:
            result = replace(result, fit_seconds=result.fit_seconds + self.tokenize_seconds)
        if kept is not None:
            keep_run(result, kept)
        return result


def plan_folds(
    data: ComparedData, encoders: Any, template: SequenceEstimator, baselines: bool | str
) -> list[Fold]:
    """Cut every fold's training texts, if it has texts, and list its candidates."""
    if not isinstance(baselines, bool) and baselines not in ("r", "fast"):
        raise ValueError(
            f"baselines={written(baselines)} is not known; use {written(True)}, {written(False)}, "
            f"{written('fast')} or {written('r')}"
        )
    folds, columns = [], bool(data.inputs.columns)
    for train_rows, test_rows in data.splits:
        tokenizer: Tokenizer | None = None
        tokens: tuple[Tokens, ...] = ()
        seconds = 0.0
        if isinstance(template, TextEstimator):
            started = time.perf_counter()
            tokenizer, tokens = _tokenize_once(template, data.inputs, train_rows)
            seconds = time.perf_counter() - started
        cheap: dict[str, BaseEstimator] = {}
        if baselines and tokenizer is not None:
            cheap = baseline_models(data.task, tokenizer, columns)
            features = [text_features(tokenizer, columns)]
        elif baselines:
            cheap = series_baseline_models(data.task, _band(data, baselines))
            features = [SeriesStatistics(), StandardScaler()]
        if baselines == "r":
            cheap |= r_baseline_models(data.task, features, len(data.classes))
        candidates = find_candidates(encoders, template, cheap, tokenizer, data.task, columns)
        train = (data.inputs.take(train_rows), data.y[train_rows])
        test = data.inputs.take(test_rows)
        with_scores = data.task != "number"
        groups = None if data.groups is None else data.groups[train_rows]
        rows = rows_sha256(train_rows, test_rows, data.groups)
        folds.append(Fold(train, test, tokens, seconds, candidates, with_scores, rows, groups))
    return folds


def rows_sha256(*parts: np.ndarray | None) -> str:
    """Return a SHA-256 of which rows train and which test."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"" if part is None else np.ascontiguousarray(part, np.int64).data)
        digest.update(b"|")
    return digest.hexdigest()


def _band(data: ComparedData, baselines: bool | str) -> float | None:
    """Return the band that 1-NN DTW takes, the same in all folds; None leaves it out."""
    if baselines == "fast" or not isinstance(data.inputs, SeriesInputs):
        return None
    train_rows, test_rows = data.splits[0]
    rows = data.inputs.rows
    return band_within_budget(
        rows.lengths[train_rows], rows.lengths[test_rows], rows.values.shape[1]
    )


def warping_warning(data: ComparedData, baselines: bool | str) -> str:
    """Say so where series are too many or too long for 1-NN DTW as it usually is."""
    if baselines in (False, "fast") or not isinstance(data.inputs, SeriesInputs):
        return ""
    band = _band(data, baselines)
    if band == 1.0:
        return ""
    train_rows, test_rows = data.splits[0]
    pairs = (
        f"{len(train_rows):,} x {len(test_rows):,} series of up to "
        f"{int(data.inputs.rows.lengths.max()):,} steps"
    )
    if band is not None:
        return (
            f"1-NN DTW aligns steps at most {100 * band:.0f} % of a series apart, as {pairs} are "
            "too many to align freely in minutes"
        )
    return (
        f"1-NN DTW is left out: to align {pairs} would take far longer than minutes; to have it "
        "nevertheless, compare fewer or shorter series"
    )


def _tokenize_once(
    template: TextEstimator, inputs: ComparedInputs, rows: np.ndarray
) -> tuple[Tokenizer, tuple[Tokens, ...]]:
    assert isinstance(inputs, TextInputs)
    fields = inputs.rows.take(rows).fields
    tokenizer = fit_tokenizer(
        template.tokenizer,
        fields,
        template.lowercase,
        template.ngram_range,
        template.hash_buckets,
        template.max_features,
        find_table(template.vectors),
    )
    return tokenizer, tuple(cut(tokenizer, field) for field in fields)


class AnyFold(Protocol):
    """Training and test rows of one split, and who is fitted on them."""

    @property
    def candidates(self) -> list[Candidate]:
        """The rows of the comparison."""

    @property
    def rows_sha256(self) -> str:
        """Of which rows train and which test."""

    def run(self, position: int, seed: int, kept: KeptFit | None = None) -> Run:
        """Fit one candidate with one seed, and keep what it gave if it is to be kept."""


def run_folds(
    folds: Sequence[AnyFold],
    seeds: list[int],
    n_jobs: int | None,
    on_fit: OnFit | None,
    finished: FinishedFits | None = None,
) -> list[list[list[Run]]]:
    """Fit every candidate, with every seed, on every fold.

    Parameters
    ----------
    folds : sequence of Fold
    seeds : list of int
    n_jobs : int or None
        Fits side by side; None is as many as joblib's active back end is set to.
    on_fit : callable, optional
    finished : FinishedFits, optional
        Where fits are kept; those that are over are not done again.

    Returns
    -------
    list of list of list of Run
        By candidate, seed and fold; a candidate that draws no random numbers
        has one seed.
    """
    candidates = folds[0].candidates

    def seeds_of(candidate: Candidate) -> list[int]:
        return seeds if candidate.seeded else seeds[:1]

    tasks = [
        (position, seed, number)
        for position, candidate in enumerate(candidates)
        for seed in seeds_of(candidate)
        for number in range(len(folds))
    ]
    kept = {task: _kept(finished, folds, *task) for task in tasks}
    runs = {
        task: run
        for task, fit in kept.items()
        if fit is not None and (run := kept_run(fit)) is not None
    }
    left = [task for task in tasks if task not in runs]

    def started() -> Any:
        for done, task in enumerate(left, start=len(runs)):
            position, seed, number = task
            if on_fit is not None:
                on_fit(done, len(tasks), candidates[position].name)
            yield joblib.delayed(_run)(folds[number], position, seed, kept[task])

    runs |= zip(left, joblib.Parallel(n_jobs=n_jobs)(started()), strict=True)
    return [
        [
            [runs[position, seed, number] for number in range(len(folds))]
            for seed in seeds_of(candidate)
        ]
        for position, candidate in enumerate(candidates)
    ]


def _run(fold: AnyFold, position: int, seed: int, kept: KeptFit | None) -> Run:
    return fold.run(position, seed, kept)


def _kept(
    finished: FinishedFits | None, folds: Sequence[AnyFold], position: int, seed: int, number: int
) -> KeptFit | None:
    """Return where one of the fits is kept."""
    if finished is None:
        return None
    fold = folds[number]
    candidate = fold.candidates[position]
    told: dict[str, Any] = {"parameters": told_parameters(candidate.estimator)}
    if candidate.kind != "network":
        # A caller's own may hold what belongs in no file.
        told = {"parameters_sha256": hashlib.sha256(json.dumps(told).encode()).hexdigest()}
    told |= {"kind": candidate.kind, "rows_sha256": fold.rows_sha256}
    return finished.fit(candidate.name, {"seed": seed, "fold": number}, **told)
