"""Rows of steps, and what training makes of waves anew in each epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from textseq.estimators.transcription.encoding import AudioEncoding, end_to_end
from textseq.nn.frame_augmentation import FrameAugmentation, masked
from textseq.ragged import Ragged

# Share of the rows that are not joined in any case: a wave by itself is the hardest to read.
ALONE = 0.2


@dataclass(frozen=True, eq=False)
class SpokenRows:
    """What the network reads of waves, and the symbols it should say.

    Parameters
    ----------
    steps : Ragged
        Numbers (n_steps, n_inputs), float32.
    symbols : Ragged of int64, optional
        Numbers of the symbols.
    weights : ndarray of shape (n_rows,), float32, optional
        A row's symbols, divided by their mean over the data.
    """

    steps: Ragged
    symbols: Ragged | None = None
    weights: np.ndarray | None = None

    @classmethod
    def of_all(cls, steps: Ragged, symbols: Ragged) -> SpokenRows:
        """Take all rows of a data set with their symbols, each of which counts alike."""
        counts = np.maximum(symbols.lengths, 1)
        return cls(steps, symbols, (counts / counts.mean()).astype(np.float32))

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def targets(self) -> np.ndarray | None:
        """Nothing of its own: the network reads the symbols, and answers by its losses."""
        return None if self.symbols is None else np.zeros(len(self), dtype=np.int64)

    @property
    def lengths(self) -> np.ndarray:
        """Steps of each row, shape (n_rows,)."""
        return self.steps.lengths

    @property
    def n_steps(self) -> int:
        """Steps of all rows together."""
        return self.steps.n_values

    def take(self, rows: np.ndarray) -> SpokenRows:
        """Copy the named rows."""
        if self.symbols is None or self.weights is None:
            return SpokenRows(self.steps.take(rows))
        return SpokenRows(self.steps.take(rows), self.symbols.take(rows), self.weights[rows])

    def arrays(self) -> list[tuple[np.ndarray, ...]]:
        """Return steps end to end and offsets, and behind them the symbols' likewise."""
        steps = self.steps.values, self.steps.offsets
        if self.symbols is None:
            return [steps]
        return [(*steps, self.symbols.values, self.symbols.offsets)]


@dataclass(frozen=True, eq=False)
class Utterances:
    """Training rows, of which each epoch reads others: joined, bent, noisy and masked.

    Parameters
    ----------
    plain : SpokenRows
        The rows as they are.
    frames : Ragged
        Their log-mel frames (n_frames, F).
    groups : ndarray of shape (n_rows,)
        Numbers: only rows of one group are joined.
    encoding : AudioEncoding
    augmentation : FrameAugmentation
    n_masks, join : int
        As the estimator's parameters.
    """

    plain: SpokenRows
    frames: Ragged
    groups: np.ndarray
    encoding: AudioEncoding
    augmentation: FrameAugmentation
    n_masks: int
    join: int

    def __len__(self) -> int:
        return len(self.plain)

    @property
    def targets(self) -> np.ndarray | None:
        """Nothing of its own, as of ``SpokenRows``."""
        return self.plain.targets

    @property
    def weights(self) -> np.ndarray | None:
        """A row's symbols, divided by their mean."""
        return self.plain.weights

    @property
    def lengths(self) -> np.ndarray:
        """Steps of each row, shape (n_rows,)."""
        return self.plain.lengths

    @property
    def n_steps(self) -> int:
        """Steps of all rows together."""
        return self.plain.n_steps

    def take(self, rows: np.ndarray) -> Utterances:
        """Copy the named rows."""
        own = {name: getattr(self, name).take(rows) for name in ("plain", "frames")}
        return replace(self, groups=self.groups[rows], **own)

    def arrays(self) -> list[tuple[np.ndarray, ...]]:
        """Return the rows as they are."""
        return self.plain.arrays()

    def drawn(self, rng: np.random.Generator, done: float) -> SpokenRows:
        """Return what an epoch reads: each wave once, otherwise than before."""
        assert self.plain.symbols is not None
        n_bands = self.frames.values.shape[1]
        steps, symbols = [], []
        for rows in self._joined(rng):
            parts = [self.frames[row] for row in rows]
            frames = self.augmentation.drawn(parts, rng, pauses=self.join > 1)
            frames = masked(self.encoding.finished(frames), self.n_masks, n_bands, rng)
            steps.append(self.encoding.stacked(frames))
            symbols.append(np.concatenate([self.plain.symbols[row] for row in rows]))
        drawn = end_to_end(steps, self.encoding.n_inputs)
        return SpokenRows.of_all(drawn, Ragged.from_rows(symbols))

    def _joined(self, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Yield the numbers of rows that are read as one."""
        for group in np.unique(self.groups):
            rows = rng.permutation(np.flatnonzero(self.groups == group))
            while len(rows):
                alone = self.join == 1 or rng.random() < ALONE
                size = 1 if alone else int(rng.integers(1, self.join + 1))
                yield rows[:size]
                rows = rows[size:]
