"""What a forecaster learns of a panel, and what it forecasts of one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np

from textseq.estimators.base import Prepared, TrainedEstimator
from textseq.estimators.forecasting.encoding import WindowEncoding
from textseq.estimators.forecasting.page import ForecastPage
from textseq.estimators.forecasting.parameters import ForecasterParameters
from textseq.estimators.forecasting.recipe import ForecastFacts, decide_all, horizon_of
from textseq.estimators.forecasting.rolling import forecast_windows
from textseq.estimators.forecasting.split import ForecastSplit, evenly
from textseq.estimators.forecasting.state import (
    check_ids,
    state_arrays,
    state_from_file,
    state_to_json,
)
from textseq.estimators.receipt import panel_fingerprint
from textseq.nn.forecasting import ForecastNetwork
from textseq.series.calibration import POINT, base_intervals, middle_of
from textseq.series.extension import extended, last_rows, n_missing_at_end
from textseq.series.forecasts import Forecasts
from textseq.series.mondrian import (
    FEWEST_APART,
    MondrianCalibration,
    WindowErrors,
    lengths_to_calibrate,
)
from textseq.series.panel import Panel
from textseq.series.scales import error_rates
from textseq.series.wall_clock import WallClock, by_wall_clock
from textseq.series.windows import Windows, WindowShape, WindowSource
from textseq.training.devices import computing
from textseq.training.forecast_objective import forecast_objective
from textseq.training.loop import OnBatch
from textseq.training.objectives import Objective
from textseq.training.threads import thread_count

# Windows that tell which series are forecast how well: so many, or so many a series.
MOST_TRAINED_WINDOWS = 2_000
TRAINED_WINDOWS_PER_SERIES = 5
# Of these so many are forecast together, which bounds memory where series are many.
WINDOWS_TOGETHER = 2**14
# Windows cut short, of each length, that tell how far forecasts of short series are off.
MOST_SHORTENED_WINDOWS = 200


class PanelForecaster(ForecasterParameters, ForecastPage, TrainedEstimator):
    """Base of ``Forecaster``, between whose frames and network the panels stand."""

    network_kind = ForecastNetwork
    reads = "windows"
    encoding_: WindowEncoding
    panel_: Panel
    calibration_: MondrianCalibration | None

    @abstractmethod
    def read(self, X: Any) -> Panel:
        """Return a frame in the columns of ``fit``, or of the default names before it."""

    def fit_panel(self, panel: Panel, val_size: int | None = None) -> Self:
        """Fit to all series of a panel.

        Parameters
        ----------
        panel : Panel
        val_size : int, optional
            Last rows of each series that choose the best epoch and calibrate the intervals.

        Returns
        -------
        self
        """
        panel.names.refuse_taken([self.name])
        check_ids(panel.ids)
        seed = self._seed()
        given, panel = panel, by_wall_clock(panel)
        split = self._build(panel, val_size, seed)
        source = self._source(panel)
        prepared = self._prepared(source, split, seed)
        prepared.notes["data_sha256"] = panel_fingerprint(given)
        self._train(prepared)
        self.calibration_ = None
        if split.validates:
            self._learn_error_rates(split, source)
            roughness, error_rate = self.encoding_.difficulty_of(panel)
            judged = replace(source, roughness=roughness, error_rate=error_rate)
            self.calibration_ = self._calibrated(split, judged)
            if self.retrain and not self.interrupted_:
                self._train_on_all(source, split, prepared)
        self.panel_ = self._recent(given)
        return self

    def prepare(self, X: Any, y: None = None) -> Prepared:
        """Check, decide on "auto", learn the scales and build the network: all but training.

        Parameters
        ----------
        X : DataFrame
            In the columns of ``fit``, or of the default names before it.
        y : None
            Frames hold their own targets.
        """
        panel = by_wall_clock(self.read(X))
        seed = self._seed()
        split = self._build(panel, None, seed)
        return self._prepared(self._source(panel), split, seed)

    def rows(self, X: Any, y: None = None) -> Windows:
        """Return the windows of a frame, as the fitted network reads them, and what follows."""
        panel = by_wall_clock(self.read(X))
        split = ForecastSplit.of(panel, self.horizon_, 0)
        return split.training(self._source(panel), self._window_shape())

    def _prepared(self, source: WindowSource, split: ForecastSplit, seed: int) -> Prepared:
        """Cut the windows of series that are split, once the scales are learned."""
        shape = self._window_shape()
        training = split.training(source, shape)
        validation = split.validation(source, shape) if split.validates else None
        notes = {"series": len(split.lengths)}
        return Prepared(self.network_, training, validation, self.objective(), seed, notes=notes)

    def _resolved_for(self, panel: Panel) -> tuple[Any, bool]:
        """Check all parameters; return the encoder without shorthand, and whether bidirectional."""
        found = self._resolved(self._given())
        if self.strategy == "recursive" and panel.past.shape[1] and self.h != 1:
            raise ValueError(
                f"strategy='recursive' reads its own forecasts, and the past covariates "
                f"{', '.join(panel.names.past)} are not known there; use strategy='direct', or "
                "name them in future="
            )
        return found

    def _build(self, panel: Panel, val_size: int | None, seed: int) -> ForecastSplit:
        """Decide on "auto", learn the scales and build the network; return who validates."""
        encoder, bidirectional = self._resolved_for(panel)
        h = horizon_of(self.h, panel, self.season_length)
        split = ForecastSplit.of(panel, h, val_size)
        training = panel.until(split.n_training)
        steps = 1 if self.strategy == "recursive" else h
        facts = ForecastFacts.of(training, h, steps, self.season_length)
        chosen = decide_all(self._given() | {"h": h}, facts)
        self.fitted_parameters_ = chosen
        self.encoding_ = WindowEncoding.learn(
            training, bool(chosen["calendar"]), int(chosen["season_length"])
        )
        self._build_network(
            int(chosen["input_size"]),
            seed,
            n_channels=self.encoding_.n_channels,
            n_targets=panel.y.shape[1],
            horizon=self._steps(),
            n_future=self.encoding_.n_ahead,
            n_static=panel.static.shape[1],
            n_outputs_per_step=len(self._quantiles()) or 1,
            encoder=encoder,
            bidirectional=bidirectional,
            strategy="seq2seq" if self.strategy == "seq2seq" else "direct",
        )
        return split

    def _train_on_all(self, source: WindowSource, split: ForecastSplit, prepared: Prepared) -> None:
        """Train anew on all rows, for as many epochs as validated best."""
        judged, history = self.receipt_, self.history_
        self._build_network(self.architecture_["input_size"], prepared.seed, **self.architecture_)
        everything = ForecastSplit(split.lengths, split.lengths)
        rows = everything.training(source, self._window_shape())
        anew = replace(prepared, network=self.network_, rows=rows, validation=None)
        self._train(anew, max_epochs=judged["best_epoch"])
        # What validation said of the first network.
        kept = ("validation_rows", "epochs", "best_epoch", "validation_score")
        self.receipt_ |= {name: judged[name] for name in kept}
        self.history_ = history

    def _steps(self) -> int:
        """Return how many steps the network answers at once."""
        return 1 if self.strategy == "recursive" else self.horizon_

    @property
    def horizon_(self) -> int:
        """Steps ahead that were trained."""
        return int(self.fitted_parameters_["h"])

    def _source(self, panel: Panel) -> WindowSource:
        return self.encoding_.source(panel, int(self.fitted_parameters_["season_length"]))

    def _recent(self, panel: Panel) -> Panel:
        """Keep the rows of the last windows, and of what values missing at their ends follow."""
        late = int(n_missing_at_end(panel).max())
        n_rows = int(self.fitted_parameters_["input_size"]) + late
        return last_rows(panel, n_rows + panel.frequency.most_repeated)

    def _window_shape(self) -> WindowShape:
        chosen = self.fitted_parameters_
        return WindowShape(
            int(chosen["input_size"]),
            self._steps(),
            chosen["window_scaling"],
            int(chosen["season_length"]),
        )

    def _quantiles(self) -> tuple[float, ...]:
        """Return the quantiles of each step that the network answers; none if it is one value."""
        if self.fitted_parameters_["loss"] != "quantile":
            return ()
        return tuple(sorted(map(float, self.quantiles)))

    def objective(self) -> Objective:
        """Return what training minimises and validation scores."""
        return forecast_objective(self.fitted_parameters_["loss"], self._quantiles())

    def _after_batch(self, on_batch: OnBatch, max_epochs: int) -> OnBatch:
        if self.strategy != "seq2seq":
            return on_batch

        def after_batch(epoch: int, batch: int, n_batches: int, last: dict[str, float]) -> None:
            done = (epoch - 1 + batch / n_batches) / max_epochs
            self.network_.teacher_forcing = self.teacher_forcing * (1 - done)
            on_batch(epoch, batch, n_batches, last)

        return after_batch

    def _forecast(self, windows: Windows, steps: int) -> np.ndarray:
        """Forecast (n, steps, K, Q) in the units of the windows' source."""
        with computing(self.network_, self.device, thread_count(self.n_threads)) as team:
            return forecast_windows(self.network_, windows, steps, team)

    def _learn_error_rates(self, split: ForecastSplit, source: WindowSource) -> None:
        """Learn which series are forecast how well, from windows that were trained on."""
        shape = self._window_shape()._replace(horizon=self.horizon_)
        windows = split.training(source, shape)
        trained = np.flatnonzero(split.n_training > 0)  # the series of ``encoding_.ids``
        most = max(MOST_TRAINED_WINDOWS, TRAINED_WINDOWS_PER_SERIES * len(trained))
        windows = windows.take(evenly(len(windows), most))
        errors, difficulty = [], []
        for start in range(0, len(windows), WINDOWS_TOGETHER):
            found = self._errors(windows.take(slice(start, start + WINDOWS_TOGETHER)), 1.0)
            errors.append(found.errors)
            difficulty.append(found.difficulty)
        series = np.searchsorted(trained, windows.series)
        rates = error_rates(
            np.concatenate(errors), np.concatenate(difficulty), series, len(trained)
        )
        self.encoding_ = self.encoding_.with_error_rates(*rates)

    def _calibrated(self, split: ForecastSplit, source: WindowSource) -> MondrianCalibration:
        windows = split.calibration(source, self._window_shape()._replace(horizon=self.horizon_))
        n_apart = split.n_validation / self.horizon_
        longest = int(windows.lengths.max())
        found = []
        for length in lengths_to_calibrate(longest, windows.shape.season_length):
            as_long = np.flatnonzero(windows.lengths >= length)
            share = len(as_long) / len(windows)
            if share * n_apart < min(FEWEST_APART, n_apart / 2):
                break
            if length < longest:
                as_long = as_long[evenly(len(as_long), MOST_SHORTENED_WINDOWS)]
            found.append(self._errors(windows.take(as_long).cut_to(length), share))
        return MondrianCalibration.learn(found, n_apart)

    def _errors(self, windows: Windows, share: float) -> WindowErrors:
        """Return how far forecasts of windows are off."""
        found = self._forecast(windows.over(self._steps()), self.horizon_)
        location, scale = (part[:, None] for part in windows.location_scale)
        truth = windows.targets * scale + location
        outside = {
            name: np.maximum(low - truth, truth - high)
            for name, (low, high) in base_intervals(found, self._quantiles()).items()
        }
        errors = truth - middle_of(found)
        return WindowErrors(windows.shape.input_size, share, windows.difficulty, errors, outside)

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
        parts = self._recent(panel).parts()
        return Forecasts.joined(
            self._forecast_some(part, steps, ahead[series], levels) for series, part in parts
        )

    def _forecast_some(
        self, given: Panel, steps: int, ahead: np.ndarray, levels: Sequence[float]
    ) -> Forecasts:
        """Forecast the last rows of some series."""
        clock = WallClock.of(given, steps)
        recent, n_rows = clock.panel, clock.n_steps
        times = clock.spread(given.future_times(steps))
        source = self._source(extended(recent, n_rows, clock.spread(ahead), times))
        ends = source.offsets[1:] - n_rows
        windows = Windows(source, ends, self._window_shape())
        found = self._forecast(windows, n_rows)
        location, scale = (part[:, None] for part in self.encoding_.scales_of(recent))
        # Steps are counted from the last value that is known.
        late = n_missing_at_end(recent)
        step = np.arange(n_rows)[:, None] + late[:, None]  # (S, n_rows, K)
        lower, upper = {}, {}
        for level, (low, high) in base_intervals(found, self._quantiles(), levels).items():
            name = level if self._quantiles() else POINT
            assert self.calibration_ is not None
            widening = self.calibration_.widening(
                name, level, n_rows + int(late.max()), windows.lengths, windows.difficulty
            )
            more = np.take_along_axis(widening, step, axis=1)
            lower[level] = (low - more) * scale + location
            upper[level] = (high + more) * scale + location
        return Forecasts(middle_of(found) * scale + location, lower, upper).at(clock)

    @property
    def name(self) -> str:
        """What the columns of forecasts are called: the encoder."""
        encoder = self.encoder if isinstance(self.encoder, str) else self.encoder.__name__
        return f"bi{encoder}" if self.bidirectional and not encoder.startswith("bi") else encoder

    def _own_to_json(self) -> dict[str, Any]:
        return state_to_json(self.encoding_, self.panel_)

    def _own_arrays(self) -> dict[str, np.ndarray]:
        return state_arrays(self.encoding_, self.panel_, self.calibration_)

    def _own_from_file(
        self, header: dict[str, Any], arrays: dict[str, np.ndarray], code: dict[str, Any]
    ) -> None:
        self.encoding_, self.panel_, self.calibration_ = state_from_file(header, arrays)
