"""How the gradient of the loss flows back through steps: vanishing, exploding or healthy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from textseq.batches import NetworkRows, plan_batches
from textseq.estimators.sequence.wide_estimator import WideEstimator
from textseq.figures import INK, MUTED, bare, figure_style, new_figure
from textseq.inspection.cell_lines import (
    CELL,
    OUTSIDE,
    by_cell,
    cell_legend,
    cell_look,
    keep_steps,
)
from textseq.inspection.jacobians import jacobian_norms
from textseq.inspection.result import Inspection
from textseq.inspection.rows import targets_of
from textseq.inspection.unroll import (
    DECODER,
    DIRECTIONS,
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
        One row for each layer, direction ("decoder" is that of a Seq2Seq's decoder) and number
        of steps before the end of reading (the backward direction ends at the first). All
        figures are medians over rows:

        - ``texts``, ``series``, ``windows``, ``sentences`` or ``sources``: how many are that
          long;
        - ``gradient``: norm of dL/dh_t, the total derivative of a row's loss, through the
          step's own output and all later steps. Of a model that answers step by step L is the
          loss of one answer: a tagger's tag of the step read last, what a language model says at
          a window's end, the last token of a target before its end;
        - ``cell_gradient``: norm of dL/dc_t, for the lstm only;
        - ``start_gradient``, of a Seq2Seq's encoder: the part of ``gradient`` that comes through
          the decoder's first state; all of it without attention, which has shorter ways;
        - ``first_gradient``, likewise: ``gradient``, but of the target's first token;
        - ``step_jacobian``: spectral norm of ds_{t+1}/ds_t, s being the whole state (h and c);
        - ``bound``: product of these norms from step t to the end;
        - ``product``: spectral norm of their product ds_T/ds_t, at most the bound.
    verdict : str
    kind : {"vanishing", "exploding", "healthy"}
    reach : int
        Most steps through which a state still moves a later one: ``product`` >= 0.001.
    length : int
        Steps of the median row.
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
                if self._by_attention:
                    above.plot(x, _positive(rows["start_gradient"]), ":", **thin)
                below.plot(x, _positive(rows["product"]), **look)
                below.plot(x, _positive(rows["bound"]), "--", **thin)
                gradients = list(rows.filter(like="gradient"))
                keep_steps(above, rows, x, _positive(rows["gradient"]), gradients)
                keep_steps(below, rows, x, _positive(rows["product"]), ["product", "bound"])
            norms = ["gradient", "cell_gradient"]
            if self._by_attention:
                norms.append("start_gradient")
            _scale(above, self.table.filter(norms))
            _scale(below, self.table[["product"]], self.table["bound"].max())
            _label(above, below, self.table, [name for name, _ in cells], self._by_attention)
        return figure

    @property
    def _by_attention(self) -> bool:
        """Whether part of the gradient comes another way than through the decoder's start."""
        return "start_gradient" in self.table and not np.allclose(
            self.table["start_gradient"].fillna(self.table["gradient"]), self.table["gradient"]
        )

    def message(self) -> str:
        """Return what the figure says."""
        if self.kind == "exploding":
            return f"The gradient explodes on its way back through the {self.words.one}"
        if not self.table["gradient"].any():
            return f"The loss sends no gradient back; {_felt(self.table, self.reach)}"
        verb = "vanishes" if self.kind == "vanishing" else "flows"
        if self._by_attention:
            return f"Attention shortens the gradient's way; by itself it {verb}"
        return f"The gradient {verb}: {_felt(self.table, self.reach)}"

    def __str__(self) -> str:
        far = self.table["steps_before_end"]
        last = self.table.groupby(CELL)["steps_before_end"].transform("max")
        shown = self.table[far.isin([0, 1, 3, 10, 30, 100, 300, 1000]) | (far == last)]
        rows = shown.to_string(index=False, na_rep="", float_format="{:.2g}".format)
        return f"{self.verdict}\n\n{rows}"

    __repr__ = __str__


