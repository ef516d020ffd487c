"""What ``compare`` returns: every row's scores and predictions on the same test texts."""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from textseq.atomic import write_text
from textseq.comparison.scores.predictions import predictions_frame
from textseq.comparison.statistics import PAIR_COLUMNS, t_interval
from textseq.comparison.wording import UNITS, headline, ranking
from textseq.json_values import plain_values

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMAT = 1
"""Version of the JSON form."""


@dataclass(frozen=True, eq=False)
class ComparedModel:
    """One row of a comparison: a model fitted once per seed (and fold).

    Parameters
    ----------
    name : str
        Name shown in tables and plots.
    kind : {"network", "baseline", "estimator"}
        A textseq network, a built-in baseline, or the caller's own estimator.
    scores : ndarray of shape (n_seeds,)
        Test score of every seed (the mean over folds under cross-validation).
        A model without randomness is fitted once and has one score.
    predictions : ndarray of shape (n_seeds, n_test) or (n_seeds, n_test, n_labels)
        Predicted class numbers (positions in ``Comparison.classes``), real
        values for regression, or 0/1 indicators for multilabel targets.
    fit_seconds : ndarray of shape (n_seeds,)
        Wall-clock seconds of training.
    predict_microseconds : float
        Microseconds a text, from raw text to prediction, averaged over the test texts.
    n_parameters : int or None
        Number of fitted numbers; None where the estimator does not tell.
    histories : tuple of DataFrame
        One per seed, as ``history_``; empty for models without epochs.
    parameters : dict
        Parameters as used, after "auto" was resolved.
    aucs : ndarray of shape (n_seeds,) or None
        Area under the ROC curve of every seed, the mean over labels where there
        are several; NaN if the model gives no scores. None unless the targets
        are two classes or several labels.
    probabilities : ndarray of shape (n_seeds, n_test, n_classes), optional
        Of every class or label; None of numbers, and if the model gives none.
    """

    name: str
    kind: str
    scores: np.ndarray
    predictions: np.ndarray
    fit_seconds: np.ndarray
    predict_microseconds: float
    n_parameters: int | None = None
    histories: tuple[pd.DataFrame, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    aucs: np.ndarray | None = None
    probabilities: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Comparison:
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
        True class numbers, values or indicators of the test texts.
    classes : tuple of str
        Class (or label) names; empty for regression.
    texts : tuple of str
        The test texts; pairs are joined by `` ||| ``. Of series, their places.
    warnings : tuple of str
        What the data's owner should know before trusting the table.
    receipt : dict
        Seeds, versions, thread count, split, data fingerprint, seconds.
    unit : {"text", "series"}
        What was classified.
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

    @property
    def units(self) -> str:
        """What several of its rows are called."""
        return UNITS[self.unit]

    @property
    def best(self) -> ComparedModel:
        """The model of the highest mean score."""
        return ranking(self)[0]

    @property
    def n_seeds(self) -> int:
        """Number of seeds; models without randomness were fitted once."""
        return max(len(model.scores) for model in self.models)

    @property
    def task(self) -> str:
        """What was predicted: ``"classes"``, ``"labels"`` or ``"number"``."""
        if self.targets.ndim == 2:
            return "labels"
        return "classes" if self.classes else "number"

    @property
    def has_auc(self) -> bool:
        """Whether an AUC stands beside the score, as two classes and several labels have one."""
        return self.metric != "roc_auc" and all(model.aucs is not None for model in self.models)

    @property
    def predictions(self) -> pd.DataFrame:
        """One row a model, seed and test row.

        Columns: ``model``, ``seed``, ``row`` (place in ``texts``), ``truth`` and
        ``prediction``, of several labels one each (``truth_<label>``), and
        ``proba_<class>`` (or label), missing of models without probabilities.
        """
        return predictions_frame(self)

    @property
    def headline(self) -> tuple[str, ...]:
        """Plain sentences: which model wins, how sure that is, how a cheap baseline fares."""
        return headline(self)

    @property
    def table(self) -> pd.DataFrame:
        """One row a model, best first.

        Columns: ``model``, ``kind``, the metric (mean over seeds),
        ``interval`` (half width of its 95 % interval over seeds, NaN for one
        score), ``auc`` and ``auc_interval`` (two classes and several labels
        only), ``train_seconds`` (mean), ``predict_microseconds`` a text,
        ``parameters`` (missing where unknown) and ``seeds``.
        """
        ranked = ranking(self)
        means, half_widths = zip(*(t_interval(model.scores) for model in ranked), strict=True)
        columns = {
            "model": [model.name for model in ranked],
            "kind": [model.kind for model in ranked],
            self.metric: means,
            "interval": half_widths,
        }
        if self.has_auc:
            areas = [t_interval(model.aucs) for model in ranked if model.aucs is not None]
            columns["auc"], columns["auc_interval"] = zip(*areas, strict=True)
        columns |= {
            "train_seconds": [float(np.mean(model.fit_seconds)) for model in ranked],
            "predict_microseconds": [model.predict_microseconds for model in ranked],
            "parameters": pd.array([model.n_parameters for model in ranked], dtype="Int64"),
            "seeds": [len(model.scores) for model in ranked],
        }
        return pd.DataFrame(columns)

    # Drawing lives a floor above. These three look up from inside the call, so that a result
    # can draw itself and this module still loads without matplotlib, jinja2 and rich.

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

    def __str__(self) -> str:
        from rich.console import Console

        from textseq.comparison.scores.table import render

        written = io.StringIO()
        render(self, Console(file=written, width=100, color_system=None))
        return written.getvalue().rstrip("\n")

    def __repr__(self) -> str:
        names = ", ".join(model.name for model in self.models)
        return f"<Comparison of {names} by {self.metric} on {len(self.texts):,} test {self.units}>"

    def _repr_html_(self) -> str:
        from textseq.comparison.scores.page import fragment

        return fragment(self)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain lists, dicts, strings and numbers.

        What is no number (the interval of one seed) becomes None, and
        parameters that JSON has no form for become their text.
        """
        stored = {
            "format": FORMAT,
            "metric": self.metric,
            "headline": self.headline,
            "models": [_model_to_dict(model) for model in self.models],
            "pairs": self.pairs.to_dict("records"),
            "targets": self.targets,
            "classes": self.classes,
            "texts": self.texts,
            "unit": self.unit,
            "warnings": self.warnings,
            "receipt": self.receipt,
        }
        return plain_values(stored)

    def to_json(self, path: str | os.PathLike[str]) -> Path:
        """Write the comparison as JSON, which ``from_json`` reads back.

        Parameters
        ----------
        path : path-like
            A file of that name is replaced; it stays whole if writing fails.

        Returns
        -------
        Path
            Where it was written.
        """
        text = json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, indent=1)
        return write_text(path, text + "\n")

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
        try:
            stored = json.loads(Path(path).read_text(encoding="utf-8"))
            number = stored["format"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ValueError(f"{str(path)!r} is not a comparison's JSON: {error!r}") from error
        if number != FORMAT:
            raise ValueError(f"{str(path)!r} has format {number}, this textseq reads {FORMAT}")
        try:
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
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{str(path)!r} is not a whole comparison: {error!r}") from error


def _model_to_dict(model: ComparedModel) -> dict[str, Any]:
    histories = [history.to_dict("list") for history in model.histories]
    return {**vars(model), "histories": histories}


def _model_from_dict(stored: dict[str, Any]) -> ComparedModel:
    areas, shares = stored.get("aucs"), stored.get("probabilities")
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
        aucs=None if areas is None else np.array(areas, dtype=np.float64),
        probabilities=None if shares is None else np.array(shares, dtype=np.float64),
    )
