"""A comparison of forecasts on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textseq.comparison.forecasts.result import ForecastComparison
from textseq.comparison.forecasts.row_texts import row_texts
from textseq.comparison.table import print_result

if TYPE_CHECKING:
    from rich.console import Console

# Columns of a terminal that hold every figure, with two levels and several seeds.
_ROOMY = 104


def render(comparison: ForecastComparison, console: Console) -> None:
    """Print a comparison of forecasts: verdict, a row a model, the best against the rest, warnings.

    Parameters
    ----------
    comparison : ForecastComparison
    console : rich.console.Console
    """
    # What there is no room for is on the page and in ``table``.
    left_out = set() if console.width >= _ROOMY else {"RMSE", "parameters"}
    rows = [
        {
            "model": row["name"],
            "MASE": row["mase"],
            "sMAPE": row["smape"],
            "RMSE": row["rmse"],
            **{
                f"in {level} %": held
                for level, (held, _) in zip(comparison.levels, row["intervals"], strict=True)
            },
            "train": row["train"],
            "parameters": row["parameters"],
            "seeds": row["seeds"],
        }
        for row in row_texts(comparison)
    ]
    headers = [header for header in rows[0] if header not in left_out]
    print_result(comparison, headers, ([row[name] for name in headers] for row in rows), console)
