"""How the gradient of the loss flows back through steps: vanishing, exploding or healthy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch

from textseq.batches import NetworkRows, plan_batches
from textseq.estimators.sequence.wide_estimator import WideEstimator
from textseq.figures import INK, MUTED, bare, figure_style, new_figure
from textseq.inspection.cell_lines import CELL, OUTSIDE, by_cell, cell_legend, cell_look
from textseq.inspection.jacobians import jacobian_norms
from textseq.inspection.result import Inspection
from textseq.inspection.unroll import (
    CellSteps,
    in_double_precision,
    of_the_lstm,
    read_by_steps,
    recurrent_network,
    spread_rows,
)
from textseq.inspection.wording import Words, words_of
from textseq.nn.cells import Cell
from textseq.nn.trainable import Trainable
from textseq.training.objectives import Objective
from textseq.training.outputs import as_tensors
from textseq.training.threads import ThreadTeam, thread_count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS = 24
MOST_JACOBIAN_ROWS = 4
# Texts or series whose states are held at once, each with its graph.
BATCH_SIZE = 8
# Cube of the state's width, times steps: about 0.5 s per 1e9 on one core.
JACOBIAN_BUDGET = 1.2e10
# A state that moves the last one by less than a thousandth of its own change is lost among
# nearer ones; one that moves it a thousandfold drowns them.
LEAST, MOST = 1e-3, 1e3
KEY = [*CELL, "steps_before_end"]
ROWS = "rows"


@dataclass(frozen=True, eq=False, repr=False)
class GradientFlow(Inspection):
    """How far back the gradient reaches.

    Parameters
    ----------
    table : DataFrame
        One row for each layer, direction and number of steps before the end of reading (the
        backward direction ends at the first). All figures are medians over texts or series:

        - ``texts``, ``series`` or ``windows``: how many are that long;
        - ``gradient``: norm of dL/dh_t, the total derivative of a row's loss, through the
          step's own output and all later steps;
        - ``cell_gradient``: norm of dL/dc_t, for the lstm only;
        - ``step_jacobian``: spectral norm of ds_{t+1}/ds_t, s being the whole state (h and c);
        - ``bound``: product of these norms from step t to the end;
        - ``product``: spectral norm of their product ds_T/ds_t, at most the bound.
    verdict : str
    kind : {"vanishing", "exploding", "healthy"}
    reach : int
        Most steps through which a state still moves a later one: ``product`` >= 0.001.
    length : int
        Steps of the median text or series.
    clipped_share : float or None
        Share of training's batches whose gradient was clipped; None where no history tells.
    words : Words
        For what the model reads.
    """

    kind: str
    reach: int
    length: int
    clipped_share: float | None
    words: Words

    def plot(self) -> Figure:
        """Draw the gradient, and what a step still moves of the last state, by distance."""
        with figure_style():
            cells = by_cell(self.table)
            figure = new_figure(4.4 + 0.1 * len(cells), self.message())
            above, below = figure.subplots(2, 1, sharex=True)
            for number, (_, rows) in enumerate(cells):
                x, look = rows["steps_before_end"], cell_look(number, len(rows))
                thin = {"color": look["color"], "lw": 0.9}
                above.plot(x, _positive(rows["gradient"]), **look)
                if "cell_gradient" in rows:
                    above.plot(x, _positive(rows["cell_gradient"]), "-.", **thin)
                below.plot(x, _positive(rows["product"]), **look)
                below.plot(x, _positive(rows["bound"]), "--", **thin)
            _scale(above, self.table.filter(["gradient", "cell_gradient"]))
            _scale(below, self.table[["product"]], self.table["bound"].max())
            _label(above, below, self.table, [name for name, _ in cells])
        return figure

    def message(self) -> str:
        """Return what the figure says."""
        if self.kind == "exploding":
            return f"The gradient explodes on its way back through the {self.words.one}"
        if not self.table["gradient"].any():
            return f"The loss sends no gradient back; {_felt(self.table, self.reach)}"
        verb = "vanishes" if self.kind == "vanishing" else "flows"
        return f"The gradient {verb}: {_felt(self.table, self.reach)}"

    def __str__(self) -> str:
        far = self.table["steps_before_end"]
        last = self.table.groupby(CELL)["steps_before_end"].transform("max")
        shown = self.table[far.isin([0, 1, 3, 10, 30, 100, 300, 1000]) | (far == last)]
        rows = shown.to_string(index=False, na_rep="", float_format="{:.2g}".format)
        return f"{self.verdict}\n\n{rows}"

    __repr__ = __str__


def gradient_flow(model: Any, X: Any, y: Any = None) -> GradientFlow:
    """Measure how the gradient of the loss flows back through texts or series.

    At most 24 of them are taken, evenly spread over the rows that have a step, and
    the Jacobians are of the longest four of them, or of fewer and fewer steps where
    the state is wide. Steps are computed in float64, without dropout, and weigh every
    row alike. A truncated gradient (``truncated_bptt_steps``) is measured whole.

    The verdict is about the recurrence itself, ds_T/ds_t, as a pooling over all steps
    hands each its own gradient. It is "exploding" where the norm of ds_T/ds_t passes
    1000 at any distance, or is no number; "vanishing" where it falls under 0.001, for good
    and in every layer and direction, within half of the median row; else "healthy".

    Parameters
    ----------
    model : TextClassifier, TextRegressor, SeriesClassifier, SeriesRegressor or Forecaster
        Fitted, with a recurrent encoder; of "lstm_fcn" its LSTM is looked at.
    X : texts, series or frame, as ``fit`` takes them
        A frame's windows, and what came after each, are those that a fit would learn from.
    y : array-like of shape (n,) or (n, n_labels)
        Their targets; not with a Forecaster.

    Returns
    -------
    GradientFlow

    Raises
    ------
    ValueError
        If the encoder has no steps, no text has a token, or targets do not fit.

    References
    ----------
    Pascanu, Mikolov & Bengio (2013), "On the difficulty of training recurrent neural
    networks", equations 5-7; on stable states: Bengio, Simard & Frasconi (1994), "Learning
    Long-Term Dependencies with Gradient Descent is Difficult", section IV.

    Examples
    --------
    >>> from textseq import TextClassifier
    >>> texts, labels = ["good film", "bad film"] * 10, ["pos", "neg"] * 10
    >>> model = TextClassifier(encoder="gru", hidden_size=4, max_epochs=1, random_state=0)
    >>> gradient_flow(model.fit(texts, labels), texts, labels).kind
    'healthy'
    """
    if isinstance(model, WideEstimator):  # the network by itself, as its loss was
        model = model.without_wide()
    network = in_double_precision(recurrent_network(model))
    data, words = model.rows(X, y), words_of(model)
    data = data.take(spread_rows(data, MOST_ROWS))
    objective = model.objective()
    batches = [data.take(rows) for rows in plan_batches(data.lengths, BATCH_SIZE)]
    with ThreadTeam(thread_count(model.n_threads)) as team:
        parts = team.map(lambda batch: _gradients(network, batch, objective), batches)
        lengths = np.concatenate([lengths for _, lengths in parts])
        length = int(np.median(lengths[lengths > 0]))
        longest, most_steps = _jacobian_rows(network, data, length)
        chains = team.map(lambda row: _jacobian_chains(network, row, most_steps), longest)
    gradients = [frame for frame, _ in parts]
    table = _medians(gradients).join(_medians(chains).drop(columns=ROWS)).reset_index()
    table = table.rename(columns={ROWS: words.many})
    kind, reach = _judge(table, length)
    clipped = _clipped_share(model)
    verdict = _verdict(model, kind, table, reach, length, clipped) + of_the_lstm(network)
    return GradientFlow(table, verdict, kind, reach, length, clipped, words)


def _gradients(
    network: Trainable, batch: NetworkRows, objective: Objective
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the norms of dL/dh_t, and dL/dc_t, of every row, cell and step, and the lengths."""
    outputs, cells = read_by_steps(network, as_tensors(batch))
    loss = objective.losses(outputs, torch.from_numpy(batch.targets)).sum()
    states = [part for steps in cells for state in steps.states[1:] for part in state]
    gradients = iter(torch.autograd.grad(loss, states, materialize_grads=True))
    frames = []
    for steps in cells:
        names = ("gradient", "cell_gradient")[: len(steps.cell.state_names)]
        norms = torch.stack([next(gradients).norm(dim=1) for _ in steps.gates for _ in names])
        by_name = norms.reshape(len(steps.gates), len(names), -1).unbind(1)  # (T, B) each
        far = steps.lengths - 1 - torch.arange(len(steps.gates))[:, None]
        columns = dict(zip(names, (norm[far >= 0].numpy() for norm in by_name), strict=True))
        frames.append(_frame(steps, far[far >= 0].numpy(), columns))
    first = [steps.lengths.numpy() for steps in cells if _is_first(steps)]
    return pd.concat(frames), np.concatenate(first)


