"""The main job: models side by side on the same split and the same tokens."""

from __future__ import annotations

import time
from typing import Any

import joblib
import numpy as np
from sklearn.metrics import r2_score

from textseq.checks import as_int, check_count
from textseq.comparison.receipt import machine_receipt
from textseq.comparison.scores.auc import auc
from textseq.comparison.scores.candidates import Candidate, shared_template
from textseq.comparison.scores.compared_score import ComparedScore
from textseq.comparison.scores.data import ComparedData, are_fractions, read_data
from textseq.comparison.scores.data_check import check_data
from textseq.comparison.scores.folds import Fold, OnFit, plan_folds, run_folds, warping_warning
from textseq.comparison.scores.inputs import are_series
from textseq.comparison.scores.model import ComparedModel
from textseq.comparison.scores.result import Comparison
from textseq.comparison.scores.run import Run
from textseq.comparison.scores.services import (
    cache_warnings,
    cached_share,
    dollars_per_1000,
    services_receipt,
)
from textseq.comparison.sequences.compare import compare_sequences
from textseq.comparison.sequences.find import find_kind
from textseq.comparison.statistics import compare_pairs, item_scores
from textseq.estimators.base import TrainedEstimator
from textseq.estimators.checkpoint import Checkpoint
from textseq.estimators.finished_fits import FinishedFits
from textseq.estimators.sequence.estimator import SequenceEstimator
from textseq.estimators.sequence.number_answers import NumberAnswers
from textseq.estimators.sequence.series import SeriesClassifier, SeriesEstimator, SeriesRegressor
from textseq.estimators.sequence.text import TextClassifier, TextRegressor
from textseq.files import StrPath
from textseq.training.threads import thread_count

# Rows where none are asked for, and the estimator by (reads series, predicts numbers).
DEFAULT_ENCODERS = {"text": ("mean", "lstm", "bilstm"), "series": ("lstm_fcn", "lstm", "gru")}
ESTIMATOR_TYPES: dict[tuple[bool, bool], type[SequenceEstimator]] = {
    (False, False): TextClassifier,
    (False, True): TextRegressor,
    (True, False): SeriesClassifier,
    (True, True): SeriesRegressor,
}