def gradient_flow(model: Any, X: Any, y: Any = None) -> GradientFlow:
    """Measure how the gradient of the loss flows back through what a network reads.

    At most 24 rows are taken, evenly spread over the rows that have a step, and
    the Jacobians are of the longest four of them, or of fewer and fewer steps where
    the state is wide. Steps are computed in float64, without dropout, and weigh every
    row alike. A truncated gradient (``truncated_bptt_steps``) is measured whole.

    The verdict is about the recurrence itself, ds_T/ds_t, as a pooling over all steps
    hands each its own gradient. It is "exploding" where the norm of ds_T/ds_t passes
    1000 at any distance, or is no number; "vanishing" where it falls under 0.001, for good
    and in every layer and direction, within half of the median row; else "healthy".

    Parameters
    ----------
    model : any estimator
        Fitted, with a recurrent encoder or decoder; of "lstm_fcn" its LSTM is looked at.
    X : texts, series, rows of tokens, sources or frame, as ``fit`` takes them
        A frame's windows, and what came after each, are those that a fit would learn from; those
        of a LanguageModel are of ``truncated_bptt_steps`` tokens, 500 at most, read anew each.
    y : targets, as ``fit`` takes them
        Not with a Forecaster or a LanguageModel.

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
    Long-Term Dependencies with Gradient Descent is Difficult", section IV; attention as a shorter
    way: Bahdanau, Cho & Bengio (2015), "Neural Machine Translation by Jointly Learning to Align
    and Translate", section 1.

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
    data, words = model.rows_by_steps(X, y), words_of(model)
    targets_of(data)
    data = data.take(spread_rows(data, MOST_ROWS, words.many))
    objective = model.objective()
    batches = [data.take(rows) for rows in plan_batches(data.lengths, BATCH_SIZE)]
    look = _step_gradients if network.answers_steps else _gradients
    with ThreadTeam(thread_count(model.n_threads)) as team:
        parts = team.map(lambda batch: look(network, batch, objective), batches)
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
    verdict += _ways(table, length, words)
    return GradientFlow(table, verdict, kind, reach, length, clipped, words)


def _gradients(
    network: Trainable, batch: NetworkRows, objective: Objective
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the norms of dL/dh_t, and dL/dc_t, of every row, cell and step, and the lengths."""
    outputs: Tensor
    outputs, cells = read_by_steps(network, as_tensors(batch))
    loss = objective.losses(outputs, torch.from_numpy(batch.targets)).sum()
    found = torch.autograd.grad(loss, _states(cells), materialize_grads=True)
    frames = [_norms(steps, own) for steps, own in zip(cells, _by_cell(cells, found), strict=True)]
    return pd.concat(frames), _lengths(cells)


