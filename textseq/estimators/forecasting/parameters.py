"""The parameters of a forecaster, beside those that all share, and what goes together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Real
from typing import Any

from textseq.checks import check_number
from textseq.estimators.declared import FLAG, Rule, changed, count, declared, one_of, param
from textseq.estimators.parameters import (
    EncoderParameters,
    HeadParameters,
    TeacherParameters,
    TrainingParameters,
)
from textseq.nn.forecasting import SKIPS
from textseq.series.gaps import FILLS
from textseq.series.windows import WINDOW_SCALINGS
from textseq.training.forecast_objective import LOSSES

STRATEGIES = ("direct", "recursive", "seq2seq")


def _check_quantiles(name: str, quantiles: Any) -> None:
    shares = sorted(quantiles)
    for share in shares:
        check_number("a quantile", share, above=True, under=1.0)
    mirrored = [round(1 - share, 9) for share in reversed(shares)]
    if len(shares) % 2 == 0 or [round(share, 9) for share in shares] != mirrored:
        raise ValueError(
            f"{name}={tuple(quantiles)} must be the ends of intervals around the median, such "
            "as (0.05, 0.5, 0.95)"
        )


@declared
class ForecasterParameters(
    EncoderParameters, HeadParameters, TeacherParameters, TrainingParameters
):
    """What a forecaster lets choose."""

    h: int | str = param(
        count(),
        "Steps ahead that are trained; ``predict`` goes beyond them if asked. By default 24, of "
        "series under 72 rows fewer.",
        kw_only=False,
        default="auto",
    )
    input_size: int | str = param(
        count(), "Steps of a window: what the network reads before it forecasts.", default="auto"
    )
    strategy: str = param(
        one_of(*STRATEGIES),
        '"direct" answers all steps at once; "recursive" one step, which is then read as if it '
        'were observed; "seq2seq" has a decoder that reads its own last answer.',
        default="direct",
    )
    hidden_size: int | tuple[int, ...] | str = changed(default="auto")
    pooling: str = changed(default="last")
    head_sizes: tuple[int, ...] | str = changed(default="auto")
    head_dropout: float | str = changed(default="auto")
    window_scaling: str | None = param(
        one_of(*WINDOW_SCALINGS),
        "What each window is scaled by, after its series' own mean and standard deviation in the "
        "training rows: less its last value; less its mean and divided by its standard deviation; "
        "or divided by its mean absolute change over a season. It is put back into the forecast.",
        default="auto",
    )
    skip: str | None = param(
        one_of(*SKIPS),
        "What stands beside the encoder and is added to its answer: a linear layer over the "
        "window, or the window's seasons, weighted by what the encoder saw.",
        default="auto",
    )
    fold: int | str | None = param(
        count(), "Steps that are read as one, such as the hours of a day.", default="auto"
    )
    season_length: int | str = param(
        count(),
        "Steps in a season; by the frequency. Hours with a time zone are those on the wall; "
        "series that follow the sun, not the clock, are better given in UTC.",
        default="auto",
    )
    calendar: bool | str = param(
        FLAG,
        "Whether hour, weekday and so on, as far as the frequency has them, are read.",
        default="auto",
    )
    fill_gaps: str = param(
        one_of(*FILLS),
        "What becomes of steps within a series that have no row: they are refused; or they get "
        "one, whose target and covariates are on the line between the known values around it, or "
        "0, as of sales on days without any. A backtest judges by filled values as by any other.",
        default="error",
    )
    loss: str = param(
        one_of(*LOSSES), "What training minimises, in the windows' scale.", default="auto"
    )
    quantiles: tuple[float, ...] = param(
        Rule("tuple of float", _check_quantiles, several=True),
        'What ``loss="quantile"`` learns: ends of intervals around the median.',
        default=(0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975),
    )
    teacher_forcing: float = changed(
        'Of "seq2seq", at the start of training; it falls to 0 at the end.', default=0.5
    )
    weight_decay: float | str = changed(default="auto")
    retrain: bool = param(
        FLAG,
        "Whether, once the validation rows have chosen the epoch and calibrated the intervals, a "
        "fresh network is trained on all rows, the validation rows included.",
        default=True,
    )


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