def compare(
    X: Any,
    y: Any = None,
    encoders: Any = None,
    *,
    estimator: TrainedEstimator | None = None,
    scoring: Any = None,
    groups: Any = None,
    test: float | tuple[Any, ...] | None = None,
    cv: Any = None,
    n_seeds: int = 3,
    vectors: Any = None,
    baselines: bool | str = True,
    n_jobs: int | None = None,
    random_state: int = 0,
    on_fit: OnFit | None = None,
    checkpoint: StrPath | Checkpoint | None = None,
) -> Comparison:
    """Fit models side by side and test their differences.

    Of tags, translations and running texts, whose scores are no means over rows, pairs are tested
    by drawing rows (paired bootstrap) and by exchanging the answers to them (approximate
    randomisation). Bits a character are those of ``LanguageModel.score``: unknown words are spelt.

    Every row gets the same split, of texts the same tokens, the same parameters beside
    its encoder, and the same seeds; the cheap baselines stand beside the networks.

    Parameters
    ----------
    X : list, Series, array or frame of texts, or series
        One text a row, or two columns of texts to compare; a frame may have other columns beside
        them, which all rows read, baselines too (``text_columns`` of the estimator). Series are an
        array (n, channels, time) or (n, time), or a list of arrays (channels, time_i). Of taggers,
        translators and language models what their ``fit`` takes; of the latter one long text
        is cut into passages, the last of which are tested on.
    y : array-like of shape (n,) or (n, n_labels)
        Labels, 0/1 indicators of several labels, or (floats) numbers. Rows of tags, of lists of
        tokens, make it a comparison of taggers; without y it is one of language models; of
        translators, whose targets may be labels, an estimator tells.
    encoders : sequence or dict, optional
        Encoder names; or dicts of a row's name to an encoder name, to a dict of
        parameters, or to any scikit-learn estimator that reads the same, as in
        ``["mean", "bilstm", {"my svm": pipeline}]``. A transformer of scikit-learn, such as
        ``TransformerEmbedder(folder)`` or ``ApiEmbedder()``, is followed by logistic regression
        (ridge, of numbers). By default mean, lstm and bilstm; of series lstm_fcn, lstm and gru;
        of taggers and translators lstm and bilstm; of language models gru and lstm. Estimators of
        the package need no name: ``[SequenceTagger(), SequenceTagger("linear")]``.
    estimator : estimator of the package, optional
        Gives the networks their parameters: ``TextClassifier``, ``TextRegressor``,
        ``SeriesClassifier``, ``SeriesRegressor``, ``SequenceTagger``, ``Seq2Seq`` or
        ``LanguageModel``.
    scoring : str or callable, optional
        What models are compared by, in place of accuracy (of numbers, of R squared): one of
        scikit-learn's scores, such as "f1_macro" (or "macro-f1"), "roc_auc" or "neg_log_loss",
        or a callable (estimator, X, y) -> float, higher being better, whose estimator answers
        for all test rows at once. What chooses a network's epoch is the ``scoring`` of
        ``estimator``. Of tags "accuracy" or, where they mark spans, "span_f1", the default; of
        translators "bleu", "chrf" (the default where targets are very short) or "exact_match";
        of language models "bits_per_character", "nats_per_token" or "perplexity".
    groups : array-like of shape (n,), optional
        Rows of one group (the same author, say) never stand on both sides of a split, nor of
        the networks' own validation split; the paired tests draw whole groups.
    test : float, (X, y) or (X, y, groups), optional
        Share of the rows (with groups, of the groups) to test on, a fifth by default; or the
        test set.
    cv : int, splitter or iterable, optional
        Folds of cross-validation, instead of one split; or a splitter of scikit-learn, such as
        ``TimeSeriesSplit(5)``, or pairs of (training rows, test rows).
    n_seeds : int, default 3
        Fits of every row that draws random numbers.
    vectors : WordVectors, SubwordTable or path, optional
        Pretrained vectors of the networks, but for rows with ``pretrained``, as ``load_vectors``
        opens them. The tokenizer of a table of subwords cuts the texts of all rows; of one row
        alone it does where it is among that row's own parameters.
    baselines : bool, "fast" or "r", default True
        Whether the majority class (or the mean) and TF-IDF with a linear model take part: of
        numbers ridge, whose penalty rows held out choose; of classes logistic regression, also
        with its features weighted by naive Bayes' log-count ratios ("NB-LR"). Of two texts a row
        they read |u - v|, u * v and the cosine of both texts' TF-IDF. Of series take part the
        majority class, the nearest neighbour after dynamic time warping, and a linear model of
        summary statistics, of the values, and of their changes from step to step. Where that
        neighbour would take more than minutes, steps aligned lie within a band, or it is left
        out, as a warning says; ``"fast"`` leaves it out. Of tags takes part the commonest of
        each word (of an unknown one, of words that look like it); of translators the source as it
        is, and the target of the source that is nearest by TF-IDF; of language models
        Kneser-Ney n-grams of the same tokens. ``"r"`` adds linear models of R
        on the same features (with rpy2): its glm, and the elastic net of its package glmnet.
    n_jobs : int, optional
        Fits run side by side, sharing the cores. Fits that share cores take
        longer, so times compare best with one at a time, the default; within
        ``joblib.parallel_config`` as many as it says, by its back end, Dask's and Ray's too.
    random_state : int, default 0
        Of the split; the seeds of the fits are random_state, random_state + 1, ...
    on_fit : callable, optional
        Called as each fit starts with (fits done, fits in all, the row's name).
    checkpoint : path-like or Checkpoint, optional
        A folder, made if it is not there, in which the fits are kept, each in a file: those that
        are over are not done again, and a network's goes on where its process was ended. Encoders
        and seeds may be added later.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If data or rows are not usable; the message says what to do.

    Examples
    --------
    >>> texts = ["a good film", "a bad film", "so good", "so bad"] * 20
    >>> labels = ["pos", "neg", "pos", "neg"] * 20
    >>> comparison = compare(texts, labels, ["mean"], n_seeds=2)
    >>> sorted(comparison.table["model"])
    ['majority class', 'mean', 'tf-idf + LR', 'tf-idf + NB-LR']
    """
    started = time.perf_counter()
    n_seeds = check_count("n_seeds", n_seeds)
    if n_jobs is not None:
        n_jobs = check_count("n_jobs", n_jobs)
    n_side_by_side = joblib.effective_n_jobs(n_jobs)
    cv, random_state = as_int(cv), check_count("random_state", random_state, least=0)
    kind = find_kind(X, y, encoders, estimator)
    if kind is not None:
        return compare_sequences(
            kind,
            X,
            y,
            encoders,
            estimator=estimator,
            scoring=scoring,
            groups=groups,
            test=test,
            cv=cv,
            n_seeds=n_seeds,
            vectors=vectors,
            baselines=baselines,
            n_jobs=n_jobs,
            n_side_by_side=n_side_by_side,
            random_state=random_state,
            on_fit=on_fit,
            checkpoint=checkpoint,
        )
    assert estimator is None or isinstance(estimator, SequenceEstimator)
    number = isinstance(estimator, NumberAnswers) or (estimator is None and are_fractions(y))
    series = isinstance(estimator, SeriesEstimator) or (estimator is None and are_series(X))
    data = read_data(
        X,
        y,
        series=series,
        number=number,
        test=test,
        cv=cv,
        random_state=random_state,
        groups=groups,
        text_columns=getattr(estimator, "text_columns", None),
    )
    score = None if scoring is None else ComparedScore.find(scoring, data)
    if series and vectors is not None:
        raise ValueError("vectors are of words, and X holds series; leave vectors out")
    template = shared_template(
        ESTIMATOR_TYPES[series, number]() if estimator is None else estimator,
        vectors,
        n_side_by_side,
    )
    encoders = DEFAULT_ENCODERS[data.inputs.unit] if encoders is None else encoders
    seeds = [random_state + position for position in range(n_seeds)]
    folds = plan_folds(data, encoders, template, baselines)
    # Models that can not answer what a score asks for are left out before any is fitted.
    unable: list[str] = []
    if score is not None:
        folds, unable = score.able(folds)
    data_sha256, n_threads = data.inputs.fingerprint(data.y), thread_count(template.n_threads)
    finished = FinishedFits.of(checkpoint, data_sha256=data_sha256, n_threads=n_threads)
    runs = run_folds(folds, seeds, n_jobs, on_fit, finished)
    models = tuple(
        _compared(candidate, by_seed, data, score)
        for candidate, by_seed in zip(folds[0].candidates, runs, strict=True)
    )
    # Each row's score (n_test,), averaged over seeds, is what the paired tests compare.
    targets = data.numbers(data.y[data.test_rows])
    names = [model.name for model in models]
    if score is None:
        items = [item_scores(model.predictions, targets, data.metric).mean(0) for model in models]
        pairs = compare_pairs(names, items, clusters=data.clusters)
    else:
        pairs = score.pairs(names, runs)
    return Comparison(
        models=models,
        metric=data.metric if score is None else score.scoring.name,
        pairs=pairs,
        targets=targets,
        classes=tuple(map(str, data.classes)),
        texts=tuple(data.inputs.shown(data.test_rows)),
        unit=data.inputs.unit,
        warnings=(*_warnings(data, folds[0], models, baselines), *unable, *cache_warnings(models)),
        receipt={
            "seeds": seeds,
            "folds": len(folds),
            "train_rows": len(data.splits[0][0]),
            "test_rows": len(data.test_rows),
            **({"columns": list(data.inputs.columns)} if data.inputs.columns else {}),
            "data_sha256": data_sha256,
            "n_threads": n_threads,
            "n_jobs": n_side_by_side,
            **services_receipt(dict(zip(names, runs, strict=True))),
            **machine_receipt(started),
        },
    )


