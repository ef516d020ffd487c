"""The steps of a wave, named by their time, and its spectrogram with what was heard under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from textseq.figures import INK, MUTED, WIDTH, bare
from textseq.inspection.steps import Steps
from textseq.inspection.token_labels import token_label
from textseq.inspection.wording import WAVES, Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from textseq.estimators.transcription.transcriber import TimedSymbol

# Inches of a figure: of a step, those beside the axes, and the most of all.
_PER_STEP, _BESIDE, _WIDEST = 0.08, 1.5, 10.0
# Frequencies that are written beside a spectrogram, as far as it has them.
_HERTZ = (250, 500, 1000, 2000, 4000, 8000)
# Below the loudest, in nats of energy, all is white.
_RANGE = 10.0


@dataclass(frozen=True, eq=False)
class WaveSteps(Steps):
    """The steps of a wave.

    Parameters
    ----------
    frames : ndarray of shape (n_frames, F)
        Log-mel energies.
    centres : ndarray of shape (F,)
        Middle frequencies of their bands, in Hz.
    stride : int
        Frames of a step.
    seconds : float
        From one step to the next.
    heard : sequence of TimedSymbol
        What the model hears, and when.
    words : Words
        For what the model reads.
    """

    frames: np.ndarray
    centres: np.ndarray
    stride: int
    seconds: float
    heard: Sequence[TimedSymbol]
    words: Words = WAVES

    def __len__(self) -> int:
        return -(-len(self.frames) // self.stride)

    @property
    def width(self) -> float:
        """Inches of a figure with the steps side by side."""
        return float(np.clip(_BESIDE + _PER_STEP * len(self), WIDTH, _WIDEST))

    def table(self) -> pd.DataFrame:
        """Return ``step``, and ``start`` and ``end`` in seconds."""
        steps = np.arange(len(self))
        ends = {"start": steps * self.seconds, "end": (steps + 1) * self.seconds}
        return pd.DataFrame({"step": steps + 1} | ends)

    def labels(self) -> dict[str, np.ndarray]:
        """Return the number of each step, and when it begins."""
        table = self.table()
        return {"step": table["step"].to_numpy(), "seconds": table["start"].to_numpy()}

    def inputs(self, vectors: np.ndarray) -> dict[str, np.ndarray]:
        """Return no column: a step's bands are too many for a table."""
        return {}

    def dealt(self, attributions: np.ndarray) -> pd.DataFrame:
        """Return the sums over the bands of each step."""
        return pd.DataFrame({"integrated_gradients": attributions.sum(1)})

    def named(self, step: int) -> str:
        """Return the step's number."""
        return f"step {step + 1}"

    def called(self, step: int, *facts: str) -> str:
        """Return the step's number, and when it begins."""
        return f"{self.named(step)} ({', '.join([f'{step * self.seconds:.2f} s', *facts])})"

    def titled(self, step: int) -> str:
        """Return the step's number, and when it begins."""
        return f"Step {step + 1} ({step * self.seconds:.2f} s)"

    def label_axis(self, axes: Axes, importance: np.ndarray) -> None:
        """Write seconds."""
        from matplotlib.ticker import MaxNLocator

        length = len(self) * self.seconds
        ticks = MaxNLocator(nbins=8, steps=[1, 2, 5, 10]).tick_values(0, length)
        times = [time for time in ticks if 0 <= time <= length]
        # A step is drawn around its number, so that it begins half a step before.
        axes.set_xticks([time / self.seconds - 0.5 for time in times], [f"{t:g}" for t in times])
        axes.set_xlim(-0.5, len(self) - 0.5)
        axes.set_xlabel("time (seconds)")

    def remarks(self) -> str:
        """Return nothing: a wave is read as a whole."""
        return ""

    def draw(self, axes: Axes) -> None:
        """Draw the spectrogram, and under it the symbols that are heard."""
        n_frames, n_bands = self.frames.shape
        loudest = float(self.frames.max())
        axes.imshow(
            self.frames.T,
            cmap="Greys",
            vmin=loudest - _RANGE,
            vmax=loudest,
            extent=(-0.5, n_frames / self.stride - 0.5, -0.5, n_bands - 0.5),
            origin="lower",
            aspect="auto",
            interpolation="nearest",
        )
        for symbol in self.heard:
            axes.text(
                (symbol.start + symbol.end) / 2 / self.seconds - 0.5,
                -0.05,
                token_label(symbol.symbol),
                transform=axes.get_xaxis_transform(),
                ha="center",
                va="top",
                color=INK,
                weight="bold",
            )
        shown = [hertz for hertz in _HERTZ if self.centres[0] <= hertz <= self.centres[-1]]
        bands = np.interp(shown, self.centres, np.arange(n_bands))
        axes.set_yticks(bands, [f"{hertz:,}" for hertz in shown])
        axes.set_ylabel("frequency (Hz)")
        axes.tick_params(axis="x", length=0, labelbottom=False)
        axes.tick_params(axis="y", labelcolor=MUTED)
        bare(axes, "left", "bottom")
