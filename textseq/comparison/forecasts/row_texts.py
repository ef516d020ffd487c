"""The models of a comparison of forecasts, written as the rows of a table."""

from __future__ import annotations

from typing import Any

from textseq.comparison.forecasts.model import ForecastedModel
from textseq.comparison.forecasts.result import ForecastComparison
from textseq.comparison.wording import count_text, score_text, seconds_text


def row_texts(comparison: ForecastComparison) -> list[dict[str, Any]]:
    """Write the figures of every model, best first.

    Returns
    -------
    list of dict
        Of str, but for ``intervals``: of each level, the share of values that they held, in
        percent, and their width.
    """
    return [
        {
            "name": model.display_name,
            "mase": score_text(model.mase),
            "smape": f"{model.scores['smape'].mean():.2f}",
            "rmse": f"{model.scores['rmse'].mean():#.4g}".rstrip("."),
            "loss": _mean_text(model, "weighted_quantile_loss", ".4f"),
            "intervals": [
                (
                    _mean_text(model, f"coverage-{level}", ".1%").removesuffix("%"),
                    _mean_text(model, f"width-{level}", ".2f"),
                )
                for level in comparison.levels
            ],
            "train": seconds_text(float(model.seconds.mean())),
            "parameters": count_text(model.n_parameters),
            "seeds": str(len(model.scores)),
        }
        for model in comparison.ranked
    ]


def _mean_text(model: ForecastedModel, score: str, form: str) -> str:
    """Write a score's mean over seeds, or a dash where the model has none."""
    if score not in model.scores or model.scores[score].isna().any():
        return "–"
    return format(float(model.scores[score].mean()), form)