def _compared(
    candidate: Candidate,
    by_seed: list[list[Run]],
    data: ComparedData,
    score: ComparedScore | None,
) -> ComparedModel:
    """Put a candidate's runs together, folds end to end."""
    n_test = len(data.test_rows)
    runs = [run for folds in by_seed for run in folds]
    predictions = [np.concatenate([run.predictions for run in folds]) for folds in by_seed]

    def scores(seeds: list[list[Run]]) -> np.ndarray:
        return np.array(
            [_score(data, folds) if score is None else score.fold_mean(folds) for folds in seeds]
        )

    networks = [[run.network for run in folds if run.network is not None] for folds in by_seed]
    return ComparedModel(
        name=candidate.name,
        kind=candidate.kind,
        scores=scores(by_seed),
        network_scores=scores(networks) if networks[0] else None,
        predictions=np.stack([data.numbers(seed) for seed in predictions]),
        fit_seconds=np.array([sum(run.fit_seconds for run in folds) for folds in by_seed]),
        predict_microseconds=1e6
        * sum(run.predict_seconds for run in runs)
        / (n_test * len(by_seed)),
        n_parameters=runs[0].n_parameters,
        histories=tuple(run.history for run in runs if run.history is not None),
        parameters=runs[0].parameters,
        disk_bytes=runs[0].disk_bytes,
        encode_microseconds=_encode_microseconds(runs, n_test * len(by_seed)),
        dollars_per_1000=dollars_per_1000(runs),
        cached_share=cached_share(runs),
        aucs=np.array([_auc(data, folds) for folds in by_seed]) if data.has_auc else None,
        probabilities=None
        if any(run.probabilities is None for run in runs)
        else np.stack(
            [np.concatenate([data.probabilities(run) for run in folds]) for folds in by_seed]
        ),
    )


