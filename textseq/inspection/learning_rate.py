"""The learning rate, found by raising it batch by batch until training breaks down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch

from textseq.batches import NetworkRows, Plan
from textseq.checks import check_count, check_number
from textseq.estimators.base import TrainedEstimator
from textseq.figures import ACCENT, INK, MUTED, bare, figure_style, new_figure
from textseq.inspection.result import Inspection
from textseq.inspection.rows import prepared_copy
from textseq.marks import keep_marks
from textseq.nn.normalization import BatchNorm
from textseq.nn.trainable import Trainable
from textseq.training.distinct_tokens import count_trained
from textseq.training.loop import TrainingError
from textseq.training.objectives import Objective
from textseq.training.outputs import as_tensors
from textseq.training.step import Trainer
from textseq.training.threads import ThreadTeam

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Training rows whose loss is taken after every batch. Batches are of rows of like length, and
# training drops units at random: their own losses jump about too much to read a bend from.
SAMPLE_ROWS = 128
# Weight of the past in the smoothed loss.
SMOOTHING = 0.8
# Rise above the lowest loss, as a share of the first one, that is called a turn.
TURNED = 0.1
# The loss that ends the test, as a multiple of the lowest. It must be above the first one too:
# a set that is easily learned has a lowest loss near 0.
DIVERGED = 4.0
# How far below the turn the suggestion lies. Trained for five epochs at it, 14 of 16 fits (eight
# pairs of a shipped sample and a network, two seeds) scored no less than at the default rate.
# The rates of steepest descent and a tenth of that of the lowest loss, which are also in use,
# differed tenfold between seeds.
SAFETY = 20.0
# A loss that has fallen by less than this share has hardly fallen.
HARDLY = 0.02


@dataclass(frozen=True, eq=False)
class LearningRateRange(Inspection):
    """The loss as the learning rate rises.

    Parameters
    ----------
    table : DataFrame
        One row a batch: ``learning_rate`` of its step, ``loss`` of a fixed sample of the
        training rows after it, ``smoothed`` (mean of the losses so far, the recent ones
        weighing most).
    verdict : str
    suggestion : float
        The rate to fit with.
    turn : float or None
        The rate at which the smoothed loss turns up; None if it never does.
    """

    suggestion: float
    turn: float | None

    def plot(self) -> Figure:
        """Draw the loss against the learning rate, with the turn and the suggestion marked."""
        rates, smoothed = self.table["learning_rate"], self.table["smoothed"]
        with figure_style():
            figure = new_figure(3.0, self.message())
            axes = figure.add_subplot()
            axes.plot(rates, self.table["loss"], ".", ms=3.5, color=MUTED, label="loss")
            axes.plot(rates, smoothed, color=ACCENT, lw=1.8, label="smoothed")
            axes.set_xscale("log")
            # The loss after the turn may be of any size; what comes before is what matters.
            low, first = float(smoothed.min()), float(smoothed.iloc[0])
            top = max(first, float(smoothed[rates <= (self.turn or np.inf)].max()))
            margin = max(top - low, 0.1 * top)
            axes.set_ylim(low - 0.25 * margin, top + 0.75 * margin)
            self._mark(axes, "suggestion", self.suggestion, "-")
            if self.turn is not None:
                self._mark(axes, "turn", self.turn, ":")
            values = self.table.rename(columns=lambda name: name.replace("_", " "))
            keep_marks(axes, values, rates, smoothed, spans=True)
            axes.set_xlabel("learning rate, log scale")
            axes.set_ylabel("loss of a fixed sample")
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderpad=0)
            axes.tick_params(axis="y", labelcolor=MUTED)
            axes.grid(axis="y")
            bare(axes, "left")
        return figure

    def message(self) -> str:
        """Return what the figure says."""
        if self.turn is None:
            return f"Up to {self.table['learning_rate'].iloc[-1]:.2g} the loss does not turn up"
        return f"Fit with learning_rate={self.suggestion:g}, well below the turn"

    def _mark(self, axes: Axes, name: str, rate: float, line: str) -> None:
        axes.axvline(rate, color=INK, lw=1.1, ls=line)
        axes.annotate(
            f"{name}\n{rate:.2g}",
            (rate, 1),
            xycoords=("data", "axes fraction"),
            xytext=(-4, -2),
            textcoords="offset points",
            ha="right",
            va="top",
        )


def find_learning_rate(
    model: TrainedEstimator,
    X: Any,
    y: Any = None,
    *,
    lowest: float = 1e-6,
    highest: float = 10.0,
    n_batches: int = 100,
) -> LearningRateRange:
    """Find a learning rate by training a fresh network on ever higher ones.

    A copy of the model, unfitted, is trained as ``fit`` would train it, but for the rate, which
    rises by a constant factor from batch to batch. At first nothing happens, then the loss
    falls, then training breaks down and the loss turns up: the suggestion is a twentieth of
    the rate of that turn. It is for the schedule's highest rate, as ``learning_rate`` is.

    Parameters
    ----------
    model : any estimator
        Fitted or not; it stays as it is.
    X : texts, series, rows of tokens, sources or frame, as ``fit`` takes them
        A frame has the columns of the Forecaster's fit; those of the default names before it.
    y : targets, as ``fit`` takes them
        Not with a Forecaster or a LanguageModel.
    lowest, highest : float, default 1e-6 and 10
        The first batch's rate, and the last one's.
    n_batches : int, default 100
        Batches to train on, over and over the rows if these are few. The test ends earlier
        when the loss passes four times its lowest, and the one it had at first.

    Returns
    -------
    LearningRateRange

    Raises
    ------
    ValueError
        If rows, targets or parameters are not usable, as for ``fit``.
    TrainingError
        If the loss is not a number from the start.

    References
    ----------
    Smith (2017), "Cyclical Learning Rates for Training Neural Networks", section 3.3, with
    rates in geometric progression, and a fixed sample's loss in place of each batch's.

    Examples
    --------
    >>> from textseq import TextClassifier
    >>> texts, labels = ["so good", "so bad"] * 20, ["pos", "neg"] * 20
    >>> model = TextClassifier(encoder="mean", random_state=0)
    >>> found = find_learning_rate(model, texts, labels)
    >>> bool(1e-3 < found.suggestion < 1)
    True
    """
    lowest = check_number("lowest", lowest, above=True)
    highest = check_number("highest", highest, least=lowest, above=True)
    n_batches = check_count("n_batches", n_batches, least=2)
    fresh, prepared = prepared_copy(model, X, y)
    network, data = prepared.network, prepared.rows
    options = fresh.training_options(prepared.seed)
    rates = np.geomspace(lowest, highest, n_batches)
    form = fresh.training_form(prepared)
    with ThreadTeam(1), form:
        trainer = Trainer(network, prepared.objective, options, count_trained(network, data))
        losses = np.array(_losses(trainer, trainer.rows_of_epoch(data, 1.0), prepared.plan, rates))
    smoothed = _smoothed(losses)
    turned = smoothed > np.minimum.accumulate(smoothed) + TURNED * losses[0]
    turn = None
    if turned.any():
        turn = float(rates[turned.argmax()])
    elif len(losses) < n_batches:  # it broke down at once
        turn = float(rates[len(losses)])
    suggestion = float(f"{(highest if turn is None else turn) / SAFETY:.2g}")
    table = pd.DataFrame(
        {"learning_rate": rates[: len(losses)], "loss": losses, "smoothed": smoothed}
    )
    verdict = _verdict(table, suggestion, turn, fresh)
    return LearningRateRange(table, verdict, suggestion, turn)


def _losses(trainer: Trainer, data: NetworkRows, plan: Plan, rates: np.ndarray) -> list[float]:
    """Train a batch at each rate, and return a fixed sample's loss after each."""
    network, objective, options = trainer.network, trainer.objective, trainer.options
    sample = data.take(trainer.rng.permutation(len(data))[:SAMPLE_ROWS])
    losses: list[float] = []
    with ThreadTeam(options.n_threads) as team:
        for rate, rows in zip(rates.tolist(), _batches(trainer, data, plan), strict=False):
            figures = trainer.step(data, rows, team, rate)
            carried = network.carried()  # what evaluation lets go of
            loss = _sample_loss(network, objective, sample)
            network.train()
            network.take_up(carried)
            if not (figures.finite and np.isfinite(loss)):
                break
            losses.append(loss)
            if loss > max(DIVERGED * min(losses), losses[0]):
                break
    if not losses:
        raise TrainingError(
            f"the loss is not a number at the lowest rate, {rates[0]:g}, so no rate will help: "
            "lower init_gain, or set normalization='layer'"
        )
    return losses


