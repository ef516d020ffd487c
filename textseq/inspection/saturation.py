"""How far the units' activations are saturated, and what the gates do over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from textseq.batches import NetworkRows, plan_batches
from textseq.figures import INK, bare, figure_style, new_figure
from textseq.inspection.cell_lines import CELL, by_cell, cell_legend, cell_look, keep_steps
from textseq.inspection.result import Inspection
from textseq.inspection.unroll import (
    CellSteps,
    of_the_lstm,
    read_by_steps,
    recurrent_network,
    spread_rows,
)
from textseq.inspection.wording import Words, words_of
from textseq.nn.cells import CELLS
from textseq.nn.trainable import Trainable
from textseq.training.outputs import as_tensors
from textseq.training.threads import ThreadTeam, thread_count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS = 500
# Texts or series whose steps are held at once.
BATCH_SIZE = 32
# Beyond it tanh passes less than a tenth of the gradient on, and a sigmoid less than a fifth
# of what it passes at its middle.
EDGE = 0.95
# A larger share of activations, or of units, is worth a remedy.
MANY = 1 / 3
KEY = [*CELL, "gate", "function"]
KEEPING = [cell.forget_gate for cell in CELLS.values() if cell.forget_gate is not None]
# The lstm's tanh(c_t), which the output gate lets through; no gate itself.
CELL_STATE = "tanh(c)"
ROWS = "rows"


@dataclass(frozen=True, eq=False, repr=False)
class Saturation(Inspection):
    """How far activations are saturated.

    Parameters
    ----------
    table : DataFrame
        One row for each layer, direction ("decoder" is that of a Seq2Seq's decoder) and gate,
        over all steps read. The lstm's
        ``tanh(c)`` is what its output gate lets through.

        - ``function``: "sigmoid", "tanh" or "relu";
        - ``activity``: mean activation; of tanh the mean absolute one, as signs cancel;
        - ``near_0``: share below 0.05 of a sigmoid, or exactly 0 of relu;
        - ``near_1``: share above 0.95 of a sigmoid;
        - ``saturated``: share with next to no slope: both of these, or beyond +-0.95 of tanh;
        - ``dead_units``: share of relu's units that are 0 at every step.
    verdict : str
    over_time : DataFrame
        ``activity`` and ``saturated`` for each step, from 1, in the order of reading, and the
        number of ``texts``, ``series``, ``windows``, ``sentences`` or ``sources`` that are so
        long.
    words : Words
        For what the model reads.
    """

    over_time: pd.DataFrame
    words: Words

    def plot(self) -> Figure:
        """Draw each gate's activity and saturated share, step by step."""
        cells = [name for name, _ in by_cell(self.over_time)]
        gates = list(dict.fromkeys(self.over_time["gate"]))
        with figure_style():
            figure = new_figure(1.2 + 1.1 * len(gates) + 0.1 * len(cells), self.message())
            panels = figure.subplots(len(gates), 1, sharex=True, squeeze=False)[:, 0]
            for axes, gate in zip(panels, gates, strict=True):
                _draw(axes, self.over_time[self.over_time["gate"] == gate], self.words.many)
                axes.set_ylabel(gate)
            _label(panels[0], panels[-1], cells)
        return figure

    def message(self) -> str:
        """Return what the figure says."""
        worst = _worst(self.table)
        share = _percent(worst["share"])
        if worst["share"] <= MANY:
            return f"Little is saturated: at most {share}"
        if worst["function"] == "relu":
            return f"{share} of the relu units are dead"
        if worst["function"] == "sigmoid":
            return f"The {worst['gate']} gate is shut: {share} of it is near 0"
        return f"{share} of the {worst['gate']} activations are saturated"

    def __str__(self) -> str:
        rows = self.table.dropna(axis="columns", how="all")
        return f"{self.verdict}\n\n{rows.to_string(index=False, na_rep='', float_format='%.2f')}"

    __repr__ = __str__


def saturation(model: Any, X: Any) -> Saturation:
    """Measure how far activations are saturated as a network reads.

    A saturated unit hardly reacts to its input and passes hardly any gradient. Where a
    gate that keeps the state is open (near 1) that is memory, not a fault.

    Parameters
    ----------
    model : any estimator
        Fitted, with a recurrent encoder or decoder; of "lstm_fcn" its LSTM is looked at.
    X : texts, series, rows of tokens, sources or frame, as ``fit`` takes them
        At most 500 are read, evenly spread over those that have a step; of a LanguageModel
        windows of ``truncated_bptt_steps`` tokens, 500 at most. A Seq2Seq's decoder reads what
        the model says to them, each time its likeliest token.

    Returns
    -------
    Saturation

    Raises
    ------
    ValueError
        If the encoder has no gates or no text has a token.

    References
    ----------
    Karpathy, Johnson & Li (2016), "Visualizing and Understanding Recurrent Networks",
    section 4.2, with edges of 0.1 and 0.9.

    Examples
    --------
    >>> from textseq import TextClassifier
    >>> texts, labels = ["good film", "bad film"] * 10, ["pos", "neg"] * 10
    >>> model = TextClassifier(encoder="gru", hidden_size=4, max_epochs=1, random_state=0,
    ...                        num_layers=1)
    >>> saturation(model.fit(texts, labels), texts).table[["gate", "function"]].values.tolist()
    [['reset', 'sigmoid'], ['update', 'sigmoid'], ['candidate', 'tanh']]
    """
    network = recurrent_network(model)
    data, words = model.rows_by_steps(X), words_of(model)
    data = model.answered_rows(data.take(spread_rows(data, MOST_ROWS, words.many)))
    batches = [data.take(rows) for rows in plan_batches(data.lengths, BATCH_SIZE)]
    with ThreadTeam(thread_count(model.n_threads)) as team:
        parts = team.map(lambda batch: _read(network, batch), batches)
        # The longest rows are read first, so steps come in their order.
        steps = pd.concat([part for part, _ in parts]).groupby([*KEY, "step"], sort=False).sum()
        alive: dict[tuple[Any, ...], Tensor] = {}
        for key, units in (found for _, of_batch in parts for found in of_batch):
            alive[key] = alive[key] | units if key in alive else units
        table = _shares(steps.groupby(KEY, sort=False).sum()).drop(columns=ROWS)
        table["dead_units"] = [
            1 - float(alive[key].double().mean()) if key[3] == "relu" else np.nan
            for key in table.index
        ]
    over_time = _shares(steps)[[ROWS, "activity", "saturated"]].rename(columns={ROWS: words.many})
    table = table.reset_index()
    verdict = _verdict(table, model.fitted_parameters_, words) + of_the_lstm(network)
    return Saturation(table, verdict, over_time.reset_index(), words)


def _read(
    network: Trainable, batch: NetworkRows
) -> tuple[pd.DataFrame, list[tuple[tuple[Any, ...], Tensor]]]:
    """Return counts by cell, gate and step, and which units were ever above 0."""
    frames, alive = [], []
    with torch.no_grad():
        for steps in read_by_steps(network, as_tensors(batch))[1]:
            real = torch.arange(len(steps.gates))[:, None] < steps.lengths  # (T, B)
            for gate, values in _activations(steps).items():
                key = (steps.layer, steps.direction, gate, _function(steps, gate))
                frames.append(_counts(key, values, real))
                alive.append((key, (values[real] > 0).any(dim=0)))
    return pd.concat(frames), alive


def _activations(steps: CellSteps) -> dict[str, Tensor]:
    """Return what each gate let through (T, B, H)."""
    gates = {gate: torch.stack([step[gate] for step in steps.gates]) for gate in steps.gates[0]}
    if "c" in steps.cell.state_names:
        gates[CELL_STATE] = torch.stack([state[1] for state in steps.states[1:]]).tanh()
    return gates


def _function(steps: CellSteps, gate: str) -> str:
    if gate == "hidden":
        return str(steps.cell.activation)
    return "tanh" if gate in ("candidate", CELL_STATE) else "sigmoid"


def _counts(key: tuple[Any, ...], values: Tensor, real: Tensor) -> pd.DataFrame:
    """Count activations (T, B, H) at real steps (T, B), by step."""
    size = values.abs()
    function = key[3]
    low = size == 0 if function == "relu" else size < 1 - EDGE
    sums = {"activity": size, "low": low, "high": size > EDGE}
    columns = {
        name: torch.where(real[:, :, None], part, 0).sum((1, 2), dtype=torch.float64).numpy()
        for name, part in sums.items()
    }
    rows = real.sum(1).numpy()
    frame = pd.DataFrame({ROWS: rows, "values": rows * values.shape[2], **columns})
    frame.insert(0, "step", np.arange(1, len(frame) + 1))
    for name, part in zip(KEY, key, strict=True):
        frame[name] = part
    return frame


def _shares(counts: pd.DataFrame) -> pd.DataFrame:
    """Turn counts by key into shares of all activations there."""
    function = counts.index.get_level_values("function")
    low, high = counts["low"] / counts["values"], counts["high"] / counts["values"]
    near_0, near_1 = low.where(function != "tanh"), high.where(function == "sigmoid")
    return pd.DataFrame(
        {
            ROWS: counts[ROWS],
            "activity": counts["activity"] / counts["values"],
            "near_0": near_0,
            "near_1": near_1,
            "saturated": high.where(function == "tanh", near_0.add(near_1, fill_value=0)),
        }
    )


def _worst(table: pd.DataFrame) -> pd.Series:
    """Return the row most in need of a remedy, with its share as ``share``."""
    share = table["near_0"].where(table["gate"].isin(KEEPING))
    share = share.fillna(table["saturated"].where(table["function"] == "tanh"))
    share = share.fillna(table["dead_units"])
    worst: pd.Series = table.assign(share=share).loc[share.idxmax()]
    return worst


def _verdict(table: pd.DataFrame, chosen: dict[str, Any], words: Words) -> str:
    worst = _worst(table)
    where = f"{worst['gate']} (layer {worst['layer']}, {worst['direction']})"
    share = _percent(worst["share"])
    gain = (
        f"a smaller init_gain than {chosen['init_gain']:g} or " if chosen["init_gain"] > 1 else ""
    )
    if worst["share"] <= MANY:
        of_units = " of units dead" if worst["function"] == "relu" else ""
        return f"not saturated: at most {share}{of_units}, in {where}{_kept(table)}"
    if worst["function"] == "relu":
        return (
            f"dead: {share} of the units of {where} are 0 at every {words.step} and learn nothing; "
            f"try "
            f'{gain}a smaller learning_rate or activation="tanh"'
        )
    if worst["function"] == "sigmoid":
        return (
            f"forgetful: {share} of {where} is under {1 - EDGE:.2g}, which drops the state; where "
            'order matters, try init="chrono" or a smaller learning_rate'
        )
    return (
        f"saturated: {share} of {where} is beyond +-{EDGE}, where tanh passes under a tenth of the "
        f"gradient; where learning stalls, try {gain}a smaller learning_rate or weight_decay=0.01"
    )


def _kept(table: pd.DataFrame) -> str:
    keeping = table[table["gate"].isin(KEEPING)]
    if keeping.empty:
        return ""
    return (
        f"; the {keeping['gate'].iloc[0]} gate is open (above {EDGE}) in "
        f"{_percent(keeping['near_1'].mean())} and shut in {_percent(keeping['near_0'].mean())}"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _draw(axes: Axes, rows: pd.DataFrame, many: str) -> None:
    for number, (_, of_cell) in enumerate(by_cell(rows)):
        # The last steps are those of a few long rows.
        shown = of_cell[of_cell[many] >= 0.1 * of_cell[many].max()]
        look = cell_look(number, len(shown))
        axes.plot(shown["step"], shown["activity"], **look)
        axes.plot(shown["step"], shown["saturated"], "--", color=look["color"], lw=0.9)
        columns = ["gate", "activity", "saturated", many]
        keep_steps(axes, shown, shown["step"], shown["activity"], columns)
    highest = 1.0 if rows["function"].iloc[0] != "relu" else max(1.0, rows["activity"].max())
    axes.set_ylim(-0.04 * highest, 1.04 * highest)
    axes.grid(axis="y")
    bare(axes, "left")


def _label(first: Axes, last: Axes, cells: list[str]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.ticker import MaxNLocator

    last.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, steps=[1, 2, 5, 10]))
    last.set_xlabel("step, in the order of reading")
    activity = Line2D([], [], color=INK, lw=1.6, label="mean activation (tanh: its size)")
    saturated = Line2D([], [], color=INK, lw=0.9, ls="--", label="saturated share")
    cell_legend(first, cells, [activity, saturated])
