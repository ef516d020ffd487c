"""A recurrent network recomputed by a for loop, with every state and gate on the way."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from textseq.estimators.sequence.estimator import SequenceEstimator
from textseq.figures import ACCENT, MUTED, SECOND, bare, figure_style, new_figure, short
from textseq.inspection.reading import Reading, answer_names, first_member, read_one
from textseq.inspection.result import Inspection
from textseq.inspection.steps import Steps
from textseq.inspection.unroll import CellSteps, StepRecorder, stepwise_network
from textseq.inspection.wording import Words
from textseq.marks import keep_marks
from textseq.message_language import number_of
from textseq.nn.cells import Cell, Gru, Janet, Lstm, Rnn
from textseq.nn.encoders import Stack
from textseq.nn.heads import Pooling
from textseq.nn.network import SequenceNetwork
from textseq.nn.normalization import BatchNorm
from textseq.nn.recurrent import Recurrent
from textseq.training.threads import ThreadTeam

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Units in the table and the figure: all of a small network, those that move most of another.
MOST_UNITS = 3
# Difference that 32-bit floats explain, as a share of the answer or of 1.
ROUNDING = 1e-4

EQUATIONS: dict[type[Cell], tuple[str, ...]] = {
    Rnn: ("h_t = tanh(W_xh x_t + W_hh h_{t-1} + b)",),
    Lstm: (
        "i_t = sigmoid(W_xi x_t + W_hi h_{t-1} + b_i)",
        "f_t = sigmoid(W_xf x_t + W_hf h_{t-1} + b_f)",
        "c~_t = tanh(W_xc x_t + W_hc h_{t-1} + b_c)",
        "o_t = sigmoid(W_xo x_t + W_ho h_{t-1} + b_o)",
        "c_t = f_t * c_{t-1} + i_t * c~_t",
        "h_t = o_t * tanh(c_t)",
    ),
    Gru: (
        "r_t = sigmoid(W_xr x_t + W_hr h_{t-1} + b_r)",
        "z_t = sigmoid(W_xz x_t + W_hz h_{t-1} + b_z)",
        "n_t = tanh(W_xn x_t + b_xn + r_t * (W_hn h_{t-1} + b_hn))",
        "h_t = (1 - z_t) * n_t + z_t * h_{t-1}",
    ),
    Janet: (
        "s_t = W_xf x_t + W_hf h_{t-1} + b_f",
        "f_t = sigmoid(s_t)",
        "c~_t = tanh(W_xc x_t + W_hc h_{t-1} + b_c)",
        "h_t = f_t * h_{t-1} + (1 - sigmoid(s_t - 1)) * c~_t",
    ),
}
POOLED = {
    "last": "v = h_T",
    "mean": "v = mean over t of h_t",
    "max": "v = max over t of h_t, unit by unit",
    "concat": "v = h_T, max over t of h_t and mean over t of h_t side by side",
    "attention": "v = sum over t of a_t h_t, a = softmax over t of (score . tanh(project h_t))",
}
STACKED = {
    "plain": "x_t being h_t of the layer below",
    "residual": "x_t being h_t of the layer below, which is added to its own",
    "dense": "x_t being x_t and h_t of all layers below side by side",
}


@dataclass(frozen=True, eq=False)
class StepByStep(Inspection):
    """A recurrent network's answer to a text or series, recomputed in 64-bit floats.

    Parameters
    ----------
    table : DataFrame
        One row a step (of each layer and direction, where there are several: ``layer``):
        ``step``; of a text ``token``, ``known`` (to the vocabulary), ``id``, and ``x`` if the
        network reads one number a token; of a series ``value`` and ``x``, what the network
        reads of it (``value[0]``, ``x[0]`` and so on of several channels); of a few units u
        each gate's activation, such as ``forget[u]``, and the state, ``h[u]``.
    verdict : str
    states, gates : dict of str to ndarray of shape (T, H)
        Of all units, in reading order: ``layer1.h``, ``layer1.forget``,
        ``layer1.backward.h``; before any normalisation or residual connection.
    units : list of int
        Those in the table and the figure.
    document_vector : ndarray
        The states pooled over the steps: what the head reads.
    by_hand, by_network : Series
        Probability of every class (or the prediction): recomputed, and as the model tells.
    difference : float
        The largest between the two.
    equations : str
        What was computed, in the names of ``model.weights_by_name()``.
    steps : Steps
        What was read.
    """

    states: dict[str, np.ndarray]
    gates: dict[str, np.ndarray]
    units: list[int]
    document_vector: np.ndarray
    by_hand: pd.Series
    by_network: pd.Series
    difference: float
    equations: str
    steps: Steps

    def plot(self) -> Figure:
        """Draw the states of a few units of the last layer, step by step."""
        names = [name for name in self.states if name.endswith(".h")]
        names = names[-2:] if "backward" in names[-1] else names[-1:]
        n_steps = len(self.states[names[0]])
        with figure_style():
            figure = new_figure(1.3 + 1.7 * len(names), self.message(), self.steps.width)
            panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
            looks = [("-", "o", ACCENT), ("--", "s", SECOND), (":", "D", MUTED)]
            for axes, name in zip(panels, names, strict=True):
                for unit, (line, marker, color) in zip(self.units, looks, strict=False):
                    axes.plot(self.states[name][:, unit], line, color=color, lw=1.6, ms=3.5,
                              marker=marker if n_steps <= 80 else None,
                              label=f"unit {unit}", clip_on=False)  # fmt: skip
                states = {f"state of unit {u}": self.states[name][:, u] for u in self.units}
                keep_marks(axes, self.steps.labels() | {"layer": name} | states, range(n_steps),
                           self.states[name][:, self.units[0]], spans=True)  # fmt: skip
                axes.set_ylabel(f"state\n{name}")
                axes.tick_params(axis="x", length=0)
                axes.tick_params(axis="y", labelcolor=MUTED)
                axes.grid(axis="y")
                bare(axes, "left", "bottom")
            panels[0].legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=MOST_UNITS, borderpad=0)
            moved = _movement(self.states[names[0]][:, self.units]).sum(1)
            self.steps.label_axis(panels[-1], moved)
        return figure

    def message(self) -> str:
        """Return what the figure says."""
        name = self.by_network.idxmax()
        what = "Prediction" if name == "prediction" else f"p({short(str(name), 16)})"
        by_hand, by_network = self.by_hand[name], self.by_network[name]
        return f"{what}: {by_hand:.4f} by hand, {by_network:.4f} by the network"


def step_by_step(model: SequenceEstimator, sequence: Any) -> StepByStep:
    """Recompute a fitted recurrent network's answer to one text or series, step by step.

    The cells' equations are run in a plain loop over the steps; then come the pooling over
    the steps and the head. The result is held against the model's own, which takes a faster
    path in 32-bit floats.

    Parameters
    ----------
    model : TextClassifier, TextRegressor, SeriesClassifier or SeriesRegressor
        Fitted on one text or series a row, with encoder "rnn", "lstm", "gru" or "janet", in
        one direction or both.
    sequence : str or Tokens of one text, or array of shape (channels, time) or (time,)

    Returns
    -------
    StepByStep

    Raises
    ------
    ValueError
        If the encoder is not recurrent, there are no steps, or the model is not fitted or
        reads pairs.

    References
    ----------
    The cells' equations and their sources: ``textseq.nn.cells``.

    Examples
    --------
    >>> from textseq import TextClassifier
    >>> texts, labels = ["so good", "so bad"] * 20, ["pos", "neg"] * 20
    >>> model = TextClassifier(encoder="rnn", hidden_size=2, random_state=0).fit(texts, labels)
    >>> found = step_by_step(model, "so good")
    >>> found.table.columns.tolist()
    ['step', 'token', 'known', 'id', 'h[0]', 'h[1]']
    >>> print(found.equations)
    layer1, from h_0 = 0:
      h_t = tanh(W_xh x_t + W_hh h_{t-1} + b)
    pooling: v = max over t of h_t, unit by unit
    head: z = W v + b
    p = softmax(z)
    >>> bool(found.difference < 1e-6)
    True
    """
    model = first_member(model)
    stepwise_network(model)
    reading = read_one(model, sequence)
    network = reading.network
    lengths = torch.tensor([len(reading)])
    recorder = StepRecorder(bool(network.encoder.bidirectional), lengths)
    with ThreadTeam(1), torch.no_grad():
        last = network.states(reading.vectors[None], lengths, recorder)[0]
        pooled = _pooled(network.pooling, last)
        read = pooled if reading.columns is None else torch.cat([pooled, reading.columns])
        logits = _head(network, read).numpy()
        states, gates = _by_name(recorder.cells)
    units = _moving_most(states, [name for name in states if "backward" not in name][-1])
    names = answer_names(model)
    wide = reading.wide
    if wide is not None:
        by_step, rest = wide.contributions()
        logits = logits + by_step.sum(0) + rest
    by_hand = pd.Series(model.answers(logits[None])[0], names)
    predict = model.predict if names == ["prediction"] else model.predict_proba
    by_network = pd.Series(np.atleast_1d(predict(reading.source)[0]), names)
    difference = float((by_hand - by_network).abs().max())
    return StepByStep(
        table=_table(reading, recorder.cells, states, gates, units),
        verdict=_verdict(by_hand, by_network, difference) + reading.steps.remarks(),
        states=states,
        gates=gates,
        units=units,
        document_vector=pooled.numpy(),
        by_hand=by_hand,
        by_network=by_network,
        difference=difference,
        equations=_equations(model, network, reading.steps.words),
        steps=reading.steps,
    )


def _pooled(pooling: Pooling, states: Tensor) -> Tensor:
    """Pool the states (T, H) of one row as the equations say."""
    if pooling.kind == "mean":
        return states.mean(0)
    if pooling.kind == "max":
        return states.amax(0)
    if pooling.kind == "attention":
        scores = (states @ pooling.project.weight.T + pooling.project.bias).tanh()
        weights = (scores @ pooling.score.weight[0]).exp()  # (T,)
        return weights / weights.sum() @ states
    half = states.shape[1] // 2
    last = torch.cat([states[-1, :half], states[0, half:]]) if pooling.bidirectional else states[-1]
    return last if pooling.kind == "last" else torch.cat([last, states.amax(0), states.mean(0)])


def _head(network: SequenceNetwork, vector: Tensor) -> Tensor:
    """Map a document vector (H,) to the outputs (n_outputs,) as the equations say."""
    for layer in network.head.hidden:
        assert isinstance(layer, nn.Linear)
        vector = (layer.weight @ vector + layer.bias).clamp(min=0)
    output = network.head.output
    return output.weight @ vector + output.bias


def _name_of(cell: CellSteps) -> str:
    return f"layer{cell.layer}" + (".backward" if cell.direction == "backward" else "")


def _by_name(cells: list[CellSteps]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return all states and gates (T, H) of one row, by layer, direction and name."""
    states, gates = {}, {}
    for steps in cells:
        # What was read backwards is turned round, so that row t is of step t.
        turn = -1 if steps.direction == "backward" else 1
        for part, name in enumerate(steps.cell.state_names):
            values = torch.cat([state[part] for state in steps.states[1:]])
            states[f"{_name_of(steps)}.{name}"] = values.numpy()[::turn]
        for name in steps.cell.gates:
            values = torch.cat([gate[name] for gate in steps.gates])
            gates[f"{_name_of(steps)}.{name}"] = values.numpy()[::turn]
    return states, gates


