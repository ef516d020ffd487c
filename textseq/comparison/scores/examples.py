"""The test texts that tell models apart: hard, and not for all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from textseq.comparison.scores.data import METRICS
from textseq.comparison.scores.model import ComparedModel
from textseq.comparison.scores.result import Comparison
from textseq.comparison.statistics import item_scores
from textseq.figures import short


@dataclass(frozen=True)
class Prediction:
    """What one or more models say of a text.

    Parameters
    ----------
    label : str
    right : bool or None
        None for numbers, which are more or less right.
    models : tuple of str
        Names, followed by ``2/3`` where only two of three seeds say so.
    """

    label: str
    right: bool | None
    models: tuple[str, ...]


@dataclass(frozen=True)
class Example:
    """A test text, its truth and the models' predictions.

    Parameters
    ----------
    text : str
        Shortened.
    truth : str
    predictions : tuple of Prediction
        The right one first, then by how many models give it.
    """

    text: str
    truth: str
    predictions: tuple[Prediction, ...]


def hardest_examples(comparison: Comparison, n: int = 12) -> tuple[Example, ...]:
    """Find the test texts most models miss and some model does not.

    Of numbers, those on which the models' predictions lie farthest apart.

    Parameters
    ----------
    comparison : Comparison
    n : int, default 12

    Returns
    -------
    tuple of Example
        Hardest first; empty where no two models disagree.
    """
    # A model that always says the same is right by luck: it would head every list.
    models = [model for model in comparison.models if not model.is_constant]
    if len(models) < 2:
        return ()
    if comparison.task == "number":
        predicted = np.stack([model.predictions.mean(axis=0) for model in models])
        rows = np.argsort(-np.ptp(predicted, axis=0), kind="stable")[:n]
        return tuple(_number_example(comparison, models, predicted, row) for row in rows)
    metric = METRICS[comparison.task]
    scores = np.stack(
        [
            item_scores(model.predictions, comparison.targets, metric).mean(axis=0)
            for model in models
        ]
    )
    split = np.flatnonzero((scores.max(axis=0) > 0.5) & (scores.min(axis=0) < 0.5))
    rows = split[np.argsort(scores[:, split].mean(axis=0), kind="stable")][:n]
    return tuple(_label_example(comparison, models, row) for row in rows)


def _label_example(comparison: Comparison, models: list[ComparedModel], row: int) -> Example:
    truth = _label(comparison, comparison.targets[row])
    given: dict[str, list[str]] = {}
    for model in models:
        labels = [_label(comparison, seed[row]) for seed in model.predictions]
        # Ties go to the first seed's label.
        label = max(dict.fromkeys(labels), key=labels.count)
        agree = labels.count(label)
        seeds = f" {agree}/{len(labels)}" if agree < len(labels) else ""
        given.setdefault(label, []).append(model.name + seeds)
    predictions = [
        Prediction(label, label == truth, tuple(names)) for label, names in given.items()
    ]
    predictions.sort(key=lambda found: (not found.right, -len(found.models)))
    return Example(short(comparison.texts[row], 320), truth, tuple(predictions))


def _number_example(
    comparison: Comparison, models: list[ComparedModel], predicted: np.ndarray, row: int
) -> Example:
    truth = float(comparison.targets[row])
    order = np.argsort(np.abs(predicted[:, row] - truth), kind="stable")
    predictions = tuple(
        Prediction(f"{predicted[i, row]:.4g}", None, (models[i].name,)) for i in order
    )
    return Example(short(comparison.texts[row], 320), f"{truth:.4g}", predictions)


def _label(comparison: Comparison, value: np.ndarray) -> str:
    if comparison.task == "labels":
        marked = [comparison.classes[i] for i in np.flatnonzero(value)]
        return short(", ".join(marked), 120) if marked else "no label"
    return short(comparison.classes[int(value)], 80)
