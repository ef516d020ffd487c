"""Series to their next values: one network over many series, with intervals and backtests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted
from torch import nn

from textseq.estimators.backtest import backtest
from textseq.estimators.checks import check_count
from textseq.estimators.forecast_defaults import horizon_of
from textseq.estimators.forecast_parameters import check_levels
from textseq.estimators.panel_forecaster import PanelForecaster
from textseq.series.columns import is_frame
from textseq.series.panel import Panel, read_panel

LEVELS = (80, 95)


class Forecaster(PanelForecaster):
    """Forecast series: one network learns from windows of all of them.

    A parameter of ``"auto"`` is decided from the data at ``fit``; ``fitted_parameters_`` tells
    what was decided.

    Parameters
    ----------
    h : int or "auto"
        Steps ahead that are trained; ``predict`` goes beyond them if asked. By default 24, of
        series under 72 rows fewer.
    input_size : int or "auto"
        Steps of a window: what the network reads before it forecasts.
    strategy : {"direct", "recursive", "seq2seq"}, default "direct"
        "direct" answers all steps at once; "recursive" one step, which is then read as if it
        were observed; "seq2seq" has a decoder that reads its own last answer.
    encoder : str or nn.Module subclass, default "lstm"
        As in ``TextClassifier``.
    bidirectional, hidden_size, num_layers, connections, normalization, activation
        Of the encoder.
    init, init_gain, truncated_bptt_steps
        Of the encoder.
    pooling : {"last", "mean", "max", "attention", "concat"}, default "last"
        How the hidden states of a window become one vector.
    head_sizes : tuple of int or "auto"
        Units of hidden layers between that vector and the forecast.
    window_scaling : {"last", "standard", "seasonal"}, None or "auto"
        What each window is scaled by, after its series' own mean and standard deviation in the
        training rows: less its last value; less its mean and divided by its standard deviation;
        or divided by its mean absolute change over a season. It is put back into the forecast.
    skip : {"linear", "seasonal", "linear+seasonal"}, None or "auto"
        What stands beside the encoder and is added to its answer: a linear layer over the
        window, or the window's seasons, weighted by what the encoder saw.
    fold : int, None or "auto"
        Steps that are read as one, such as the hours of a day.
    season_length : int or "auto"
        Steps in a season; by the frequency. Hours with a time zone are those on the wall; series
        that follow the sun, not the clock, are better given in UTC.
    calendar : bool or "auto"
        Whether hour, weekday and so on, as far as the frequency has them, are read.
    fill_gaps : {"error", "interpolate", "zero"}, default "error"
        What becomes of steps within a series that have no row: they are refused; or they get one,
        whose target and covariates are on the line between the known values around it, or 0, as
        of sales on days without any. A backtest judges by filled values as by any other.
    loss : {"mae", "mse", "huber", "quantile"} or "auto"
        What training minimises, in the windows' scale.
    quantiles : tuple of float
        What "quantile" learns: ends of intervals around the median.
    teacher_forcing : float, default 0.5
        Of "seq2seq": how often, at the start of training, the decoder reads the truth instead
        of its own answer; falls to 0 at the end.
    dropout, head_dropout : float or "auto"
        Between recurrent layers and before the head; on the head's hidden layers.
    optimizer, learning_rate, momentum, weight_decay, schedule, max_epochs, batch_size
        Training, as in ``TextClassifier``; an epoch sees every window once.
    retrain : bool, default True
        Whether, once the validation rows have chosen the epoch and calibrated the intervals, a
        fresh network is trained on all rows, the validation rows included.
    patience, clip_grad_norm, clip_grad_value, device, n_threads, random_state, verbose
        Likewise.

    Attributes
    ----------
    fitted_parameters_ : dict
        All parameters with "auto" decided.
    encoding_ : WindowEncoding
        Scales of each series and covariate, from the training rows alone.
    calibration_ : MondrianCalibration or None
        Errors on the validation rows, which the prediction intervals come from.
    history_, receipt_, interrupted_
        As in ``TextClassifier``.

    Notes
    -----
    Prediction intervals are split conformal, of the validation rows' errors; with
    ``loss="quantile"`` the forecast quantiles are widened or narrowed by them. Errors are scaled
    by how difficult a window is (the changes in it, and how well its series was learned), and
    windows unlike in length or difficulty do not share them (Mondrian conformal prediction), so
    that short and new series, and those that hardly ever change, have intervals of their own.

    References
    ----------
    Windows less their last value, and the linear layer: Zeng et al. (2023), "Are Transformers
    Effective for Time Series Forecasting?", section 4; one network for many series: Salinas et
    al. (2020), "DeepAR"; intervals by groups: Boström & Johansson (2020), "Mondrian conformal
    regressors"; scheduled teacher forcing: Bengio et al. (2015), "Scheduled Sampling
    for Sequence Prediction with Recurrent Neural Networks".

    Examples
    --------
    >>> from textseq import Forecaster, load_sample
    >>> passengers = load_sample("airpassengers")
    >>> model = Forecaster(h=12, random_state=0, n_threads=1).fit(passengers)
    >>> model.predict(level=(90,)).columns.tolist()
    ['unique_id', 'ds', 'lstm', 'lstm-lo-90', 'lstm-hi-90']
    """

    def __init__(
        self,
        h: int | str = "auto",
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
        fill_gaps: str = "error",
        loss: str = "auto",
        quantiles: tuple[float, ...] = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975),
        teacher_forcing: float = 0.5,
        dropout: float | str = "auto",
        head_dropout: float | str = "auto",
        optimizer: str = "adamw",
        learning_rate: float | str = "auto",
        momentum: float = 0.9,
        weight_decay: float | str = "auto",
        schedule: str = "auto",
        max_epochs: int | str = "auto",
        batch_size: int | str = "auto",
        patience: int | str | None = "auto",
        retrain: bool = True,
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
        self.fill_gaps = fill_gaps
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
        self.retrain = retrain
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
            Without a column ``unique_id`` all rows are one series. Times are whole numbers, dates
            (also as 20240131), periods, or strings that start with the year.
        target_col : str or sequence of str
            What to forecast; several are forecast together. Values may be missing; rows
            only with ``fill_gaps``.
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
        panel = read_panel(
            df,
            id_col=id_col,
            time_col=time_col,
            target_col=target_col,
            past=past,
            future=future,
            static=static,
            freq=freq,
            fill_gaps=self.fill_gaps,
        )
        return self.fit_panel(panel, val_size)

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
            Steps ahead; those trained by default. Beyond it, forecasts are read again as
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
        if is_frame(h):
            raise ValueError("predict takes h first, the steps ahead; pass the frame as df=")
        steps = self.horizon_ if h is None else check_count("h", h)
        levels = check_levels(level)
        panel = self.panel_ if df is None else self._read(df, static)
        ahead = self._read_future(panel, X_future, steps)
        return panel.frame(
            self.forecast_panel(panel, steps, ahead, levels).columns(self.name), steps
        )

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
            Cutoffs; the last lies ``h`` steps before each series' end. An ``h`` of "auto" is as
            large as leaves rows to train and calibrate on before all of them, at most 24.
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
        panel = read_panel(
            df,
            id_col=id_col,
            time_col=time_col,
            target_col=target_col,
            past=past,
            future=future,
            static=static,
            freq=freq,
            fill_gaps=self.fill_gaps,
        )
        n_windows = check_count("n_windows", n_windows)
        h = horizon_of(self.h, panel, self.season_length, n_windows)
        return backtest(
            {self.name: clone(self).set_params(h=h)},
            panel,
            h=h,
            n_windows=n_windows,
            step_size=h if step_size is None else check_count("step_size", step_size),
            refit=refit,
            levels=check_levels(level),
            baselines=baselines,
            val_size=val_size,
            season_length=None if self.season_length == "auto" else int(self.season_length),
        ).frame

    def _read(self, df: Any, static: Any) -> Panel:
        names = self.panel_.names
        if static is None and is_frame(df):
            lacking = [name for name in names.static if name not in df.columns]
            if lacking:
                raise ValueError(
                    f"the model was fitted with the static covariates {', '.join(names.static)}, "
                    f"and df has no column {lacking[0]!r}; pass static=, a frame with a row a "
                    "series, or add it to df"
                )
        return read_panel(
            df,
            id_col=names.id,
            time_col=names.time,
            target_col=names.targets,
            past=names.past,
            future=names.future,
            static=names.static if static is None else static,
            freq=self.encoding_.frequency,
            fill_gaps=self.fill_gaps,
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