def _movement(states: np.ndarray) -> np.ndarray:
    """Return how far each unit moves at each step (T, H), the first from 0."""
    return np.abs(np.diff(states, axis=0, prepend=0.0))


def _moving_most(states: dict[str, np.ndarray], name: str) -> list[int]:
    moved = _movement(states[name]).sum(0)
    return sorted(np.argsort(-moved, kind="stable")[:MOST_UNITS].tolist())


def _table(
    reading: Reading,
    cells: list[CellSteps],
    states: dict[str, np.ndarray],
    gates: dict[str, np.ndarray],
    units: list[int],
) -> pd.DataFrame:
    parts = []
    for steps in cells:
        name = _name_of(steps)
        part = reading.steps.table().assign(**reading.steps.inputs(reading.vectors.numpy()))
        if len(cells) > 1:
            part.insert(0, "layer", name)
        # The rnn's only gate is its state.
        shown = [] if isinstance(steps.cell, Rnn) else list(steps.cell.gates)
        for unit in units:
            for gate in shown:
                part[f"{gate}[{number_of(unit)}]"] = _of_unit(gates[f"{name}.{gate}"], unit)
            for state in reversed(steps.cell.state_names):
                part[f"{state}[{number_of(unit)}]"] = _of_unit(states[f"{name}.{state}"], unit)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _of_unit(values: np.ndarray, unit: int) -> np.ndarray | float:
    """Return one unit's values (T,) of (T, H); NaN where a layer has fewer units than the last."""
    return values[:, unit] if unit < values.shape[1] else math.nan


