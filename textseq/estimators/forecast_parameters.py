"""Checks of a forecaster's parameters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Real
from typing import Any

from textseq.estimators.checks import check_choice, check_count, check_number
from textseq.estimators.forecast_defaults import AUTO
from textseq.estimators.network_parameters import check_network_parameters, check_sizes
from textseq.nn.forecasting import SKIPS
from textseq.series.panel import Panel
from textseq.series.windows import WINDOW_SCALINGS
from textseq.training.forecast_objective import LOSSES

STRATEGIES = ("direct", "recursive", "seq2seq")
CHOICES: dict[str, tuple[str | None, ...]] = {
    "strategy": STRATEGIES,
    "window_scaling": (None, *WINDOW_SCALINGS),
    "skip": (None, *SKIPS),
    "loss": LOSSES,
}


def check_forecast_parameters(value: dict[str, Any], panel: Panel) -> tuple[Any, bool]:
    """Check all parameters; return the encoder without shorthand, and whether bidirectional.

    Parameters
    ----------
    value : dict
        Parameters by name, as ``get_params`` returns them.
    panel : Panel
        What the forecaster is to be fitted to.

    Raises
    ------
    ValueError
        Names the parameter, its value and what it may be.
    """
    if value["h"] != "auto":
        check_count("h", value["h"])
    found = check_network_parameters(value, AUTO)
    given = {name: item for name, item in value.items() if not _is_auto(name, item)}
    for name, choices in CHOICES.items():
        if name in given and given[name] not in choices:
            listed = [str(choice) for choice in choices]
            check_choice(name, given[name], ["auto", *listed] if name in AUTO else listed)
    check_sizes(given, {"input_size", "season_length", "fold"}, set(), {"fold"})
    check_number("teacher_forcing", value["teacher_forcing"], under=1.0 + 1e-9)
    _check_quantiles(value["quantiles"])
    if value["strategy"] == "recursive" and panel.past.shape[1] and value["h"] != 1:
        raise ValueError(
            f"strategy='recursive' reads its own forecasts, and the past covariates "
            f"{', '.join(panel.names.past)} are not known there; use strategy='direct', or name "
            "them in future="
        )
    return found


def check_levels(level: Sequence[float] | float | None) -> tuple[float, ...]:
    """Return levels in percent, ascending.

    Raises
    ------
    ValueError
        If one is not from 1 to under 100: a share such as 0.9 is no percentage.
    """
    if level is None:
        return ()
    levels = list(level) if isinstance(level, Iterable) and not isinstance(level, str) else [level]
    for one in levels:
        if isinstance(one, bool) or not isinstance(one, Real):
            raise ValueError(f"level={level!r} holds no number but {one!r}; use (80, 95), say")
        if not 1 <= one < 100:
            raise ValueError(f"level={one!r} is no percentage from 1 to under 100; use 90, say")
    return tuple(sorted(set(levels)))


def _is_auto(name: str, value: Any) -> bool:
    return name in AUTO and isinstance(value, str) and value == "auto"


def _check_quantiles(quantiles: Any) -> None:
    shares = sorted(quantiles)
    for share in shares:
        check_number("a quantile", share, above=True, under=1.0)
    mirrored = [round(1 - share, 9) for share in reversed(shares)]
    if len(shares) % 2 == 0 or [round(share, 9) for share in shares] != mirrored:
        raise ValueError(
            f"quantiles={tuple(quantiles)} must be the ends of intervals around the median, such "
            "as (0.05, 0.5, 0.95)"
        )
