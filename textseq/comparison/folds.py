"""One fold of a comparison: texts cut once, every candidate fitted on them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import joblib

from textseq.comparison.candidates import Candidate, find_candidates
from textseq.comparison.data import ComparedData
from textseq.comparison.run import Run, run
from textseq.estimators.text_encoding import cut, fit_tokenizer
from textseq.estimators.text_estimator import TextEstimator
from textseq.text.tokens import Tokens

# Called as a fit starts with (fits done, fits in all, the row's name).
OnFit = Callable[[int, int, str], None]


@dataclass(frozen=True, eq=False)
class Fold:
    """Training and test texts of one split, cut into tokens once for all candidates.

    Parameters
    ----------
    train : (texts, targets)
    test_texts : texts
        Uncut.
    tokens : tuple of Tokens
        The training texts, cut.
    cut_seconds : float
        What cutting them took; every network is charged with it.
    candidates : list of Candidate
    with_scores : bool
        Whether the models are asked for what they rank texts by.
    """

    train: tuple[Any, Any]
    test_texts: Any
    tokens: tuple[Tokens, ...]
    cut_seconds: float
    candidates: list[Candidate]
    with_scores: bool

    def run(self, position: int, seed: int) -> Run:
        """Fit one candidate with one seed."""
        candidate = self.candidates[position]
        if not candidate.shares_tokens:
            return run(candidate, seed, self.train, self.test_texts, self.with_scores)
        texts = self.tokens if len(self.tokens) > 1 else self.tokens[0]
        result = run(candidate, seed, (texts, self.train[1]), self.test_texts, self.with_scores)
        return replace(result, fit_seconds=result.fit_seconds + self.cut_seconds)


def plan_folds(
    data: ComparedData, encoders: Any, template: TextEstimator, baselines: bool
) -> list[Fold]:
    """Cut every fold's training texts and list its candidates."""
    folds = []
    for train_rows, test_rows in data.splits:
        fields = tuple(field.gather(train_rows) for field in data.fields)
        started = time.perf_counter()
        tokenizer = fit_tokenizer(
            template.tokenizer,
            fields,
            template.lowercase,
            template.ngram_range,
            template.hash_buckets,
        )
        tokens = tuple(cut(tokenizer, field) for field in fields)
        seconds = time.perf_counter() - started
        candidates = find_candidates(encoders, template, baselines, data.task, tokenizer)
        train = (data.texts(train_rows), data.y[train_rows])
        folds.append(Fold(train, data.texts(test_rows), tokens, seconds, candidates, data.has_auc))
    return folds


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
