"""Series to their next values: one network over many series, with intervals and backtests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted
from torch import nn

from textseq.estimators.backtest import backtest
from textseq.estimators.calibration import POINT, Calibration, base_intervals, middle_of
from textseq.estimators.checks import check_count, seed_of
from textseq.estimators.forecast_building import build_forecast_network
from textseq.estimators.forecast_defaults import AUTO, ForecastFacts, resolve
from textseq.estimators.forecast_parameters import check_forecast_parameters, check_levels
from textseq.estimators.forecast_split import ForecastSplit
from textseq.estimators.forecast_state import state_arrays, state_from_file, state_to_json
from textseq.estimators.receipt import panel_fingerprint
from textseq.estimators.rolling import forecast_windows
from textseq.estimators.trained_estimator import TrainedEstimator
from textseq.estimators.window_encoding import WindowEncoding
from textseq.nn.forecasting import ForecastNetwork
from textseq.series.extension import extended, last_rows
from textseq.series.forecasts import Forecasts
from textseq.series.panel import Panel, read_panel
from textseq.series.windows import Windows, WindowSource
from textseq.training.devices import computing
from textseq.training.forecast_objective import forecast_objective
from textseq.training.loop import OnBatch
from textseq.training.objectives import Objective

LEVELS = (80, 95)
# Parameters that the network takes as they were decided.
ARCHITECTURE = (
    "hidden_size",
    "num_layers",
    "connections",
    "normalization",
    "activation",
    "pooling",
    "dropout",
    "head_dropout",
    "skip",
    "fold",
    "season_length",
    "truncated_bptt_steps",
)


class Forecaster(TrainedEstimator):
    """Forecast series: one network learns from windows of all of them.

    A parameter of ``"auto"`` is decided from the data at ``fit``; ``fitted_parameters_`` tells
    what was decided.

    DOCSTRING
    """

    network_kind = ForecastNetwork

    def __init__(
        self,
        h: int = 24,
        *,
        input_size: int | str = "auto",
        strategy: str = "direct",
        encoder: str | type[nn.Module] = "lstm",
        bidirectional: bool = False,
        hidden_size: int | str = "auto",
        num_layers: int | str = "auto",
        connections: str = "plain",
        normalization: str | None = None,
        activation: str = "tanh",
        init: str = "default",
        init_gain: float = 1.0,
        pooling: str = "last",
        head_sizes: tuple[int, ...] | str = "auto",
        window_scaling: str | None = "auto",
        skip: str | None = "auto",
        fold: int | str | None = "auto",
        season_length: int | str = "auto",
        calendar: bool | str = "auto",
        loss: str = "auto",
        quantiles: tuple[float, ...] = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975),
        teacher_forcing: float = 0.5,
        dropout: float | str = "auto",
        head_dropout: float | str = "auto",
        optimizer: str = "adamw",
        learning_rate: float | str = "auto",
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        schedule: str = "auto",
        max_epochs: int | str = "auto",
        batch_size: int | str = "auto",
        patience: int | str | None = "auto",
        clip_grad_norm: float | None = 1.0,
        clip_grad_value: float | None = None,
        truncated_bptt_steps: int | None = None,
        device: str = "auto",
        n_threads: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.h = h
        self.input_size = input_size
        self.strategy = strategy
        self.encoder = encoder
        self.bidirectional = bidirectional
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.connections = connections
        self.normalization = normalization
        self.activation = activation
        self.init = init
        self.init_gain = init_gain
        self.pooling = pooling
        self.head_sizes = head_sizes
        self.window_scaling = window_scaling
        self.skip = skip
        self.fold = fold
        self.season_length = season_length
        self.calendar = calendar
        self.loss = loss
        self.quantiles = quantiles
        self.teacher_forcing = teacher_forcing
        self.dropout = dropout
        self.head_dropout = head_dropout
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.schedule = schedule
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.patience = patience
        self.clip_grad_norm = clip_grad_norm
        self.clip_grad_value = clip_grad_value
        self.truncated_bptt_steps = truncated_bptt_steps
        self.device = device
        self.n_threads = n_threads
        self.random_state = random_state
        self.verbose = verbose

    def fit(
        self,
        df: Any,
        *,
        id_col: str = "unique_id",
        time_col: str = "ds",
        target_col: str | Sequence[str] = "y",
        past: str | Sequence[str] = (),
        future: str | Sequence[str] = (),
        static: Any = (),
        freq: Any = None,
        val_size: int | None = None,
    ) -> Self:
        """Fit to a long frame: one row a series and time.

        Parameters
        ----------
        df : DataFrame of pandas or polars
        id_col, time_col : str
            Without a column ``unique_id`` all rows are one series.
        target_col : str or sequence of str
            What to forecast; several are forecast together. Values may be missing, rows not.
        past, future : str or sequence of str
            Covariates known up to now, and those known ahead.
        static : str, sequence of str, or DataFrame
            Covariates of a whole series: columns of ``df``, or a frame with a row a series.
        freq : int, str or pandas offset, optional
            Step between times; found from them by default.
        val_size : int, optional
            Last rows of each series that choose the best epoch and calibrate the intervals:
            by default ``h``, of fewer than 30 series a tenth of their length if that is more.
            0 trains on all rows; there are no intervals then.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the frame or a parameter is not usable, as by a gap in time; the message names
            the series and says what to do.
        """
        columns = {"id_col": id_col, "time_col": time_col, "target_col": target_col}
        covariates = {"past": past, "future": future, "static": static}
        return self._fit(read_panel(df, **columns, **covariates, freq=freq), val_size)

    def _fit(self, panel: Panel, val_size: int | None = None) -> Self:
        seed = seed_of(self.random_state)
        split = self._prepare(panel, val_size, seed)
        shape = self._window_shape()
        training = split.training(self.encoding_.source(panel.until(split.n_training)), *shape)
        source = self.encoding_.source(panel)
        validation = split.validation(source, *shape) if split.validates else None
        self._train(training, validation, seed)
        self.receipt_ |= {"series": len(panel), "data_sha256": panel_fingerprint(panel)}
        self.calibration_ = self._calibrated(split, source) if split.validates else None
        self.panel_ = last_rows(panel, shape[0])
        return self

    def _prepare(self, panel: Panel, val_size: int | None, seed: int) -> ForecastSplit:
        """Decide on "auto", learn the scales and build the network: all of a fit but training."""
        encoder, bidirectional = check_forecast_parameters(self.get_params(deep=False), panel)
        split = ForecastSplit.of(panel, int(self.h), val_size)
        training = panel.until(split.n_training)
        facts = ForecastFacts.of(training, int(self.h), self._steps())
        chosen = resolve(self.get_params(deep=False), facts)
        self.fitted_parameters_ = chosen
        self.encoding_ = WindowEncoding.learn(training, bool(chosen["calendar"]))
        self.architecture_ = {
            "n_channels": self.encoding_.n_channels,
            "n_targets": panel.y.shape[1],
            "horizon": self._steps(),
            "input_size": int(chosen["input_size"]),
            "n_future": self.encoding_.n_ahead,
            "n_static": panel.static.shape[1],
            "n_outputs_per_step": len(self._quantiles()) or 1,
            "encoder": encoder,
            "bidirectional": bidirectional,
            "strategy": "seq2seq" if self.strategy == "seq2seq" else "direct",
            "head_sizes": [int(size) for size in chosen["head_sizes"]],
        } | {name: chosen[name] for name in ARCHITECTURE}
        self.network_ = build_forecast_network(
            self.architecture_, init=self.init, init_gain=float(self.init_gain), seed=seed
        )
        return split

    def _steps(self) -> int:
        """Steps that the network answers at once."""
        return 1 if self.strategy == "recursive" else int(self.h)

    def _window_shape(self) -> tuple[int, int, str | None]:
        chosen = self.fitted_parameters_
        return int(chosen["input_size"]), self._steps(), chosen["window_scaling"]

    def _quantiles(self) -> tuple[float, ...]:
        """Quantiles of each step that the network answers; none if it answers one value."""
        if self.fitted_parameters_["loss"] != "quantile":
            return ()
        return tuple(sorted(map(float, self.quantiles)))

    def _objective(self) -> Objective:
        return forecast_objective(self.fitted_parameters_["loss"], self._quantiles())

    def _after_batch(self, bar: OnBatch | None, max_epochs: int) -> OnBatch | None:
        if self.strategy != "seq2seq":
            return bar

        def after_batch(epoch: int, batch: int, n_batches: int, last: dict[str, float]) -> None:
            done = (epoch - 1 + batch / n_batches) / max_epochs
            self.network_.teacher_forcing = self.teacher_forcing * (1 - done)
            if bar is not None:
                bar(epoch, batch, n_batches, last)

        return after_batch

    def _forecast(self, windows: Windows, steps: int) -> np.ndarray:
        """Forecast (n, steps, K, Q) in the units of the windows' source."""
        with computing(self.network_, self.device, self._threads()) as team:
            return forecast_windows(self.network_, windows, steps, team)

    def _calibrated(self, split: ForecastSplit, source: WindowSource) -> Calibration:
        input_size, _, scaling = self._window_shape()
        windows = split.calibration(source, input_size, int(self.h), scaling)
        found = self._forecast(windows.over(self._steps()), int(self.h))
        location, scale = (part[:, None] for part in windows.frame)
        truth = windows.targets * scale + location
        quantiles = self._quantiles()
        outside = {
            name: np.maximum(low - truth, truth - high) / scale
            for name, (low, high) in base_intervals(found, quantiles).items()
        }
        return Calibration.learn((truth - middle_of(found)) / scale, outside)

    def predict(
        self,
        h: int | None = None,
        df: Any = None,
        X_future: Any = None,
        level: Sequence[float] | None = LEVELS,
        static: Any = None,
    ) -> Any:
        """Forecast the steps after the last row of each series.

        Parameters
        ----------
        h : int, optional
            Steps ahead; the trained ``h`` by default. Beyond it, forecasts are read again as
            if they were observed.
        df : DataFrame, optional
            Other or newer rows, in the columns of ``fit``, of series that need not have been
            in it; by default the rows of ``fit``.
        X_future : DataFrame, optional
            The ``future`` covariates of the steps ahead, with id and time.
        level : sequence of float or None, default (80, 95)
            Percent that the prediction intervals should hold.
        static : DataFrame, optional
            Of the series in ``df``, if ``fit`` took a frame of them.

        Returns
        -------
        DataFrame of pandas or polars, as ``fit`` or ``df`` was
            One row a series and time: id, time, the forecast under the encoder's name, and
            ``-lo-`` and ``-hi-`` columns for each level; with several targets also
            ``variable``.

        Raises
        ------
        ValueError
            If rows or covariates are missing; the message says which.
        """
        check_is_fitted(self, "network_")
        steps = int(self.h) if h is None else check_count("h", h)
        levels = check_levels(level)
        panel = self.panel_ if df is None else self._read(df, static)
        ahead = self._read_future(panel, X_future, steps)
        return panel.frame(self.forecast_panel(panel, steps, ahead, levels).columns(self.name), steps)

    def forecast_panel(
        self, panel: Panel, steps: int, ahead: np.ndarray, levels: Sequence[float] = ()
    ) -> Forecasts:
        """Forecast a panel of the columns that ``fit`` read.

        Parameters
        ----------
        panel : Panel
        steps : int
        ahead : ndarray of shape (S, steps, F)
            The future covariates.
        levels : sequence of float

        Returns
        -------
        Forecasts
        """
        if steps > self._steps() and self.strategy != "seq2seq" and panel.past.shape[1]:
            raise ValueError(
                f"h={steps} is beyond the {self._steps()} steps that were trained, and the past "
                f"covariates {', '.join(panel.names.past)} are not known there; fit with "
                f"h={steps}, or name them in future="
            )
        if levels and self.calibration_ is None:
            raise ValueError(
                "there were no validation rows to learn intervals from; pass level=None, or fit "
                "with a val_size above 0 and longer series"
            )
        input_size, horizon, scaling = self._window_shape()
        recent = last_rows(panel, input_size)
        source = self.encoding_.source(extended(recent, steps, ahead))
        ends = source.offsets[1:] - steps
        windows = Windows(source, np.arange(len(panel)), ends, input_size, horizon, scaling)
        found = self._forecast(windows, steps)
        location, scale = (part[:, None] for part in self.encoding_.scales_of(panel))
        window_scale = windows.frame[1][:, None]
        lower, upper = {}, {}
        for level, (low, high) in base_intervals(found, self._quantiles(), levels).items():
            name = level if self._quantiles() else POINT
            more = self.calibration_.widening(name, level, steps) * window_scale
            lower[level] = (low - more) * scale + location
            upper[level] = (high + more) * scale + location
        return Forecasts(middle_of(found) * scale + location, lower, upper)

    def cross_validation(
        self,
        df: Any,
        n_windows: int = 5,
        step_size: int | None = None,
        *,
        refit: bool = True,
        level: Sequence[float] | None = LEVELS,
        baselines: Sequence[str] = ("naive", "seasonal_naive"),
        id_col: str = "unique_id",
        time_col: str = "ds",
        target_col: str | Sequence[str] = "y",
        past: str | Sequence[str] = (),
        future: str | Sequence[str] = (),
        static: Any = (),
        freq: Any = None,
        val_size: int | None = None,
    ) -> Any:
        """Forecast from several moments of the past (rolling origin).

        At each cutoff a fresh model, with fresh scales, is fitted to the rows up to it. This
        estimator itself is left as it was.

        Parameters
        ----------
        df : DataFrame of pandas or polars
        n_windows : int, default 5
            Cutoffs; the last lies ``h`` steps before each series' end.
        step_size : int, optional
            Steps between cutoffs; ``h`` by default.
        refit : bool, default True
            Whether every cutoff has a model of its own. If not, the first cutoff's model
            forecasts from all, reading the rows up to each.
        level : sequence of float or None, default (80, 95)
        baselines : sequence of str, default ("naive", "seasonal_naive")
            Forecasts beside the network's.
        id_col, time_col, target_col, past, future, static, freq, val_size
            As ``fit`` takes them.

        Returns
        -------
        DataFrame of pandas or polars, as ``df`` was
            One row a series, cutoff and time: the columns of ``predict``, the ``cutoff`` (last
            time that was known), the truth, and each baseline with its intervals.

        References
        ----------
        Hyndman & Athanasopoulos (2021), "Forecasting: Principles and Practice", section 5.10.
        """
        columns = {"id_col": id_col, "time_col": time_col, "target_col": target_col}
        covariates = {"past": past, "future": future, "static": static}
        panel = read_panel(df, **columns, **covariates, freq=freq)
        return backtest(
            {self.name: self},
            panel,
            h=int(self.h),
            n_windows=check_count("n_windows", n_windows),
            step_size=int(self.h) if step_size is None else check_count("step_size", step_size),
            refit=refit,
            levels=check_levels(level),
            baselines=baselines,
            val_size=val_size,
        ).frame

    @property
    def name(self) -> str:
        """What the columns of forecasts are called: the encoder."""
        encoder = self.encoder if isinstance(self.encoder, str) else self.encoder.__name__
        return f"bi{encoder}" if self.bidirectional and not encoder.startswith("bi") else encoder

    @property
    def n_parameters_(self) -> int:
        """Number of weights that training could change."""
        return sum(weight.numel() for weight in self.network_.parameters())

    def _read(self, df: Any, static: Any) -> Panel:
        names = self.panel_.names
        return read_panel(
            df,
            id_col=names.id,
            time_col=names.time,
            target_col=names.targets,
            past=names.past,
            future=names.future,
            static=names.static if static is None else static,
            freq=self.encoding_.frequency,
        )

    def _read_future(self, panel: Panel, X_future: Any, steps: int) -> np.ndarray:
        names = panel.names.future
        if not names:
            return np.empty((len(panel), steps, 0))
        if X_future is None:
            raise ValueError(
                f"the model was fitted with the future covariates {', '.join(names)}; pass "
                f"X_future with their values for the {steps} steps ahead of each series"
            )
        return panel.read_future(X_future, steps)

    def _own_to_json(self) -> dict[str, Any]:
        return state_to_json(self.encoding_, self.panel_)

    def _own_arrays(self) -> dict[str, np.ndarray]:
        return state_arrays(self.encoding_, self.panel_, self.calibration_)

    def _own_from_file(
        self, header: dict[str, Any], arrays: dict[str, np.ndarray], code: dict[str, Any]
    ) -> None:
        self.encoding_, self.panel_, self.calibration_ = state_from_file(header, arrays)