def _is_first(steps: CellSteps) -> bool:
    """Whether no other cell read the same rows before."""
    return steps.layer == 1 and steps.direction == "forward"


def _jacobian_rows(
    network: Trainable, data: NetworkRows, length: int
) -> tuple[list[NetworkRows], int]:
    """Choose rows for the Jacobians, longest first, and the most steps of each."""
    order = np.argsort(-data.lengths, kind="stable")[:MOST_JACOBIAN_ROWS]
    rows = [data.take(order[first : first + 1]) for first in range(len(order))]
    cells = [cell for cell in network.encoder.modules() if isinstance(cell, Cell)]
    cost = sum((cell.hidden_size * len(cell.state_names)) ** 3 for cell in cells)
    # The verdict asks about half of the median row, so much is always measured.
    most_steps = max(int(JACOBIAN_BUDGET / cost), length // 2 + 1)
    costs = np.cumsum([min(row.n_steps, most_steps) * cost for row in rows])
    return rows[: max(1, int((costs <= JACOBIAN_BUDGET).sum()))], most_steps


def _jacobian_chains(network: Trainable, row: NetworkRows, most_steps: int) -> pd.DataFrame:
    """Return the Jacobians' norms of one row, cell by cell, and those of their products."""
    frames = []
    with torch.no_grad():
        for steps in read_by_steps(network, as_tensors(row))[1]:
            if n_steps := int(steps.lengths[0]):
                norms = jacobian_norms(steps, min(n_steps - 1, most_steps))
                frames.append(_frame(steps, np.arange(len(norms["product"])), norms))
    return pd.concat(frames)


def _frame(steps: CellSteps, far: np.ndarray, columns: dict[str, np.ndarray]) -> pd.DataFrame:
    frame = pd.DataFrame({"steps_before_end": far} | columns)
    frame.insert(0, "layer", steps.layer)
    frame.insert(1, "direction", steps.direction)
    return frame


def _medians(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return each figure's median over rows, by cell and distance.

    Not the mean, which would be that of one row, as norms differ between rows by orders
    of magnitude; nor the geometric one, as relu and max pooling leave exact zeros.
    """
    groups = pd.concat(frames).groupby(KEY, sort=False)
    medians = groups.median()
    medians.insert(0, ROWS, groups.size())
    return medians.sort_index(level=KEY, ascending=[True, False, True])


def _judge(table: pd.DataFrame, length: int) -> tuple[str, int]:
    """Return the kind of flow, and the most steps through which a state is felt."""
    felt = table.loc[table["product"] >= LEAST, "steps_before_end"]
    reach = int(felt.max())
    if not np.isfinite(table["gradient"]).all() or (table["product"] > MOST).any():
        return "exploding", reach
    return ("vanishing" if reach < (length - 1) / 2 else "healthy"), reach


def _clipped_share(model: Any) -> float | None:
    history = getattr(model, "history_", None)
    if history is None or "clipped_share" not in history or history.empty:
        return None
    return float(history["clipped_share"].mean())


def _verdict(
    model: Any, kind: str, table: pd.DataFrame, reach: int, length: int, clipped: float | None
) -> str:
    chosen, words = model.fitted_parameters_, words_of(model)
    if kind == "exploding":
        grown = table["product"].max()
        fact = f"exploding: a state's change grows {grown:.2g}-fold on its way to the last state"
        if grown <= MOST:
            fact = "exploding: the gradient is not a finite number"
        remedy = f"; try {_against_exploding(chosen)}"
    else:
        steps = f"{length:,} {words.step}{'' if length == 1 else 's'}"
        fact = f"{kind}: {_felt(table, reach)}, and the median {words.one} has {steps}"
        remedy = f"; {_against_vanishing(chosen, words)}" if kind == "vanishing" else ""
        if not table["gradient"].any():
            remedy += "; but the loss sends no gradient back, as before training a head of zeros"
    cut = chosen["truncated_bptt_steps"]
    if cut is not None and cut < length:
        remedy += f"; training cut the gradient every {cut} steps (truncated_bptt_steps)"
    if clipped:
        remedy += f"; training clipped the gradient of {100 * clipped:.0f} % of its batches"
    return fact + remedy


def _felt(table: pd.DataFrame, reach: int) -> str:
    measured = table.loc[table["product"].notna(), "steps_before_end"].max()
    if measured == 0:
        return "no state has a later one"
    if reach == measured:
        return f"a state is felt through all {reach:,} steps measured"
    return f"a state is felt through {reach:,} step{'' if reach == 1 else 's'}"


def _against_vanishing(chosen: dict[str, Any], words: Words) -> str:
    init, name = chosen["init"], chosen["encoder"].removeprefix("bi")
    if name == "rnn":
        remedies = ['a gated encoder ("lstm", "gru" or "janet") with init="chrono"']
        if init != "orthogonal":
            remedies.append('init="orthogonal"')
    elif init != "chrono":
        remedies = ['init="chrono"']
    else:
        remedies = ["more max_epochs"]
    if chosen["pooling"] == "last":
        return "try " + ", or ".join([*remedies, 'pooling="max", which hands each step a gradient'])
    return (
        f'pooling="{chosen["pooling"]}" still hands each step a gradient, but {words.shuffled} '
        f"further apart do not meet; where they must, try {', or '.join(remedies)}"
    )


def _against_exploding(chosen: dict[str, Any]) -> str:
    remedies = []
    if chosen["clip_grad_norm"] is None:
        remedies.append("clip_grad_norm=1.0")
    if chosen["init_gain"] > 1:
        remedies.append(f"a smaller init_gain than {chosen['init_gain']:g}")
    if chosen["encoder"].removeprefix("bi") == "rnn":
        if chosen["activation"] == "relu":
            remedies.append('activation="tanh"')
        if chosen["init"] != "orthogonal":
            remedies.append('init="orthogonal"')
        remedies.append("a gated encoder")
    remedies.append("a smaller learning_rate")
    return " or ".join(remedies)


def _positive(values: pd.Series) -> pd.Series:
    """Leave out what a log axis can't show."""
    return values.where((values > 1e-250) & (values < 1e250))


def _scale(axes: Axes, lines: pd.DataFrame, bound: float = 0.0) -> None:
    """Set a log axis that shows all lines, and a bound above them if it is not far off."""
    lines = lines.apply(_positive)
    largest = np.nan_to_num(lines.max(axis=None), nan=1.0)
    # Below that, a norm is nothing but rounding.
    low = np.fmax(lines.min(axis=None), largest * 1e-18)
    high = max(largest, min(bound, largest * 1e6))
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")  # the style reads no formulas
    axes.yaxis.set_minor_formatter("")
    axes.set_ylim(min(low, high / 10) / 3, high * 3)
    axes.grid(axis="y")
    bare(axes, "left")


def _label(above: Axes, below: Axes, table: pd.DataFrame, names: list[str]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.ticker import MaxNLocator

    farthest = max(int(table["steps_before_end"].max()), 1)
    below.set_xlim(farthest * 1.02, -farthest * 0.02)
    below.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, steps=[1, 2, 5, 10]))
    below.set_xlabel("steps t before the end of reading")
    below.axhline(LEAST, color=MUTED, lw=0.8, ls=":")
    above.set_ylabel("norm of dL/dh_t")
    below.set_ylabel("norm of ds_T/ds_t")
    of_cell_state = Line2D([], [], color=INK, lw=0.9, ls="-.", label="norm of dL/dc_t")
    cell_legend(above, names, [of_cell_state] if "cell_gradient" in table else [])
    bound = Line2D([], [], color=INK, lw=0.9, ls="--", label="product of the steps' norms, a bound")
    least = Line2D([], [], color=MUTED, lw=0.8, ls=":", label=f"{LEAST:g}")
    below.legend(handles=[bound, least], ncols=2, **OUTSIDE)
