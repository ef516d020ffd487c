"""The test rows on which models of sequences lie farthest apart."""

from __future__ import annotations

import math

import numpy as np

from textseq.comparison.scores.examples import Example, Prediction
from textseq.comparison.scores.model import ComparedModel
from textseq.comparison.scores.result import Comparison
from textseq.figures import short
from textseq.ragged import offsets_of

SEQUENCE_TASKS = ("tags", "texts", "language")
# Rows that are looked at, evenly taken: a page needs a dozen.
_MOST = 1_000
_OUTSIDE = "O"


def disagreements(comparison: Comparison, n: int = 12) -> tuple[Example, ...]:
    """Find the test rows on which models lie farthest apart.

    By tags right, by how alike texts are to the target (chrF of a sentence), or by bits a
    character, all means over seeds.

    Parameters
    ----------
    comparison : Comparison
    n : int, default 12

    Returns
    -------
    tuple of Example
        Farthest first; empty where no two models disagree.
    """
    n_rows = len(comparison.texts)
    rows = np.unique(np.linspace(0, n_rows - 1, min(_MOST, n_rows)).astype(int))
    scores = np.stack([_row_scores(comparison, model, rows) for model in comparison.models])
    apart = np.ptp(scores, axis=0)
    order = np.argsort(-apart, kind="stable")[:n]
    example = _likelihoods if comparison.task == "language" else _answers
    return tuple(example(comparison, int(rows[place])) for place in order if apart[place] > 0)


def _row_scores(comparison: Comparison, model: ComparedModel, rows: np.ndarray) -> np.ndarray:
    """Return how well a model answers some rows (n_rows,), the mean over seeds."""
    if comparison.task == "language":
        return -_bits(comparison, model)[rows]
    if comparison.task == "tags":
        assert comparison.lengths is not None
        right = (model.predictions == comparison.targets).mean(axis=0)
        sums = np.diff(np.concatenate([[0.0], np.cumsum(right)])[offsets_of(comparison.lengths)])
        shares: np.ndarray = (sums / np.maximum(comparison.lengths, 1))[rows]
        return shares
    from sacrebleu.metrics import CHRF

    scorer = CHRF()
    found = [
        [scorer.sentence_score(seed[row], [comparison.targets[row]]).score for row in rows]
        for seed in model.predictions
    ]
    return np.mean(found, axis=0)


def _bits(comparison: Comparison, model: ComparedModel) -> np.ndarray:
    """Return the bits a character (n_test,) of each text, the mean over seeds."""
    bits: np.ndarray = -model.predictions.mean(axis=0) / math.log(2)
    return bits / np.maximum(comparison.targets, 1)


def _likelihoods(comparison: Comparison, row: int) -> Example:
    bits = {model.name: float(_bits(comparison, model)[row]) for model in comparison.models}
    predictions = tuple(
        Prediction(f"{value:.2f} bits a character", None, (name,))
        for name, value in sorted(bits.items(), key=lambda item: item[1])
    )
    return Example(short(comparison.texts[row], 320), "", predictions)


def _answers(comparison: Comparison, row: int) -> Example:
    truth = _said(comparison, comparison.targets, row)
    given: dict[str, list[str]] = {}
    for model in comparison.models:
        said = [_said(comparison, seed, row) for seed in model.predictions]
        # Ties go to the first seed's answer.
        answer = max(dict.fromkeys(said), key=said.count)
        agree = said.count(answer)
        seeds = f" {agree}/{len(said)}" if agree < len(said) else ""
        given.setdefault(answer, []).append(model.name + seeds)
    predictions = [Prediction(said, said == truth, tuple(names)) for said, names in given.items()]
    predictions.sort(key=lambda found: (not found.right, -len(found.models)))
    return Example(short(comparison.texts[row], 320), truth, tuple(predictions))


def _said(comparison: Comparison, answers: np.ndarray, row: int) -> str:
    """Return what a model says of a row, or what it should say."""
    if comparison.lengths is None:
        return short(str(answers[row]), 320) or "(nothing)"
    start = int(offsets_of(comparison.lengths)[row])
    tags = [
        comparison.classes[number]
        for number in answers[start : start + int(comparison.lengths[row])]
    ]
    tokens = comparison.texts[row].split(" ")
    if len(tokens) != len(tags):
        return short(" ".join(tags), 320)
    shown = [f"{token}/{tag}" for token, tag in zip(tokens, tags, strict=True) if tag != _OUTSIDE]
    return short(" ".join(shown), 320) or "no tag"
