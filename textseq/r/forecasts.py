"""Forecasts for R: what a forecaster says, the rows before it, and backtests."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from textseq.estimators.forecasting.forecaster import Forecaster
from textseq.r.models import estimator_of, model_of, option_values
from textseq.r.parameters import python_value
from textseq.series.extension import last_rows
from textseq.series.panel import Panel, read_panel
from textseq.series.times import DATE, TimeForm, write_times

# Of the rows before a forecast, which R draws, at least as many as the network reads.
FEWEST_ROWS = 36


def forecast(
    id: list[str],
    h: Any,
    df: pd.DataFrame | None,
    X_future: pd.DataFrame | None,
    level: Any,
    static: pd.DataFrame | None,
) -> dict[str, Any]:
    """Forecast, and tell the rows that the forecast goes on from.

    Parameters
    ----------
    id : list of one str
        Of the model.
    h, df, X_future, level, static
        As ``Forecaster.predict`` takes them.

    Returns
    -------
    dict
        ``frame``, its columns named as R names predictions; ``history``, the last rows of each
        series, the value in ``.value``; ``targets``, the names of what is forecast.
    """
    model = _with_pandas(model_of(id[0]))
    df, X_future = _in_its_times(df, model), _in_its_times(X_future, model)
    frame = model.predict(python_value(h), df, X_future, _levels(level), static)
    names, panel = model.panel_.names, model.panel_
    if df is not None:
        panel = read_panel(
            df,
            id_col=names.id,
            time_col=names.time,
            target_col=names.targets,
            freq=model.encoding_.frequency,
            fill_gaps=model.fill_gaps,
        )
        most = max(FEWEST_ROWS, int(model.fitted_parameters_["input_size"]))
        panel = last_rows(panel, most)
    return {
        "frame": _in_r(frame, names.time, model),
        "history": _in_r(_rows_of(panel), names.time, model),
        "targets": names.targets,
    }


def backtest_forecasts(
    df: pd.DataFrame,
    h: Any,
    n_windows: Any,
    step_size: Any,
    refit: Any,
    level: Any,
    baselines: list[str] | None,
    options: dict[str, Any],
    parameters: dict[str, Any],
    checkpoint: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Forecast from several moments of the past, as ``Forecaster.cross_validation`` does.

    Parameters
    ----------
    df : DataFrame
    h, n_windows, step_size, refit, level, baselines
        As ``cross_validation`` takes them.
    options : dict
        The roles of the columns.
    parameters : dict
        Of the forecaster.
    checkpoint : dict or None
        Where the fits are kept.

    Returns
    -------
    dict
        ``frame``, its columns named as R names predictions; ``model``, what the network is
        called.
    """
    model = estimator_of("Forecaster", {"h": h} | parameters)
    assert isinstance(model, Forecaster)
    frame = model.cross_validation(
        df,
        python_value(n_windows),
        python_value(step_size),
        refit=python_value(refit),
        level=_levels(level),
        baselines=baselines or (),
        **option_values(options),
        checkpoint=python_value(checkpoint),
    )
    return {"frame": frame.rename(columns=_named_in_r(frame, model.name)), "model": model.name}


def _with_pandas(model: Any) -> Any:
    """Let a model that was fitted to a frame of polars answer in one of pandas."""
    names = model.panel_.names
    if names.frame == "polars" or names.time_form.kind == DATE:
        names = names._replace(frame="pandas", time_form=_form_in_r(names.time_form))
        model.panel_ = replace(model.panel_, names=names)
    return model


def _in_its_times(df: pd.DataFrame | None, model: Forecaster) -> pd.DataFrame | None:
    """Show a model without a time zone what clocks show: R has no times without one."""
    time = model.panel_.names.time
    if df is None or model.encoding_.frequency.zone is not None:
        return df
    if not isinstance(df.dtypes.get(time), pd.DatetimeTZDtype):
        return df
    return df.assign(**{time: df[time].dt.tz_localize(None)})


def _levels(level: Any) -> list[float] | None:
    return None if level is None else [float(one) for one in level]


def _form_in_r(form: TimeForm) -> TimeForm:
    """Return the form in which dates of Python cross to R."""
    return TimeForm("s") if form.kind == DATE else form


def _rows_of(panel: Panel) -> pd.DataFrame:
    """Return the rows of a panel as a long frame."""
    names, frequency = panel.names, panel.frequency
    n_targets = len(names.targets)
    times = write_times(
        np.repeat(panel.times, n_targets),
        frequency.zone,
        wall=frequency.is_wall_time,
        form=_form_in_r(names.time_form),
        polars=False,
    )
    rows = {names.id: np.repeat(panel.ids, panel.lengths * n_targets), names.time: times}
    if n_targets > 1:
        rows["variable"] = np.tile(np.array(names.targets, dtype=object), len(panel.times))
    return pd.DataFrame(rows | {".value": panel.y.ravel()})


def _in_r(frame: pd.DataFrame, time: str, model: Forecaster) -> pd.DataFrame:
    """Return a frame in R's names; times within a day are no dates, even at midnight."""
    frame = frame.rename(columns=_named_in_r(frame, model.name))
    frequency = model.encoding_.frequency
    within_a_day = frequency.unit == "microsecond" and not frequency.is_wall_time
    if within_a_day and not frequency.zone and frame[time].dtype.kind == "M":
        frame[time] = frame[time].dt.tz_localize("UTC")
    return frame


def _named_in_r(frame: pd.DataFrame, model: str) -> dict[str, str]:
    """Return R's names of columns: ``lstm-lo-80`` is ``.pred_lower_80``."""
    ends = {"lo": "lower", "hi": "upper"}
    named = {}
    for column in frame.columns:
        found = re.fullmatch(r"(.+)-(lo|hi)-([\d.]+)", column)
        stem, end = (found[1], f"_{ends[found[2]]}_{found[3]}") if found else (column, "")
        named[column] = (".pred" if stem == model else stem) + end
    return named