def _step_gradients(
    network: Trainable, batch: NetworkRows, objective: Objective
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return what ``_gradients`` does, of one answer of each row: that to the step read last."""
    (losses, lengths), cells = read_by_steps(
        network, as_tensors(batch), lambda twin, inputs: twin.step_losses(inputs)
    )
    decoder = [steps for steps in cells if steps.direction == DECODER]
    # The end of a target is its last token, and says little of its words.
    last = losses[torch.arange(len(losses)), (lengths - (2 if decoder else 1)).clamp(min=0)].sum()
    first = losses[:, 0].sum()
    frames = []
    for steps in cells:
        ends_first = steps.direction == "backward" and not decoder
        own = _states([steps])
        found = _gradient(first if ends_first else last, own)
        others = {}
        if decoder and steps.direction != DECODER:
            starts = [part for cell in decoder for part in cell.states[0]]
            others["start_gradient"] = _gradient(starts, own, _gradient(last, starts))
            others["first_gradient"] = _gradient(first, own)
        frames.append(_norms(steps, found, **others))
    return pd.concat(frames), _lengths(cells)


def _gradient(of: Any, states: list[Tensor], outer: Any = None) -> tuple[Tensor, ...]:
    return torch.autograd.grad(of, states, outer, retain_graph=True, materialize_grads=True)


def _states(cells: list[CellSteps]) -> list[Tensor]:
    """Return the parts of the states after each step of each cell."""
    return [part for steps in cells for state in steps.states[1:] for part in state]


def _by_cell(cells: list[CellSteps], gradients: Sequence[Tensor]) -> Iterator[Sequence[Tensor]]:
    start = 0
    for steps in cells:
        end = start + len(steps.gates) * len(steps.cell.state_names)
        yield gradients[start:end]
        start = end


def _norms(
    steps: CellSteps, gradients: Sequence[Tensor], **others: Sequence[Tensor]
) -> pd.DataFrame:
    """Return the norms of a cell's gradients, a row each step of each row; others' of h alone."""
    names = ("gradient", "cell_gradient")[: len(steps.cell.state_names)]
    columns = {name: gradients[part :: len(names)] for part, name in enumerate(names)}
    columns |= {name: parts[:: len(names)] for name, parts in others.items()}
    ends = steps.lengths - 1
    if steps.direction == DECODER:  # up to the token before the target's end
        ends = (ends - 1).clamp(min=0)
    far = ends - torch.arange(len(steps.gates))[:, None]  # (T, B)
    there = far >= 0
    norms = {
        name: torch.stack([part.norm(dim=1) for part in parts])[there].numpy()
        for name, parts in columns.items()
    }
    return _frame(steps, far[there].numpy(), norms)


def _lengths(cells: list[CellSteps]) -> np.ndarray:
    """Return the steps of each row, as the first part read it that has cells."""
    first = [steps for steps in cells if steps.layer == 1 and steps.direction != "backward"]
    of_encoder = [steps for steps in first if steps.direction != DECODER]
    return np.concatenate([steps.lengths.numpy() for steps in of_encoder or first])


def _jacobian_rows(
    network: Trainable, data: NetworkRows, length: int
) -> tuple[list[NetworkRows], int]:
    """Choose rows for the Jacobians, longest first, and the most steps of each."""
    order = np.argsort(-data.lengths, kind="stable")[:MOST_JACOBIAN_ROWS]
    rows = [data.take(order[first : first + 1]) for first in range(len(order))]
    modules = [module for part in network.parts().values() for module in part.modules()]
    cells = [module for module in modules if isinstance(module, Cell)]
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
    rows = pd.concat(frames)
    medians = rows.groupby(KEY, sort=False).median()
    medians.insert(0, ROWS, rows.groupby(KEY, sort=False).size())
    turn = {direction: number for number, direction in enumerate([*DIRECTIONS, DECODER])}
    return medians.sort_index(
        level=KEY, key=lambda level: level.map(turn) if level.name == "direction" else level
    )


def _judge(table: pd.DataFrame, length: int) -> tuple[str, int]:
    """Return the kind of flow, and the most steps through which a state is felt."""
    if not table["direction"].eq(DECODER).all():  # what is said is judged where it is read
        table = table[table["direction"] != DECODER]
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


def _ways(table: pd.DataFrame, length: int, words: Words) -> str:
    """Say by which way a target's gradient comes to its source, if there is a decoder."""
    if "start_gradient" not in table:
        return ""
    read = table[table["direction"] == "forward"]
    read = read[read["layer"] == read["layer"].max()].set_index("steps_before_end")
    far = read.loc[length - 1]
    if np.isclose(far["gradient"], far["start_gradient"], rtol=1e-9, atol=0.0):
        return "; the target's gradient comes to the source through the decoder's first state alone"
    times = far["gradient"] / far["start_gradient"] if far["start_gradient"] else np.inf
    return (
        f"; attention brings the median {words.one}'s first {words.step} {times:.2g} times the "
        "gradient that comes through the decoder's first state"
    )


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
    by = "attention" if "attention" in chosen else "pooling"
    if by not in chosen:  # each step has an answer, and a gradient, of its own
        return "try " + ", or ".join(remedies)
    if chosen[by] in ("last", None):
        better = {"attention": "additive", "pooling": "max"}[by]
        remedies.append(f'{by}="{better}", which hands each step a gradient')
        return "try " + ", or ".join(remedies)
    return (
        f'{by}="{chosen[by]}" still hands each step a gradient, but {words.shuffled} '
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


def _label(
    above: Axes, below: Axes, table: pd.DataFrame, names: list[str], by_attention: bool
) -> None:
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
    others = [of_cell_state] if "cell_gradient" in table else []
    if by_attention:
        start = "by the decoder's start"
        others.append(Line2D([], [], color=INK, lw=0.9, ls=":", label=start))
    cell_legend(above, names, others)
    bound = Line2D([], [], color=INK, lw=0.9, ls="--", label="product of the steps' norms, a bound")
    least = Line2D([], [], color=MUTED, lw=0.8, ls=":", label=f"{LEAST:g}")
    below.legend(handles=[bound, least], ncols=2, **OUTSIDE)