def _equations(model: SequenceEstimator, network: SequenceNetwork, words: Words) -> str:
    encoder = network.encoder
    assert isinstance(encoder, Stack)
    layer = encoder.layers[0]
    assert isinstance(layer, Recurrent)
    cell = layer.forwards
    written = EQUATIONS[type(cell)]
    if isinstance(cell, Rnn):
        written = tuple(line.replace("tanh", cell.activation) for line in written)
    start = ", ".join(f"{name}_0" for name in cell.state_names)
    lines = [f"layer1, from {start} = 0:", *(f"  {line}" for line in written)]
    if encoder.bidirectional:
        lines.append(
            f"layer1.backward: the same from the last {words.step} to the first; "
            "h_t is both side by side from here on"
        )
    for number in range(2, len(encoder.layers) + 1):
        lines.append(f"layer{number}: the same, {STACKED[encoder.connections]}")
    if encoder.norms:
        over = (
            f"of the training {words.many}"
            if isinstance(encoder.norms[0], BatchNorm)
            else "of its units"
        )
        lines.append(f"each layer's norm: h_t = weight * (h_t - mean) / sd + bias, {over}")
    lines.append(f"pooling: {POOLED[network.pooling.kind]}")
    vector = "v"
    if network.head.n_columns:
        lines.append(
            f"columns: u0 = v and {network.head.n_columns} numbers of columns side by side"
        )
        vector = "u0"
    for number in range(1, len(network.head.hidden) + 1):
        lines.append(f"head.hidden{number}: u{number} = relu(W {vector} + b)")
        vector = f"u{number}"
    lines.append(f"head: z = W {vector} + b")
    kind, _ = model.target_kind()
    if kind == "number":
        lines.append(f"y = {model.mean_:.6g} + {model.scale_:.6g} z")
    else:
        lines.append("p = softmax(z)" if kind == "classes" else "p = sigmoid(z)")
    return "\n".join(lines)


def _verdict(by_hand: pd.Series, by_network: pd.Series, difference: float) -> str:
    name = by_network.idxmax()
    what = "prediction" if name == "prediction" else f"p({name})"
    verdict = f"{what} by hand {by_hand[name]:.4f}, by the network {by_network[name]:.4f}"
    if difference > ROUNDING * max(1.0, abs(by_network[name])):
        return (
            f"{verdict}: they differ by {difference:.1g}, as these weights amplify the rounding "
            "of 32-bit floats from step to step: see recurrent_spectrum"
        )
    if not difference:
        return f"{verdict}: equal to the last digit"
    return f"{verdict}: equal to 1e{math.ceil(math.log10(difference))}"
