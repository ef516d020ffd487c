"""Forecasts of several models side by side, from the same moments of the past."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.base import clone

from textseq.checks import check_count
from textseq.comparison.forecasts.check import check_forecasts
from textseq.comparison.forecasts.errors import BacktestErrors, by_step
from textseq.comparison.forecasts.model import ForecastedModel
from textseq.comparison.forecasts.result import ForecastComparison
from textseq.comparison.forecasts.shown_series import choose_series
from textseq.comparison.named_rows import named_rows
from textseq.comparison.receipt import machine_receipt
from textseq.comparison.statistics import SIGNIFICANCE, compare_pairs
from textseq.corpus.panels import panel_of
from textseq.estimators.checkpoint import Checkpoint
from textseq.estimators.finished_fits import FinishedFits
from textseq.estimators.forecasting.backtest import Backtest, OnFit, backtest
from textseq.estimators.forecasting.forecaster import LEVELS, Forecaster
from textseq.estimators.forecasting.parameters import check_levels
from textseq.estimators.forecasting.recipe import horizon_of
from textseq.estimators.receipt import panel_fingerprint
from textseq.files import StrPath
from textseq.series.baselines import choose_baselines
from textseq.series.metrics import score_forecasts
from textseq.series.panel import Panel
from textseq.series.scales import constant_series
from textseq.training.threads import thread_count


def compare_forecasts(
    df: Any,
    h: int | str = "auto",
    encoders: Any = ("rnn", "lstm", "gru"),
    *,
    estimator: Forecaster | None = None,
    n_windows: int = 5,
    step_size: int | None = None,
    refit: bool = True,
    n_seeds: int = 1,
    level: Sequence[float] | float | None = LEVELS,
    baselines: bool | str | Sequence[str] = True,
    n_jobs: int | None = None,
    random_state: int = 0,
    on_fit: OnFit | None = None,
    checkpoint: StrPath | Checkpoint | None = None,
    id_col: str = "unique_id",
    time_col: str = "ds",
    target_col: str | Sequence[str] = "y",
    past: str | Sequence[str] = (),
    future: str | Sequence[str] = (),
    static: Any = (),
    freq: Any = None,
    val_size: int | None = None,
) -> ForecastComparison:
    """Forecast with several models from the same moments of the past, and test differences.

    Every network gets the same rows, the same parameters beside its encoder and the same
    seeds, and is fitted afresh at each cutoff; naive forecasts stand beside them.

    Parameters
    ----------
    df : DataFrame of pandas or polars, path, LazyFrame, dataset or callable
        One row a series and time, as ``Forecaster.fit`` takes it.
    h : int, optional
        Steps ahead, of every row. By default as many as leave rows to train and calibrate on
        before all cutoffs, at most 24.
    encoders : sequence or dict
        Encoder names; or dicts of a row's name to an encoder name, to a dict of parameters,
        or to a Forecaster, as in ``["lstm", {"wide": {"encoder": "gru", "hidden_size": 256}}]``.
    estimator : Forecaster, optional
        Gives the networks their other parameters, and all rows ``fill_gaps``.
    n_windows : int, default 5
        Cutoffs; the last lies ``h`` steps before each series' end.
    step_size : int, optional
        Steps between cutoffs; ``h`` by default.
    refit : bool, default True
        Whether every cutoff has networks of its own.
    n_seeds : int, default 1
        Backtests of every network, each with its own seed.
    level : sequence of float or None, default (80, 95)
        Percent that the prediction intervals should hold.
    baselines : bool, str or sequence of str, default True
        True: the naive, seasonal naive and drift forecasts. ``"statistical"`` adds AutoETS and
        AutoTheta (with statsforecast), ``"r"`` the auto.arima and ets of R's forecast package
        (with rpy2). Or their names.
    n_jobs : int, optional
        Fits run side by side, sharing the cores: one at a time by default; within
        ``joblib.parallel_config`` as many as it says, by its back end, Dask's and Ray's too.
    random_state : int, default 0
        The seeds are random_state, random_state + 1, ...
    on_fit : callable, optional
        Called as each fit starts with (fits done, fits in all, the row's name).
    checkpoint : path-like or Checkpoint, optional
        A folder, made if it is not there, in which the fits are kept, each in a file: those that
        are over are not done again, and a network's goes on where its process was ended. Encoders,
        baselines and seeds may be added later.
    id_col, time_col, target_col, past, future, static, freq, val_size
        As ``Forecaster.fit`` takes them.

    Returns
    -------
    ForecastComparison

    Raises
    ------
    ValueError
        If the frame or a row is not usable; the message says what to do.

    Notes
    -----
    Pairs of models are tested on the mean errors of each series at each cutoff, with the
    paired bootstrap of ``textseq.comparison.statistics``. Cutoffs fewer than ``h`` steps apart
    are averaged first. Series that rise and fall together count for less than they seem.

    References
    ----------
    Hyndman & Athanasopoulos (2021), "Forecasting: Principles and Practice", section 5.10.

    Examples
    --------
    >>> from textseq import Forecaster, load_sample
    >>> quick = Forecaster(max_epochs=2, n_threads=1)
    >>> comparison = compare_forecasts(
    ...     load_sample("airpassengers"), 12, ["gru"], estimator=quick, n_windows=2
    ... )
    >>> sorted(comparison.table["model"])
    ['drift', 'gru', 'naive', 'seasonal_naive']
    """
    started = time.perf_counter()
    n_windows = check_count("n_windows", n_windows)
    random_state = check_count("random_state", random_state, least=0)
    seeds = [random_state + index for index in range(check_count("n_seeds", n_seeds))]
    template = clone(Forecaster() if estimator is None else estimator)
    panel = panel_of(
        df,
        id_col=id_col,
        time_col=time_col,
        target_col=target_col,
        past=past,
        future=future,
        static=static,
        freq=freq,
        fill_gaps=template.fill_gaps,
    )
    h = check_count("h", horizon_of(h, panel, template.season_length, n_windows))
    step_size = h if step_size is None else check_count("step_size", step_size)
    template.set_params(h=h)
    season = _season_length(template, panel)
    # All that can be refused is refused before the first fit.
    cheap = _baselines(baselines, season)
    rows = _rows(encoders, template, {*cheap, *panel.names[:2], "y", "cutoff", "variable"})
    if not rows and not cheap:
        raise ValueError("there is nothing to compare; name an encoder or a baseline")
    levels = check_levels(level)
    _refuse_no_scale(panel, h)
    if n_jobs is not None:
        n_jobs = check_count("n_jobs", n_jobs)
    data_sha256, n_threads = panel_fingerprint(panel), thread_count(template.n_threads)
    finished = FinishedFits.of(checkpoint, data_sha256=data_sha256, n_threads=n_threads)
    # A backtest a seed; the baselines, which draw nothing, stand in the first alone.
    n_fits = len(rows) * (n_windows if refit else 1)
    backtests = [
        backtest(
            {name: clone(row).set_params(random_state=seed) for name, row in rows.items()},
            panel,
            h=h,
            n_windows=n_windows,
            step_size=step_size,
            refit=refit,
            levels=levels,
            baselines=() if index else cheap,
            val_size=val_size,
            season_length=season,
            n_jobs=n_jobs,
            on_fit=_counting(on_fit, index * n_fits, len(seeds) * n_fits),
            finished=finished,
        )
        for index, seed in enumerate(seeds)
    ]
    frames = tuple(found.frame for found in backtests)
    errors = BacktestErrors.of(
        frames[0],
        panel,
        h=h,
        n_windows=n_windows,
        step_size=step_size,
        season_length=season,
    )
    # Errors (B, h, K) in each series' scale; of a model the mean over its seeds.
    scores = [_scores(frame, panel, season) for frame in frames]
    scaled = {
        name: np.mean(
            [
                errors.scaled(frame, name)
                for frame, by_model in zip(frames, scores, strict=True)
                if name in by_model.index
            ],
            axis=0,
        )
        for name in [*cheap, *rows]
    }
    models = tuple(
        _model(name, name in rows, backtests, scores, scaled[name], n_windows) for name in scaled
    )
    # Items (n_models, n_items) are compared in pairs: those that every model has a figure of.
    items = np.stack([errors.by_item(scaled[model.name]) for model in models])
    items = items[:, np.isfinite(items).all(axis=0)]
    return ForecastComparison(
        models=models,
        frames=frames,
        pairs=_pairs([model.name for model in models], items),
        shown=choose_series(panel, errors, scaled, models, h, season),
        names=panel.names,
        h=h,
        step=str(panel.frequency),
        n_series=len(panel),
        n_windows=n_windows,
        n_items=items.shape[1],
        warnings=check_forecasts(panel, errors, models, levels, h, season, frames),
        receipt={
            "seeds": seeds,
            "series": len(panel),
            "rows": panel.n_rows,
            "horizon": h,
            "windows": n_windows,
            "step_size": step_size,
            "refit": refit,
            "season_length": season,
            "frequency": str(panel.frequency),
            "data_sha256": data_sha256,
            "n_threads": n_threads,
            "n_jobs": joblib.effective_n_jobs(n_jobs),
            **machine_receipt(started),
        },
    )


def _season_length(template: Forecaster, panel: Panel) -> int:
    given = template.season_length
    return panel.frequency.season_length if isinstance(given, str) else int(given)


def _baselines(baselines: bool | str | Sequence[str], season_length: int) -> list[str]:
    names = dict.fromkeys(choose_baselines(baselines))
    # Without a season it is the naive forecast again.
    twice = {"seasonal_naive"} if season_length == 1 and "naive" in names else set()
    return [name for name in names if name not in twice]


def _rows(encoders: Any, template: Forecaster, taken: set[str]) -> dict[str, Forecaster]:
    rows: dict[str, Forecaster] = {}
    for name, row in named_rows(encoders):
        if isinstance(row, Forecaster):
            network = clone(row).set_params(h=template.h)
        elif isinstance(row, str | Mapping):
            parameters = {"encoder": row} if isinstance(row, str) else dict(row)
            network = clone(template).set_params(**parameters)
        else:
            raise ValueError(
                f"row {name!r} must be an encoder's name, a dict of parameters, or a "
                f"Forecaster, got {row!r}"
            )
        if network.fill_gaps not in ("error", template.fill_gaps):
            raise ValueError(
                f"row {name!r} has fill_gaps={network.fill_gaps!r}, but all rows share the series; "
                f"pass estimator=Forecaster(fill_gaps={network.fill_gaps!r}) instead"
            )
        if name in taken or name in rows:
            raise ValueError(
                f"the name {name!r} is taken; name rows apart: {{'name': {{'encoder': ...}}}}"
            )
        rows[name] = network
    return rows


def _counting(on_fit: OnFit | None, before: int, total: int) -> OnFit | None:
    if on_fit is None:
        return None
    return lambda done, _, name: on_fit(before + done, total, name)


def _scores(frame: Any, panel: Panel, season_length: int) -> pd.DataFrame:
    table = score_forecasts(frame, panel, season_length)
    return pd.DataFrame({name: table[name] for name in table.columns}).set_index("model")


def _model(
    name: str,
    is_network: bool,
    backtests: list[Backtest],
    scores: list[pd.DataFrame],
    scaled: np.ndarray,
    n_windows: int,
) -> ForecastedModel:
    fitted = backtests[0].models.get(name)
    own = [by_model.loc[name] for by_model in scores if name in by_model.index]
    seconds = [found.seconds[name] for found in backtests if name in found.seconds]
    return ForecastedModel(
        name=name,
        kind="network" if is_network else "baseline",
        scores=pd.DataFrame(own).reset_index(drop=True),
        by_step=by_step(scaled),
        seconds=np.array(seconds) / n_windows,
        n_parameters=None if fitted is None else fitted.n_parameters,
        parameters={} if fitted is None else fitted.parameters,
    )


def _refuse_no_scale(panel: Panel, h: int) -> None:
    known = panel.until(panel.lengths - h)
    if len(known) and constant_series(known).all():
        raise ValueError(
            "no series changes in the rows before the last cutoff, so that there is nothing to "
            "compare: every forecast of a constant is right, and MASE has no scale"
        )


def _pairs(names: list[str], items: np.ndarray) -> pd.DataFrame:
    """Test all pairs; errors are the lower the better, scores the higher."""
    pairs = compare_pairs(names, list(-items))
    pairs["difference"] = -pairs["difference"]
    pairs["low"], pairs["high"] = -pairs["high"], -pairs["low"]
    pairs["verdict"] = [
        "no difference shown"
        if pair.p_adjusted >= SIGNIFICANCE
        else f"{pair.first if pair.difference < 0 else pair.second} better"
        for pair in pairs.itertuples()
    ]
    return pairs