def _encode_microseconds(runs: list[Run], n_texts: int) -> float | None:
    """Return what making a text its vector took; None of rows that are no transformer's."""
    seconds = [run.encode_seconds for run in runs if run.encode_seconds is not None]
    return 1e6 * sum(seconds) / n_texts if seconds else None


def _score(data: ComparedData, folds: list[Run]) -> float:
    """Return the mean score over folds."""
    scores = []
    for run, (_, rows) in zip(folds, data.splits, strict=True):
        truth = data.y[rows]
        if data.task == "number":
            scores.append(r2_score(truth, run.predictions))
        else:
            right = run.predictions == truth
            scores.append(right.all(1).mean() if right.ndim == 2 else right.mean())
    return float(np.mean(scores))


def _auc(data: ComparedData, folds: list[Run]) -> float:
    """Return the mean AUC over the folds that have one."""
    areas = np.array(
        [
            auc(data.numbers(data.y[rows]), run.class_scores)
            for run, (_, rows) in zip(folds, data.splits, strict=True)
        ]
    )
    found = areas[~np.isnan(areas)]
    return float(found.mean()) if len(found) else float("nan")


def _warnings(
    data: ComparedData, fold: Fold, models: tuple[ComparedModel, ...], baselines: bool | str
) -> tuple[str, ...]:
    train_rows, test_rows = data.splits[0]
    # Of rows that cut texts by themselves, lengths are of other tokens.
    longest = [
        model.parameters["max_length"]
        for model, candidate in zip(models, fold.candidates, strict=True)
        if candidate.shares_tokens and model.parameters.get("max_length")
    ]
    slow = warping_warning(data, baselines)
    found = check_data(
        data.inputs.contents(train_rows),
        data.inputs.contents(test_rows),
        data.y[train_rows],
        data.y[test_rows],
        lengths=np.max([part.lengths for part in fold.tokens], axis=0) if fold.tokens else None,
        max_length=min(longest, default=None),
        unit=data.inputs.unit,
    )
    return (*found, slow) if slow else found
