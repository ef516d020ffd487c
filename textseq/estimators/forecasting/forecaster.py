"""Series to their next values: one network over many series, with intervals and backtests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from textseq.checks import check_count
from textseq.corpus.panels import is_series_source, panel_of
from textseq.estimators.checkpoint import Checkpoint
from textseq.estimators.declared import declared
from textseq.estimators.distributed import Distributed, has_workers, kept_and_shared
from textseq.estimators.finished_fits import FinishedFits
from textseq.estimators.forecasting.backtest import backtest
from textseq.estimators.forecasting.panel_forecaster import PanelForecaster
from textseq.estimators.forecasting.parameters import check_levels
from textseq.estimators.forecasting.recipe import horizon_of
from textseq.estimators.receipt import panel_fingerprint
from textseq.files import StrPath
from textseq.series.columns import is_frame
from textseq.series.panel import Panel
from textseq.training.threads import thread_count

LEVELS = (80, 95)


@declared
class Forecaster(PanelForecaster):
    """Forecast series: one network learns from windows of all of them.

    A parameter of ``"auto"`` is decided from the data at ``fit``; ``fitted_parameters_`` tells
    what was decided.

    {parameters}

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

    @kept_and_shared
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
        checkpoint: StrPath | Checkpoint | None = None,
        distributed: Distributed | None = None,
    ) -> Self:
        """Fit to a long frame: one row a series and time.

        Parameters
        ----------
        df : DataFrame of pandas or polars, path, LazyFrame, dataset or callable
            Rows in any order. Also a file, folder or glob of Parquet, CSV, TSV or JSON lines (.gz
            too), an Arrow table or dataset, a Hugging Face dataset, or a function that returns an
            iterator of frames: such rows are read once, some at a time, and kept in files
            that go with the fit, in the folder of the cache (``TEXTSEQ_CACHE``). Memory holds
            the last rows of each series, some bytes a row, and the longest series.
        id_col, time_col : str
            Without a column ``unique_id`` all rows are one series; files that hold one series
            each are told apart by ``pl.scan_parquet("*.parquet", include_file_paths="unique_id")``.
            Times are whole numbers, dates (also as 20240131), periods, or strings that start with
            the year.
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
        {sharing}

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the frame or a parameter is not usable, as by a gap in time; the message names
            the series and says what to do.
        """
        columns = {
            "id_col": id_col,
            "time_col": time_col,
            "target_col": target_col,
            "past": past,
            "future": future,
            "static": static,
            "freq": freq,
        }
        if has_workers(distributed):
            return distributed.fit(self, df, **columns, val_size=val_size, checkpoint=checkpoint)
        panel = panel_of(df, **columns, fill_gaps=self.fill_gaps)
        with self.fitting(checkpoint, distributed):
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
        df : DataFrame or whatever ``fit`` takes, optional
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
        DataFrame of pandas or polars, as ``fit`` or ``df`` was; of polars where they were files
            One row a series and time: id, time, the forecast under the encoder's name, and
            ``-lo-`` and ``-hi-`` columns for each level; with several targets also
            ``variable``.

        Raises
        ------
        ValueError
            If rows or covariates are missing; the message says which.
        """
        check_is_fitted(self, "network_")
        if is_frame(h) or is_series_source(h):
            raise ValueError("predict takes h first, the steps ahead; pass the rows as df=")
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
        n_jobs: int | None = None,
        checkpoint: StrPath | Checkpoint | None = None,
    ) -> Any:
        """Forecast from several moments of the past (rolling origin).

        At each cutoff a fresh model, with fresh scales, is fitted to the rows up to it. This
        estimator itself is left as it was.

        Parameters
        ----------
        df : DataFrame of pandas or polars, or whatever ``fit`` takes
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
        n_jobs : int, optional
            Fits run side by side, sharing the cores: one at a time by default; within
            ``joblib.parallel_config`` as many as it says, by its back end.
        checkpoint : path-like or Checkpoint, optional
            A folder, made if it is not there, in which the fits are kept, each in a file: those
            that are over are not done again, and others go on where their process was ended.

        Returns
        -------
        DataFrame of pandas or polars, as ``df`` was
            One row a series, cutoff and time: the columns of ``predict``, the ``cutoff`` (last
            time that was known), the truth, and each baseline with its intervals.

        References
        ----------
        Hyndman & Athanasopoulos (2021), "Forecasting: Principles and Practice", section 5.10.
        """
        panel = panel_of(
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
            n_jobs=n_jobs if n_jobs is None else check_count("n_jobs", n_jobs),
            finished=FinishedFits.of(
                checkpoint,
                data_sha256=panel_fingerprint(panel),
                n_threads=thread_count(self.n_threads),
            ),
        ).frame

    def read(self, X: Any) -> Panel:
        """Return a frame in the columns of ``fit``, or of the default names before it."""
        if isinstance(X, Panel):
            return X
        if hasattr(self, "panel_"):
            return self._read(X, None)
        return panel_of(X, fill_gaps=self.fill_gaps)

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
        return panel_of(
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
