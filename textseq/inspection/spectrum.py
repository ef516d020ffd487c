"""The recurrent weights' eigenvalues against the unit circle, and the memory they leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from textseq.figures import ACCENT, INK, MUTED, bare, figure_style, new_figure
from textseq.inspection.result import Inspection
from textseq.inspection.unroll import (
    DECODER,
    DIRECTIONS,
    of_the_lstm,
    recurrent_layers,
    recurrent_network,
)
from textseq.inspection.wording import Words, words_of
from textseq.marks import keep_marks
from textseq.nn.cells import Cell
from textseq.training.threads import ThreadTeam, thread_count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from textseq.nn.trainable import Trainable

GateKey = tuple[int, str, str]
"""Layer from 1, direction, gate."""
# A radius so near to 1 takes 69 steps to halve or double a state: few texts are as long.
ON_THE_CIRCLE = 0.01


@dataclass(frozen=True, eq=False, repr=False)
class RecurrentSpectrum(Inspection):
    """What the recurrent weights would do to a state, left to themselves.

    Parameters
    ----------
    table : DataFrame
        One row for each layer, direction ("decoder" is that of a Seq2Seq's decoder) and gate:

        - ``matrix``: the name of its recurrent matrix in the cell's equations;
        - ``radius``: its largest absolute eigenvalue;
        - ``norm``: its largest singular value;
        - ``half_life``: steps after which radius^t is a half, ln(0.5) / ln(radius); for the
          rnn only, whose state passes through this matrix and nothing else;
        - ``memory_low``, ``memory``, ``memory_high``: quartiles over units of
          1 / (1 - sigmoid(b)), the steps for which the gate that keeps the state (forget, or
          the gru's update) does so where input and state are 0; for this gate only.
    verdict : str
    eigenvalues : dict of (layer, direction, gate) to ndarray of shape (H,), complex
        Largest first.
    singular_values : dict of (layer, direction, gate) to ndarray of shape (H,)
        Largest first.
    memory : ndarray
        Of every unit, what ``table`` has the quartiles of; empty for the rnn.
    """

    eigenvalues: dict[GateKey, np.ndarray]
    singular_values: dict[GateKey, np.ndarray]
    memory: np.ndarray

    def plot(self) -> Figure:
        """Draw each matrix's eigenvalues in the complex plane, with the unit circle."""
        cells = list(dict.fromkeys(key[:2] for key in self.eigenvalues))
        n_gates = len(self.eigenvalues) // len(cells)
        # A row a cell, but a single cell's four gates stand in a square, and an rnn's
        # directions side by side.
        n_columns = {1: min(len(cells), 2), 4: 2 if len(cells) == 1 else 4}.get(n_gates, n_gates)
        n_rows = -(-len(self.eigenvalues) // n_columns)
        far = 1.08 * max(1.0, *(abs(values[0]) for values in self.eigenvalues.values()))
        with figure_style():
            height = 0.9 + (min(4.0 / n_columns, 3.2) + 0.35) * n_rows
            figure = new_figure(height, self.message())
            panels = figure.subplots(n_rows, n_columns, squeeze=False, sharex=True, sharey=True)
            for axes, (key, values) in zip(panels.flat, self.eigenvalues.items(), strict=False):
                _draw(axes, values, far, ticks=5 if n_columns < 3 else 3)
                _keep(axes, key, values)
                name = f"layer {key[0]}, {key[1]}" if n_gates == 1 else key[2]
                axes.set_title(f"{name}\nradius {abs(values[0]):.3g}", fontsize=8)
            for axes in panels.flat[len(self.eigenvalues) :]:
                axes.set_visible(False)
            if len(cells) > 1 < n_gates:
                for axes, (layer, direction) in zip(panels[:, 0], cells, strict=True):
                    axes.set_ylabel(f"layer {layer}\n{direction}", color=INK)
            figure.supxlabel("real part of the eigenvalues", fontsize=9, color=MUTED)
            figure.supylabel("imaginary part", fontsize=9, color=MUTED)
        return figure

    def message(self) -> str:
        """Return what the figure says."""
        radius = float(self.table["radius"].max())
        if self.table["half_life"].notna().any():
            return f"The largest eigenvalue, {radius:.3g}, is {_where(radius)} the unit circle"
        steps = _number(float(np.median(self.memory)))
        return f"The gates' biases keep a state for {steps} steps; largest eigenvalue {radius:.3g}"

    def __str__(self) -> str:
        rows = self.table.dropna(axis="columns", how="all")
        return f"{self.verdict}\n\n{rows.to_string(index=False, na_rep='', float_format=_number)}"

    __repr__ = __str__


def recurrent_spectrum(model: Any) -> RecurrentSpectrum:
    """Compute the eigenvalues and singular values of each recurrent matrix.

    In the plain rnn, a small state after t steps without input is W^t times itself: it
    fades if all eigenvalues are within the unit circle, and grows if one is outside. In
    gated cells the gate that keeps the state decides instead, by its bias to begin with.

    Parameters
    ----------
    model : any estimator
        Fitted, with a recurrent encoder or decoder; of "lstm_fcn" its LSTM is looked at.

    Returns
    -------
    RecurrentSpectrum

    Raises
    ------
    ValueError
        If the encoder has no recurrent weights.

    References
    ----------
    Pascanu, Mikolov & Bengio (2013), "On the difficulty of training recurrent neural
    networks", section 2.1; the gates' memory: Tallec & Ollivier (2018), "Can recurrent neural
    networks warp time?", equation 16 and above.

    Examples
    --------
    >>> from textseq import TextClassifier
    >>> texts, labels = ["good film", "bad film"] * 10, ["pos", "neg"] * 10
    >>> model = TextClassifier(encoder="rnn", init="orthogonal", hidden_size=4, max_epochs=1,
    ...                        learning_rate=1e-6, random_state=0, num_layers=1)
    >>> recurrent_spectrum(model.fit(texts, labels)).table["radius"].round(3).tolist()
    [1.0]
    """
    network = recurrent_network(model)
    cells = list(_cells(network))
    matrices = {
        (layer, direction, gate): recurrent.detach()
        for layer, direction, cell in cells
        for gate, (_, recurrent, _) in cell.gate_weights().items()
    }
    with ThreadTeam(thread_count(model.n_threads)) as team:
        spectra = team.map(_spectrum, matrices.values())
    eigenvalues = {key: found[0] for key, found in zip(matrices, spectra, strict=True)}
    singular_values = {key: found[1] for key, found in zip(matrices, spectra, strict=True)}
    rows: list[dict[str, Any]] = []
    keeping = []
    for layer, direction, cell in cells:
        for symbol, (gate, (_, _, biases)) in zip(
            cell.symbols, cell.gate_weights().items(), strict=True
        ):
            memory = np.full(3, np.nan)
            if gate == cell.forget_gate:
                bias = np.sum([bias.numpy() for bias in biases], axis=0, dtype=np.float64)
                keeping.append(1 + np.exp(bias))  # 1 / (1 - sigmoid(b))
                memory = np.quantile(keeping[-1], [0.25, 0.5, 0.75])
            key = layer, direction, gate
            radius = float(abs(eigenvalues[key][0]))
            rows.append(
                {
                    "layer": layer,
                    "direction": direction,
                    "gate": gate,
                    "matrix": f"W_h{symbol}",
                    "radius": radius,
                    "norm": float(singular_values[key][0]),
                    "half_life": half_life(radius) if cell.forget_gate is None else np.nan,
                    "memory_low": memory[0],
                    "memory": memory[1],
                    "memory_high": memory[2],
                }
            )
    table = pd.DataFrame(rows)
    chosen = model.fitted_parameters_
    of_units = np.concatenate(keeping) if keeping else np.empty(0)
    words = words_of(model)
    verdict = _of_gates(of_units, chosen, words) if keeping else _of_rnn(table, chosen, words)
    verdict += of_the_lstm(network)
    return RecurrentSpectrum(table, verdict, eigenvalues, singular_values, of_units)


def half_life(radius: float) -> float:
    """Return the steps after which radius^t is a half; infinite from 1 on.

    Examples
    --------
    >>> [half_life(radius) for radius in (0.0, 0.25, 0.5, 1.0)]
    [0.0, 0.5, 1.0, inf]
    """
    if radius == 0:
        return 0.0
    return float(np.log(0.5) / np.log(radius)) if radius < 1 else np.inf


def _cells(network: Trainable) -> Iterator[tuple[int, str, Cell]]:
    for name, part in network.parts().items():
        for number, layer in enumerate(recurrent_layers(part), start=1):
            for direction, cell in zip(DIRECTIONS, (layer.forwards, layer.backwards), strict=True):
                if isinstance(cell, Cell):
                    yield number, DECODER if name == DECODER else direction, cell


def _spectrum(matrix: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvalues and singular values (H,), largest first."""
    matrix = matrix.double()
    values = torch.linalg.eigvals(matrix)
    values = values[values.abs().argsort(descending=True)]
    return values.numpy(), torch.linalg.svdvals(matrix).numpy()


def _of_rnn(table: pd.DataFrame, chosen: dict[str, Any], words: Words) -> str:
    radius = float(table["radius"].max())
    where = _where(radius)
    fact = f"spectral radius {radius:.3g}, {where} the unit circle: "
    if where == "on":
        return fact + "a small state neither fades nor grows; keep clip_grad_norm for training"
    if where == "inside":
        steps = half_life(radius)
        left = np.log(1e-3) / np.log(radius) if radius else 0.0
        remedy = "a gated encoder"
        if chosen["init"] != "orthogonal":
            remedy = 'init="orthogonal" or ' + remedy
        return (
            f"{fact}a state halves every {steps:.2g} steps and is down to a thousandth after "
            f"{left:,.0f}; where {words.many} need more memory, try {remedy}"
        )
    bounded = (
        "relu has no bound"
        if chosen["activation"] == "relu"
        else "tanh bounds it: gradient_flow measures both"
    )
    remedies = ["clip_grad_norm=1.0"] if chosen["clip_grad_norm"] is None else []
    if chosen["init_gain"] > 1:
        remedies.append(f"a smaller init_gain than {chosen['init_gain']:g}")
    remedies.append("a smaller learning_rate")
    return (
        f"{fact}a small state doubles every {np.log(2) / np.log(radius):.2g} steps "
        f"({bounded}), and its gradient may; where training is rough, try {' or '.join(remedies)}"
    )


def _of_gates(memory: np.ndarray, chosen: dict[str, Any], words: Words) -> str:
    low, middle, high = np.quantile(memory, [0.25, 0.5, 0.75])
    fact = (
        f"by their biases the gates keep a state for {_number(middle)} steps (half of the units "
        f"for {_number(low)} to {_number(high)}, the longest for {_number(memory.max())})"
    )
    if chosen["init"] == "chrono":
        return f"{fact}; inputs and states move them from there"
    return f'{fact}; where {words.many} need more memory, try init="chrono"'


def _where(radius: float) -> str:
    if abs(radius - 1) <= ON_THE_CIRCLE:
        return "on"
    return "inside" if radius < 1 else "outside"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _keep(axes: Axes, key: GateKey, values: np.ndarray) -> None:
    """Keep what each eigenvalue stands for."""
    whose = dict(zip(("layer", "direction", "gate"), key, strict=True))
    parts = {"real part": values.real, "imaginary part": values.imag, "size": np.abs(values)}
    keep_marks(axes, whose | parts, values.real, values.imag)


def _draw(axes: Axes, values: np.ndarray, far: float, ticks: int) -> None:
    around = np.exp(2j * np.pi * np.linspace(0, 1, 200))
    axes.plot(around.real, around.imag, color=MUTED, lw=0.9)
    size = 4.5 if len(values) <= 64 else 3
    axes.plot(values.real, values.imag, "o", ms=size, mfc="none", mec=ACCENT, mew=0.9)
    axes.set_xlim(-far, far)
    axes.set_ylim(-far, far)
    axes.set_aspect("equal")
    axes.locator_params(nbins=ticks)
    axes.grid()
    bare(axes, "left", "bottom")
