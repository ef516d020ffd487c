"""A comparison as one HTML page that needs no other file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from textseq.comparison.result import Comparison, write_text
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
from textseq.figures import short
from textseq.report.errors import error_plot, is_constant
from textseq.report.examples import hardest_examples
from textseq.report.plots import (
    curve_message,
    learning_curve,
    score_plot,
    time_plot,
    with_epochs,
)
from textseq.report.svg import inline_svg

if TYPE_CHECKING:
    import pandas as pd
    from jinja2 import Environment
    from matplotlib.figure import Figure

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Drawing:
    """A figure of the page.

    Parameters
    ----------
    message : str
        What it shows, in a sentence.
    svg : str
        Markup.
    width : int
        Widest it should be shown, in CSS pixels.
    """

    message: str
    svg: str
    width: int


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
    from markupsafe import Markup

    networks = with_epochs(comparison)
    wrong = [model for model in ranking(comparison) if not is_constant(model)]
    several = len(comparison.models) > 1
    page = (
        _environment()
        .get_template("page.html")
        .render(
            css=Markup((_FOLDER / "page.css").read_text(encoding="utf-8")),
            headline=comparison.headline,
            metric=metric_text(comparison.metric),
            n_texts=len(comparison.texts),
            n_seeds=comparison.n_seeds,
            rows=_rows(comparison),
            scores=_drawing(score_plot(comparison), "scores"),
            times=_drawing(time_plot(comparison), "times") if several else None,
            curve_message=curve_message(networks) if networks else "",
            curves=[
                _drawing(learning_curve(networks, place), f"curve{place}")
                for place in range(len(networks))
            ],
            against_best=_pairs_of_best(comparison),
            all_pairs=[_pair(pair) for _, pair in comparison.pairs.iterrows()],
            errors=[
                (model.name, _drawing(error_plot(comparison, model), f"errors{place}"))
                for place, model in enumerate(wrong)
            ],
            error_title=_error_title(comparison),
            constant=[model.name for model in comparison.models if is_constant(model)],
            examples=hardest_examples(comparison),
            number=comparison.metric == "r2",
            warnings=comparison.warnings,
            receipt=list(_flat(comparison.receipt)),
            parameters=[
                (model.name, list(_flat(model.parameters)))
                for model in comparison.models
                if model.parameters
            ],
        )
    )
    return write_text(path, page)


def fragment(comparison: Comparison) -> str:
    """Return verdict, table and warnings as HTML for a notebook's cell."""
    return (
        _environment()
        .get_template("fragment.html")
        .render(
            headline=comparison.headline,
            metric=metric_text(comparison.metric),
            rows=_rows(comparison),
            warnings=comparison.warnings,
        )
    )


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # Escapes everything but the figures and the style sheet, which are the package's own.
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["together"] = _together
    return environment


def _together(sentence: str) -> str:
    """Keep a number and its unit or interval on one line."""
    for sign in (" ±", "± ", " %"):
        sentence = sentence.replace(sign, sign.replace(" ", "\N{NO-BREAK SPACE}"))
    return sentence


def _drawing(figure: Figure, prefix: str) -> Drawing:
    from markupsafe import Markup

    message = " ".join(figure.get_suptitle().split())
    # The page sets the message as a caption, in letters that wrap.
    figure.suptitle("")
    width = round(figure.get_figwidth() * 72 * 1.4)
    return Drawing(message, Markup(inline_svg(figure, prefix, message)), width)


def _rows(comparison: Comparison) -> list[dict[str, str]]:
    return [
        {
            "name": model.name,
            "kind": model.kind,
            "score": score_text(model.scores),
            "train": seconds_text(float(np.mean(model.fit_seconds))),
            "predict": f"{model.predict_microseconds:,.0f}",
            "parameters": count_text(model.n_parameters),
            "seeds": str(len(model.scores)),
        }
        for model in ranking(comparison)
    ]


def _pairs_of_best(comparison: Comparison) -> list[dict[str, Any]]:
    best, *others = ranking(comparison)
    return [_pair(pair_of(comparison, best, other)) for other in others]


def _pair(pair: pd.Series) -> dict[str, Any]:
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
    return {"r2": "How far off each model is", "subset accuracy": "Which labels are missed"}.get(
        comparison.metric, "Which classes are confused"
    )


def _flat(stored: dict[str, Any], above: str = "") -> Any:
    """Yield a nested dict as lines of a name and a short text."""
    for name, value in stored.items():
        key = f"{above}{name}".replace("_", " ")
        if isinstance(value, dict):
            yield from _flat(value, f"{key} · ")
        elif isinstance(value, float):
            yield key, f"{value:.4g}"
        elif isinstance(value, list | tuple):
            yield key, short(", ".join(map(str, value)), 200)
        else:
            yield key, short(str(value), 200)
