"""A comparison of scores as one HTML page that needs no other file."""

from __future__ import annotations

import os
from pathlib import Path

from textseq.comparison.page import write_result_page
from textseq.comparison.scores.cost_plot import cost_plot
from textseq.comparison.scores.costs import costs_of
from textseq.comparison.scores.errors import error_plot
from textseq.comparison.scores.examples import hardest_examples
from textseq.comparison.scores.plots import (
    curve_message,
    learning_curve,
    score_plot,
    with_epochs,
)
from textseq.comparison.scores.reliability import reliability_plot, with_confidence
from textseq.comparison.scores.result import Comparison
from textseq.comparison.scores.row_texts import row_texts
from textseq.comparison.scores.wording import metric_text
from textseq.comparison.sequences.disagreements import SEQUENCE_TASKS, disagreements
from textseq.figures import drawn_by_browser
from textseq.report.template import drawing, fill


@drawn_by_browser()
def write_page(comparison: Comparison, path: str | os.PathLike[str]) -> Path:
    """Write a comparison as one self-contained HTML page.

    Parameters
    ----------
    comparison : Comparison
    path : path-like
        A file of that name is replaced; it stays whole if writing fails.

    Returns
    -------
    Path
        Where it was written.
    """
    networks = with_epochs(comparison)
    has_errors = bool(_error_title(comparison))
    wrong = [model for model in comparison.ranked if has_errors and not model.is_constant]
    several = len(comparison.models) > 1
    sequences = comparison.task in SEQUENCE_TASKS
    return write_result_page(
        comparison,
        path,
        "comparison/scores/page.html",
        metric=metric_text(comparison.metric),
        measures=[(name, metric_text(name)) for name in comparison.measure_names],
        less_is_better=comparison.sign < 0,
        task=comparison.task,
        is_sequences=sequences,
        n_texts=len(comparison.texts),
        unit=comparison.unit,
        units=comparison.units,
        has_auc=comparison.has_auc,
        has_wide=comparison.has_wide,
        rows=row_texts(comparison),
        costs=costs_of(comparison.models),
        scores=drawing(score_plot(comparison), "scores"),
        times=drawing(cost_plot(comparison), "times") if several else None,
        curve_message=curve_message(networks) if networks else "",
        curves=[
            drawing(learning_curve(networks, index), f"curve{index}")
            for index in range(len(networks))
        ],
        errors=[
            (model.name, drawing(error_plot(comparison, model), f"errors{index}"))
            for index, model in enumerate(wrong)
        ],
        error_title=_error_title(comparison),
        reliability=[
            drawing(reliability_plot(comparison, model), f"reliability{index}")
            for index, model in enumerate(with_confidence(comparison))
        ],
        constant=[model.name for model in comparison.models if model.is_constant],
        examples=(disagreements if sequences else hardest_examples)(comparison),
    )


@drawn_by_browser()
def fragment(comparison: Comparison) -> str:
    """Return verdict, table and warnings as HTML for a notebook's cell."""
    return fill(
        "comparison/scores/fragment.html",
        headline=comparison.headline,
        metric=metric_text(comparison.metric),
        measures=[(name, metric_text(name)) for name in comparison.measure_names],
        has_auc=comparison.has_auc,
        has_wide=comparison.has_wide,
        unit=comparison.unit,
        rows=row_texts(comparison),
        costs=costs_of(comparison.models),
        warnings=comparison.warnings,
    )


def _error_title(comparison: Comparison) -> str:
    return {
        "number": "How far off each model is",
        "labels": "Which labels are missed",
        "classes": "Which classes are confused",
        "tags": "Which tags are confused",
    }.get(comparison.task, "")