def _sample_loss(network: Trainable, objective: Objective, sample: NetworkRows) -> float:
    network.eval()
    for module in network.modules():
        if isinstance(module, BatchNorm):
            # Its running statistics are far behind weights that move ever faster.
            module.train()
    assert sample.targets is not None
    with torch.inference_mode():
        outputs = network(as_tensors(sample)).numpy()
    return objective.loss(outputs, sample.targets, sample.weights)


def _batches(trainer: Trainer, data: NetworkRows, plan: Plan) -> Iterator[np.ndarray]:
    while True:
        trainer.network.train()  # an epoch begins, and with it all that goes on from batch to batch
        yield from plan(data.lengths, trainer.options.batch_size, trainer.rng)


def _smoothed(losses: np.ndarray) -> np.ndarray:
    """Return exponentially weighted means (n,) of the losses up to each.

    References
    ----------
    Kingma & Ba (2015), "Adam", section 3: the division that makes up for starting at 0.
    """
    smoothed = np.empty_like(losses)
    mean = 0.0
    for number, loss in enumerate(losses):
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        smoothed[number] = mean / (1 - SMOOTHING ** (number + 1))
    return smoothed


def _verdict(
    table: pd.DataFrame,
    suggestion: float,
    turn: float | None,
    fresh: TrainedEstimator,
) -> str:
    own = fresh.fitted_parameters_["learning_rate"]
    verdict = f"set learning_rate={suggestion:g} (now {own:g}): "
    if turn is None:
        verdict += (
            f"the loss does not turn up by {table['learning_rate'].iloc[-1]:g}, so raise highest"
        )
    else:
        verdict += f"a twentieth of {turn:.2g}, where the loss turns up"
    fallen = 1 - table["smoothed"].min() / table["smoothed"].iloc[0]
    if fallen < HARDLY:
        verdict += "; the loss hardly fell before, so raise n_batches and look at the plot"
    return verdict
