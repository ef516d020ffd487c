"""A comparison as one HTML page that needs no other file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from textseq.atomic import write_text
from textseq.comparison.scores.errors import error_plot, is_constant
from textseq.comparison.scores.examples import hardest_examples
from textseq.comparison.scores.plots import (
    curve_message,
    learning_curve,
    score_plot,
    time_plot,
    with_epochs,
)
from textseq.comparison.scores.result import Comparison
from textseq.comparison.statistics import SIGNIFICANCE
from textseq.comparison.wording import (
    count_text,
    metric_text,
    p_text,
    pair_of,
    ranking,
    score_text,
    seconds_text,
)
from textseq.figures import drawn_by_browser
from textseq.report.template import drawing, environment, flat, style_sheet

if TYPE_CHECKING:
    import pandas as pd


@drawn_by_browser()
def write_page(comparison: Comparison, path: str | os.PathLike[str]) -> Path:
    """Write a comparison as one self-contained HTML page.

    The page holds its figures, asks for nothing from the network, runs no
    script, and follows light and dark mode, small screens and paper.

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
    wrong = [model for model in ranking(comparison) if not is_constant(model)]
    several = len(comparison.models) > 1
    page = (
        environment()
        .get_template("comparison/scores/page.html")
        .render(
            css=style_sheet(),
            headline=comparison.headline,
            metric=metric_text(comparison.metric),
            n_texts=len(comparison.texts),
            unit=comparison.unit,
            units=comparison.units,
            n_seeds=comparison.n_seeds,
            has_auc=comparison.has_auc,
            rows=_rows(comparison),
            scores=drawing(score_plot(comparison), "scores"),
            times=drawing(time_plot(comparison), "times") if several else None,
            curve_message=curve_message(networks) if networks else "",
            curves=[
                drawing(learning_curve(networks, place), f"curve{place}")
                for place in range(len(networks))
            ],
            against_best=_pairs_of_best(comparison),
            all_pairs=[shown_pair(pair) for _, pair in comparison.pairs.iterrows()],
            errors=[
                (model.name, drawing(error_plot(comparison, model), f"errors{place}"))
                for place, model in enumerate(wrong)
            ],
            error_title=_error_title(comparison),
            constant=[model.name for model in comparison.models if is_constant(model)],
            examples=hardest_examples(comparison),
            number=comparison.task == "number",
            warnings=comparison.warnings,
            receipt=list(flat(comparison.receipt)),
            parameters=[
                (model.name, list(flat(model.parameters)))
                for model in comparison.models
                if model.parameters
            ],
        )
    )
    return write_text(path, page)


@drawn_by_browser()
def fragment(comparison: Comparison) -> str:
    """Return verdict, table and warnings as HTML for a notebook's cell."""
    return (
        environment()
        .get_template("comparison/scores/fragment.html")
        .render(
            headline=comparison.headline,
            metric=metric_text(comparison.metric),
            has_auc=comparison.has_auc,
            unit=comparison.unit,
            rows=_rows(comparison),
            warnings=comparison.warnings,
        )
    )


def _rows(comparison: Comparison) -> list[dict[str, str]]:
    return [
        {
            "name": model.name,
            "kind": model.kind,
            "score": score_text(model.scores),
            "auc": "" if model.aucs is None else score_text(model.aucs),
            "train": seconds_text(float(np.mean(model.fit_seconds))),
            "predict": f"{model.predict_microseconds:,.0f}",
            "parameters": count_text(model.n_parameters),
            "seeds": str(len(model.scores)),
        }
        for model in ranking(comparison)
    ]


def _pairs_of_best(comparison: Comparison) -> list[dict[str, Any]]:
    best, *others = ranking(comparison)
    return [shown_pair(pair_of(comparison, best, other)) for other in others]


def shown_pair(pair: pd.Series) -> dict[str, Any]:
    """Write the row of a pair as a page shows it."""
    return {
        "first": pair["first"],
        "second": pair["second"],
        "difference": _signed(pair["difference"]),
        "low": _signed(pair["low"]),
        "high": _signed(pair["high"]),
        "p": p_text(pair["p_adjusted"]),
        "verdict": pair["verdict"],
        "beyond": bool(pair["p_adjusted"] < SIGNIFICANCE),
    }


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def _error_title(comparison: Comparison) -> str:
    return {
        "number": "How far off each model is",
        "labels": "Which labels are missed",
        "classes": "Which classes are confused",
    }[comparison.task]
