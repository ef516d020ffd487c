"""From waves to what a network reads, and from texts to symbols and back."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from textseq.audio.spectrogram import LogMel, level, normalized, with_deltas
from textseq.message_language import number_of
from textseq.nn.ctc import BLANK
from textseq.ragged import Ragged

# What a file calls symbols that were given as lists.
LISTED = "listed"
# Seconds of a wave for which its own mean counts as much as the usual one.
USUAL_SECONDS = 0.6


@dataclass(frozen=True)
class AudioEncoding:
    """What turns waves into steps, and symbols into numbers.

    Parameters
    ----------
    mel : LogMel
    deltas : bool
        Whether steps have changes over time behind their bands.
    stride : int
        Frames of a step.
    kind : {"char", "word", "listed"}
        What texts are cut into; lists stand as they are.
    usual : tuple of float
        Mean of each band over the training waves, each less its own level.
    symbols : tuple of str
        Sorted; number 1 is the first, and ``BLANK`` none.
    """

    mel: LogMel
    deltas: bool
    stride: int
    kind: str
    usual: tuple[float, ...]
    symbols: tuple[str, ...]

    @property
    def n_inputs(self) -> int:
        """Numbers of a step."""
        return self.mel.n_mels * (2 if self.deltas else 1) * self.stride

    @property
    def step_seconds(self) -> float:
        """Seconds from one step to the next."""
        return self.stride * self.mel.hop_size / self.mel.sample_rate

    def finished(self, frames: np.ndarray) -> np.ndarray:
        """Return one wave's frames (T, F) normalised, with changes over time if so chosen."""
        n_usual = USUAL_SECONDS * self.mel.sample_rate / self.mel.hop_size
        frames = normalized(frames, np.array(self.usual), n_usual)
        return with_deltas(frames) if self.deltas else frames

    def stacked(self, frames: np.ndarray) -> np.ndarray:
        """Return finished frames (T, D) as steps (ceil(T / stride), D * stride)."""
        frames = np.pad(frames, ((0, -len(frames) % self.stride), (0, 0)))
        return frames.reshape(-1, frames.shape[1] * self.stride).astype(np.float32)

    def steps(self, frames: Ragged) -> Ragged:
        """Return what the network reads (n_steps, n_inputs) of waves' frames."""
        rows = [self.stacked(self.finished(frames[row])) for row in range(len(frames))]
        return end_to_end(rows, self.n_inputs)

    def numbers(self, symbols: Sequence[Sequence[str]], name: str = "y") -> Ragged:
        """Return the numbers of rows of symbols.

        Raises
        ------
        ValueError
            If a symbol is none of those that were learned.
        """
        known = {symbol: number for number, symbol in enumerate(self.symbols, BLANK + 1)}
        for row, own in enumerate(symbols):
            for symbol in own:
                if symbol not in known:
                    raise ValueError(
                        f"{name}[{number_of(row)}] holds {symbol!r}, which no training text has; "
                        "train on texts that have it, or leave the row out"
                    )
        return Ragged.from_rows([[known[symbol] for symbol in row] for row in symbols])

    def read(self, numbers: np.ndarray) -> list[str]:
        """Return the symbols (n,) of numbers."""
        return [self.symbols[number - BLANK - 1] for number in numbers.tolist()]

    def written(self, symbols: list[str]) -> Any:
        """Return symbols as texts were given: a string, or the list itself."""
        if self.kind == LISTED:
            return symbols
        return (" " if self.kind == "word" else "").join(symbols)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it, JSON-able."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> AudioEncoding:
        """Return what ``to_dict`` was called of."""
        own = {"mel": LogMel(**stored["mel"]), "symbols": tuple(stored["symbols"])}
        own["usual"] = tuple(stored["usual"])
        return cls(**{**stored, **own})


def frames_of(waves: Ragged, mel: LogMel) -> Ragged:
    """Return log-mel frames (n_frames, F) of waves, as they are."""
    return end_to_end([mel.frames(waves[row]) for row in range(len(waves))], mel.n_mels)


def usual_bands(frames: Ragged) -> tuple[float, ...]:
    """Return the mean of each band over waves, each of which counts alike, less its own level."""
    rows = [frames[row] for row in range(len(frames))]
    means = [own.mean(axis=0, dtype=np.float64) - level(own) for own in rows]
    return tuple(np.mean(means, axis=0).tolist())


def end_to_end(rows: Sequence[np.ndarray], width: int) -> Ragged:
    """Return rows (T_i, width) end to end."""
    offsets = np.cumsum([0, *map(len, rows)])
    values = np.concatenate(rows) if rows else np.zeros((0, width), dtype=np.float32)
    return Ragged(values, offsets)


def read_symbols(y: Any, kind: str, name: str = "y") -> tuple[list[list[str]], bool]:
    """Cut texts into symbols.

    Parameters
    ----------
    y : list or column of n str, or list of n lists of str
    kind : {"char", "word"}
        What strings are cut into; white space counts as one space, and none at the ends.
    name : str, default "y"
        What error messages call the texts.

    Returns
    -------
    symbols : list of n lists of str
    listed : bool
        Whether they came as lists.

    Raises
    ------
    ValueError
        If a row is neither, or rows are of both kinds.

    Examples
    --------
    >>> read_symbols(["so  it", ""], "char")
    ([['s', 'o', ' ', 'i', 't'], []], False)
    >>> read_symbols([["s", "əʊ"]], "char")
    ([['s', 'əʊ']], True)
    """
    if isinstance(y, str) or not isinstance(y, Iterable):
        raise ValueError(f"{name} is {y!r:.60}; pass a list of texts, or of lists of symbols")
    found: list[list[str]] = []
    kinds: set[bool] = set()
    for row, text in enumerate(y):
        listed = isinstance(text, list | tuple | np.ndarray)
        if listed:
            text = [str(one) if isinstance(one, np.str_) else one for one in text]
        if not (isinstance(text, str) or (listed and all(isinstance(s, str) for s in text))):
            raise ValueError(
                f"{name}[{number_of(row)}] is {text!r:.60}; pass a string, or a list of strings"
            )
        kinds.add(listed)
        if len(kinds) > 1:
            raise ValueError(
                f"{name} holds strings and lists; pass strings alone, or lists of symbols alone"
            )
        found.append(list(text) if listed else _cut(text, kind))
    return found, kinds == {True}


def _cut(text: str, kind: str) -> list[str]:
    words = unicodedata.normalize("NFC", text).split()
    return words if kind == "word" else list(" ".join(words))
