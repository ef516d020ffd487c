"""One fold of a comparison: texts cut once, every candidate fitted on the same rows."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import joblib
import numpy as np
from sklearn.base import BaseEstimator
from sklearn.preprocessing import StandardScaler

from textseq.comparison.scores.baselines import baseline_models, text_features
from textseq.comparison.scores.candidates import Candidate, find_candidates
from textseq.comparison.scores.data import ComparedData
from textseq.comparison.scores.inputs import ComparedInputs, SeriesInputs, TextInputs
from textseq.comparison.scores.r_baselines import r_baseline_models
from textseq.comparison.scores.run import Run, run
from textseq.comparison.scores.series_baselines import SeriesStatistics, series_baseline_models
from textseq.comparison.scores.time_warping import band_within_budget
from textseq.estimators.encoding.text import cut, fit_tokenizer
from textseq.estimators.encoding.text_rows import TextRows
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
    groups : ndarray, optional
        Of the training rows.
    """

    train: tuple[Any, Any]
    test: Any
    tokens: tuple[Tokens, ...]
    tokenize_seconds: float
    candidates: list[Candidate]
    with_scores: bool
    groups: np.ndarray | None = None

    def run(self, position: int, seed: int) -> Run:
        """Fit one candidate with one seed."""
        candidate = self.candidates[position]
        options = self.test, self.with_scores, self.groups
        if not candidate.shares_tokens:
            return run(candidate, seed, self.train, *options)
        X, targets = self.train
        beside = (X.columns, X.names) if isinstance(X, TextRows) else ()
        result = run(candidate, seed, (TextRows(self.tokens, *beside), targets), *options)
        return replace(result, fit_seconds=result.fit_seconds + self.tokenize_seconds)


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
        folds.append(Fold(train, test, tokens, seconds, candidates, with_scores, groups))
    return folds


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


def run_folds(
    folds: list[Fold], seeds: list[int], n_jobs: int, on_fit: OnFit | None
) -> list[list[list[Run]]]:
    """Fit every candidate, with every seed, on every fold.

    Returns
    -------
    list of list of list of Run
        By candidate, seed and fold; a candidate that draws no random numbers
        has one seed.
    """
    candidates = folds[0].candidates
    tasks = [
        (position, seed, fold)
        for position, candidate in enumerate(candidates)
        for seed in (seeds if candidate.seeded else seeds[:1])
        for fold in folds
    ]

    def started() -> Any:
        for done, (position, seed, fold) in enumerate(tasks):
            if on_fit is not None:
                on_fit(done, len(tasks), candidates[position].name)
            yield joblib.delayed(Fold.run)(fold, position, seed)

    results = iter(joblib.Parallel(n_jobs=n_jobs)(started()))
    by_key = {(position, seed, id(fold)): next(results) for position, seed, fold in tasks}
    return [
        [
            [by_key[position, seed, id(fold)] for fold in folds]
            for seed in (seeds if candidate.seeded else seeds[:1])
        ]
        for position, candidate in enumerate(candidates)
    ]
