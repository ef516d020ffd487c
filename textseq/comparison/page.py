"""What the pages of all comparisons hold: verdict, pairs, warnings, receipt."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from textseq.comparison.result import Result
from textseq.comparison.statistics import SIGNIFICANCE
from textseq.comparison.wording import p_text, pair_of
from textseq.report.template import flat, write_filled


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


def write_result_page(
    result: Result[Any],
    path: str | os.PathLike[str],
    template: str,
    show_pair: Callable[[pd.Series], dict[str, Any]] = shown_pair,
    **contents: Any,
) -> Path:
    """Write a comparison as one HTML page.

    Parameters
    ----------
    result : Result
    path : path-like
    template : str
        One that extends ``comparison/page.html``.
    show_pair : callable
        As ``shown_pair``.
    **contents
        What the template names beside what all comparisons have.

    Returns
    -------
    Path
        Where it was written.
    """
    best, *others = result.ranked
    return write_filled(
        path,
        template,
        headline=result.headline,
        n_seeds=result.n_seeds,
        against_best=[show_pair(pair_of(result, best, other)) for other in others],
        all_pairs=[show_pair(pair) for _, pair in result.pairs.iterrows()],
        warnings=result.warnings,
        receipt=list(flat(result.receipt)),
        parameters=[
            (model.name, list(flat(model.parameters)))
            for model in result.models
            if model.parameters
        ],
        **contents,
    )


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")
