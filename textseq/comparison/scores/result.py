"""What ``compare`` returns: every row's scores and predictions on the same test texts."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from textseq.comparison.json_file import FORMAT, known_format, read_stored
from textseq.comparison.result import Result
from textseq.comparison.scores.costs import COSTS, costs_of
from textseq.comparison.scores.model import ComparedModel
from textseq.comparison.scores.wording import (
    LEAD,
    LOW_LEAD,
    LOWER_IS_BETTER,
    UNITS,
    baseline_sentence,
    columns_sentence,
    metric_text,
    seeds_sentence,
)
from textseq.comparison.statistics import PAIR_COLUMNS, t_interval
from textseq.comparison.wording import Lead, lead_sentence, score_text
from textseq.json_values import plain_values
from textseq.labels.calibration import expected_calibration_error
from textseq.ragged import offsets_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Result[ComparedModel]):
    """Models side by side on the same test texts.

    Parameters
    ----------
    models : tuple of ComparedModel
        In the order they were asked for, baselines first.
    metric : str
        Name of the score, "accuracy", "r2" or "subset accuracy" unless another was asked for;
        higher is better.
    pairs : DataFrame
        One row a pair: ``first``, ``second``, ``difference`` (first minus
        second, mean over seeds), ``low``, ``high`` (95 % interval),
        ``p_value``, ``p_adjusted`` (Holm) and ``verdict``.
    targets : ndarray of shape (n_test,) or (n_test, n_labels)
        True class numbers, values or indicators of the test texts; the target texts of
        translators; the characters of each text of language models. Of tags the numbers of all
        steps end to end, (n_steps,), and so ``predictions`` of models.
    classes : tuple of str
        Class (or label, or tag) names; empty for regression.
    texts : tuple of str
        The test texts; pairs are joined by `` ||| ``. Of series, their places.
    warnings : tuple of str
        What the data's owner should know before trusting the table.
    receipt : dict
        Seeds, versions, thread count, split, data fingerprint, seconds.
    unit : {"text", "series", "sentence", "pair", "passage"}
        What a test row is.
    task : {"classes", "labels", "number", "tags", "texts", "language"}
        What was predicted. The first three are told by the targets.
    lengths : ndarray of shape (n_test,), optional
        Steps of each row, of tags.

    Examples
    --------
    >>> from textseq import compare
    >>> texts = ["a good film", "a bad film", "so good", "so bad"] * 20
    >>> comparison = compare(texts, ["pos", "neg", "pos", "neg"] * 20, ["mean"], n_seeds=1)
    >>> comparison.metric, comparison.n_seeds, len(comparison.pairs)
    ('accuracy', 1, 6)
    """

    models: tuple[ComparedModel, ...]
    metric: str
    pairs: pd.DataFrame
    targets: np.ndarray
    classes: tuple[str, ...]
    texts: tuple[str, ...]
    warnings: tuple[str, ...]
    receipt: dict[str, Any]
    unit: str = "text"
    task: str = ""
    lengths: np.ndarray | None = None

    def __post_init__(self) -> None:
        if not self.task:
            kind = "classes" if self.classes else "number"
            object.__setattr__(self, "task", "labels" if self.targets.ndim == 2 else kind)

    _text_width = 100
    _json_indent = 1

    @property
    def units(self) -> str:
        """What several of its rows are called."""
        return UNITS[self.unit]

    @property
    def answered(self) -> str:
        """What several of those are called that have an answer each: of tags a row's steps."""
        if self.task != "tags":
            return self.units
        return "tokens" if self.unit == "sentence" else "steps"

    @property
    def ranked(self) -> list[ComparedModel]:
        """The models, the best mean score first."""
        return sorted(self.models, key=lambda model: -self.sign * float(np.mean(model.scores)))

    @property
    def sign(self) -> int:
        """1 where more of the score is better, -1 where less is."""
        return -1 if self.metric in LOWER_IS_BETTER else 1

    @property
    def lead(self) -> Lead:
        """How the lead of the best model is put."""
        return LEAD if self.sign > 0 else LOW_LEAD

    @property
    def n_seeds(self) -> int:
        """Number of seeds; models without randomness were fitted once."""
        return max(len(model.scores) for model in self.models)

    @property
    def has_auc(self) -> bool:
        """Whether an AUC stands beside the score, as two classes and several labels have one."""
        return self.metric != "roc_auc" and all(model.aucs is not None for model in self.models)

    @property
    def measure_names(self) -> tuple[str, ...]:
        """Scores that every row has beside the one that models are compared by."""
        return tuple(self.models[0].measures)

    @property
    def has_wide(self) -> bool:
        """Whether a wide path stands beside the network of a row."""
        return any(model.network_scores is not None for model in self.models)

    def calibration_error(self, model: ComparedModel) -> float:
        """Return the mean over seeds of how far a model's confidence is from its accuracy.

        NaN unless it gives classes probabilities.
        """
        if self.task != "classes" or model.probabilities is None:
            return float("nan")
        errors = [expected_calibration_error(self.targets, seed) for seed in model.probabilities]
        return float(np.mean(errors))

    @property
    def predictions(self) -> pd.DataFrame:
        """One row a model, seed and test row.

        Columns: ``model``, ``seed``, ``row`` (place in ``texts``), ``truth`` and
        ``prediction``, of several labels one each (``truth_<label>``), and
        ``proba_<class>`` (or label), missing of models without probabilities. Of tags one row
        a ``step``; of language models ``characters`` and ``log_probability`` in their stead.
        """
        n_test, rows = len(self.targets), np.arange(len(self.targets))
        steps = {}
        if self.lengths is not None:
            rows = np.repeat(np.arange(len(self.lengths)), self.lengths)
            steps = {
                "step": np.arange(n_test) - np.repeat(offsets_of(self.lengths)[:-1], self.lengths)
            }
        seeds = self.receipt["seeds"]
        runs = [(model, fit) for model in self.models for fit in range(len(model.scores))]
        columns = {
            "model": np.repeat([model.name for model, _ in runs], n_test),
            "seed": np.repeat([seeds[fit] for _, fit in runs], n_test),
            "row": np.tile(rows, len(runs)),
            **{name: np.tile(numbers, len(runs)) for name, numbers in steps.items()},
        }
        truth = np.concatenate([self.targets] * len(runs))
        predictions = np.concatenate([model.predictions[fit] for model, fit in runs])
        names = np.array(self.classes, dtype=object)
        if self.task == "labels":
            columns |= {f"truth_{name}": truth[:, column] for column, name in enumerate(names)}
            columns |= {
                f"prediction_{name}": predictions[:, column] for column, name in enumerate(names)
            }
        elif self.task == "language":
            return pd.DataFrame(columns | {"characters": truth, "log_probability": predictions})
        elif self.classes:
            columns |= {"truth": names[truth], "prediction": names[predictions]}
        else:
            columns |= {"truth": truth, "prediction": predictions}
        if self.task == "tags":
            return pd.DataFrame(columns)
        probabilities = np.concatenate(
            [
                np.full((n_test, len(names)), np.nan)
                if model.probabilities is None
                else model.probabilities[fit]
                for model, fit in runs
            ]
        )
        columns |= {f"proba_{name}": probabilities[:, column] for column, name in enumerate(names)}
        return pd.DataFrame(columns)

    @property
    def headline(self) -> tuple[str, ...]:
        """Plain sentences: which model wins, how sure that is, how a cheap baseline fares."""
        score = f"{metric_text(self.metric)} {score_text(self.best.scores)}"
        sentences = (
            lead_sentence(self, score, self.lead),
            baseline_sentence(self, f"{len(self.texts):,} test {self.units}"),
            seeds_sentence(self),
            columns_sentence(self.receipt.get("columns", ())),
        )
        return tuple(sentence for sentence in sentences if sentence)

    @property
    def table(self) -> pd.DataFrame:
        """One row a model, best first.

        Columns: ``model``, ``kind``, the metric (mean over seeds),
        ``interval`` (half width of its 95 % interval over seeds, NaN for one
        score), the means of other scores that these rows have, ``auc`` and
        ``auc_interval`` (two classes and several labels only), ``network`` (the metric of
        the network alone, NaN of rows without a wide path; only where a row has one),
        ``calibration_error`` (expected, in 0 to 1, of classes only), ``train_seconds`` (mean),
        ``predict_microseconds`` a text, ``parameters`` (missing where unknown) and
        ``seeds``. Where a row has one, before ``parameters``: ``encode_microseconds``
        a text, ``disk_bytes`` and ``dollars_per_1000`` texts, as ``ComparedModel`` has
        them.
        """
        ranked = self.ranked
        means, half_widths = zip(*(t_interval(model.scores) for model in ranked), strict=True)
        columns = {
            "model": [model.name for model in ranked],
            "kind": [model.kind for model in ranked],
            self.metric: means,
            "interval": half_widths,
        }
        columns |= {
            name: [float(model.measures[name].mean()) for model in ranked]
            for name in self.measure_names
        }
        if self.has_auc:
            areas = [t_interval(model.aucs) for model in ranked if model.aucs is not None]
            columns["auc"], columns["auc_interval"] = zip(*areas, strict=True)
        if self.has_wide:
            columns["network"] = [
                float("nan")
                if model.network_scores is None
                else t_interval(model.network_scores)[0]
                for model in ranked
            ]
        if self.task == "classes":
            columns["calibration_error"] = [self.calibration_error(model) for model in ranked]
        columns |= {
            "train_seconds": [float(np.mean(model.fit_seconds)) for model in ranked],
            "predict_microseconds": [model.predict_microseconds for model in ranked],
            **{cost.name: cost.column(ranked) for cost in costs_of(ranked)},
            "parameters": pd.array([model.n_parameters for model in ranked], dtype="Int64"),
            "seeds": [len(model.scores) for model in ranked],
        }
        return pd.DataFrame(columns)

    @property
    def _measure(self) -> str:
        return f"{self.metric} on {len(self.texts):,} test {self.units}"

    # A result shows itself, with what is made of it: the one circle of imports in this folder.
    # It is closed from inside of calls, so that matplotlib, jinja2 and rich are read when used.

    def plot(self) -> Figure:
        """Draw every model's score with its interval over seeds."""
        from textseq.comparison.scores.plots import score_plot

        return score_plot(self)

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Write the comparison as one HTML page that needs no other file.

        Parameters
        ----------
        path : path-like
            A file of that name is replaced; it stays whole if writing fails.

        Returns
        -------
        Path
            Where it was written.
        """
        from textseq.comparison.scores.page import write_page

        return write_page(self, path)

    def _repr_html_(self) -> str:
        from textseq.comparison.scores.page import fragment

        return fragment(self)

    def _print(self, console: Console) -> None:
        from textseq.comparison.scores.table import render

        render(self, console)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain lists, dicts, strings and numbers.

        What is no number (the interval of one seed) becomes None, and
        parameters that JSON has no form for become their text.
        """
        return plain_values(self._stored())

    def _stored(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "metric": self.metric,
            "headline": self.headline,
            "models": [_model_to_dict(model) for model in self.models],
            "pairs": self.pairs.to_dict("records"),
            "targets": self.targets,
            "classes": self.classes,
            "texts": self.texts,
            "unit": self.unit,
            "task": self.task,
            "lengths": self.lengths,
            "warnings": self.warnings,
            "receipt": self.receipt,
        }

    @classmethod
    def from_json(cls, path: str | os.PathLike[str]) -> Comparison:
        """Read a comparison that ``to_json`` wrote.

        Parameters
        ----------
        path : path-like

        Returns
        -------
        Comparison
            Equal tables, predictions and page; parameters as plain values.

        Raises
        ------
        ValueError
            If the file is no comparison, or of another format.
        """
        stored = read_stored(path)
        with known_format(stored, path):
            return cls(
                models=tuple(_model_from_dict(model) for model in stored["models"]),
                metric=stored["metric"],
                pairs=pd.DataFrame(stored["pairs"], columns=list(PAIR_COLUMNS)),
                targets=np.array(stored["targets"]),
                classes=tuple(stored["classes"]),
                texts=tuple(stored["texts"]),
                warnings=tuple(stored["warnings"]),
                receipt=stored["receipt"],
                unit=stored.get("unit", "text"),
                task=stored.get("task", ""),
                lengths=None if stored.get("lengths") is None else np.array(stored["lengths"]),
            )


def _model_to_dict(model: ComparedModel) -> dict[str, Any]:
    histories = [history.to_dict("list") for history in model.histories]
    return {**vars(model), "histories": histories}


def _model_from_dict(stored: dict[str, Any]) -> ComparedModel:
    aucs, probabilities = stored.get("aucs"), stored.get("probabilities")
    networks = stored.get("network_scores")
    return ComparedModel(
        name=stored["name"],
        kind=stored["kind"],
        scores=np.array(stored["scores"], dtype=np.float64),
        predictions=np.array(stored["predictions"]),
        fit_seconds=np.array(stored["fit_seconds"], dtype=np.float64),
        predict_microseconds=stored["predict_microseconds"],
        n_parameters=stored["n_parameters"],
        # From None, which stands for NaN, pandas makes objects unless told what they are.
        histories=tuple(
            pd.DataFrame(history).apply(pd.to_numeric) for history in stored["histories"]
        ),
        parameters=stored["parameters"],
        aucs=None if aucs is None else np.array(aucs, dtype=np.float64),
        network_scores=None if networks is None else np.array(networks, dtype=np.float64),
        probabilities=None if probabilities is None else np.array(probabilities, dtype=np.float64),
        # Files of before have none of these.
        **{cost.name: stored.get(cost.name) for cost in COSTS},
        cached_share=stored.get("cached_share", 0.0),
        measures={
            name: np.array(scores, dtype=np.float64)
            for name, scores in stored.get("measures", {}).items()
        },
    )
