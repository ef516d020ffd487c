"""The steps of one text or series, as tables, verdicts and figures name them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from textseq.figures import ACCENT, MUTED, SECOND, WIDTH, bare
from textseq.inspection.token_labels import figure_width, label_tokens, token_label
from textseq.inspection.wording import SERIES, TEXTS, Words
from textseq.marks import keep_marks
from textseq.message_language import number_of
from textseq.text.tokens import Tokens
from textseq.text.vocabulary import UNKNOWN_ID

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Of a sequence with a larger share of unknown tokens, or of missing values, the network
# hardly sees a thing.
MANY_UNKNOWN = 1 / 3
# Channels whose lines can be told apart in one panel.
MOST_LINES = 3
# Inches of a figure of a series: a step's own, those beside the axes, and the most of all.
_PER_STEP, _BESIDE, _WIDEST = 0.02, 1.5, 8.0


class Steps(ABC):
    """What the steps of one sequence are called."""

    words: Words

    @abstractmethod
    def __len__(self) -> int: ...

    @property
    @abstractmethod
    def width(self) -> float:
        """Inches of a figure with the steps side by side."""

    @abstractmethod
    def table(self) -> pd.DataFrame:
        """Return a row a step, with the columns that tell which step it is."""

    def labels(self) -> dict[str, np.ndarray]:
        """Return what names a step in a figure, (T,) each: its number, and token or only value."""
        shown = self.table().filter(["step", "token", "value"])
        return {str(name): column.to_numpy() for name, column in shown.items()}

    @abstractmethod
    def inputs(self, vectors: np.ndarray) -> dict[str, np.ndarray]:
        """Return columns that tell what the network reads (T, D)."""

    @abstractmethod
    def dealt(self, attributions: np.ndarray) -> pd.DataFrame:
        """Return what the inputs' attributions (T, D) sum to, step by step."""

    @abstractmethod
    def named(self, step: int) -> str:
        """Name a step, from 0, in a verdict."""

    @abstractmethod
    def called(self, step: int, *facts: str) -> str:
        """Name a step, from 0, and say where it stands and what else is to be told of it."""

    @abstractmethod
    def titled(self, step: int) -> str:
        """Name a step, from 0, at the head of a figure."""

    @abstractmethod
    def label_axis(self, axes: Axes, importance: np.ndarray) -> None:
        """Write steps below an axis that counts them from 0; ``importance`` is of shape (T,)."""

    @abstractmethod
    def remarks(self) -> str:
        """Say what of the sequence the network does not see, and what to do about it."""


@dataclass(frozen=True, eq=False)
class TokenSteps(Steps):
    """The tokens of a text.

    Parameters
    ----------
    tokens : Tokens of one text
        Those read: at most the model's ``max_length``.
    ids : ndarray of shape (T,), int64
    n_cut : int
        Tokens beyond ``max_length``, which the network never sees.
    wide : bool
        Whether a wide path does see them.
    words : Words
        For what the model reads.
    """

    tokens: Tokens
    ids: np.ndarray
    n_cut: int
    wide: bool = False
    words: Words = TEXTS

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def known(self) -> np.ndarray:
        """Whether each token is in the vocabulary, shape (T,)."""
        known: np.ndarray = self.ids != UNKNOWN_ID
        return known

    @property
    def width(self) -> float:
        """Inches of a figure with the tokens side by side."""
        return figure_width(len(self))

    def table(self) -> pd.DataFrame:
        """Return ``step``, ``token`` and ``known``."""
        steps, tokens = np.arange(1, len(self) + 1), self.tokens.flat.to_list()
        return pd.DataFrame({"step": steps, "token": tokens, "known": self.known})

    def inputs(self, vectors: np.ndarray) -> dict[str, np.ndarray]:
        """Return ``id``, and ``x`` if the network reads one number a token."""
        return {"id": self.ids} | ({"x": vectors[:, 0]} if vectors.shape[1] == 1 else {})

    def dealt(self, attributions: np.ndarray) -> pd.DataFrame:
        """Return the sums over the entries of each token's vector."""
        return pd.DataFrame({"integrated_gradients": attributions.sum(1)})

    def named(self, step: int) -> str:
        """Return the token in quotes."""
        return repr(self.tokens.flat[step])

    def called(self, step: int, *facts: str) -> str:
        """Return the token with its place."""
        return f"{self.named(step)} ({', '.join([f'step {step + 1}', *facts])})"

    def titled(self, step: int) -> str:
        """Return the token as fonts can show it."""
        return f"“{token_label(self.tokens.flat[step])}”"

    def label_axis(self, axes: Axes, importance: np.ndarray) -> None:
        """Write the tokens; of very many, the important ones."""
        label_tokens(axes, self.table(), importance)

    def remarks(self) -> str:
        """Tell of unknown tokens, and of those that were cut off."""
        n_unknown = int((~self.known).sum())
        remarks = ""
        if n_unknown > MANY_UNKNOWN * len(self):
            remarks += (
                f"; {n_unknown} of {len(self)} tokens are unknown to it: "
                "fit with more texts or pretrained vectors"
            )
        if self.n_cut:
            whom = "read by the wide path alone" if self.wide else "not read"
            remarks += f"; {self.n_cut} more tokens were {whom}: raise max_length={len(self)}"
        return remarks


@dataclass(frozen=True, eq=False)
class SeriesSteps(Steps):
    """The steps of a series.

    Parameters
    ----------
    values : ndarray of shape (T, C), float64
        In their own units, NaN where missing.
    scaled : ndarray of shape (T, C), float64
        As the network reads them.
    channel_of : ndarray of shape (D,), int64
        The channel that each input of the network tells of.
    words : Words
        For what the model reads.
    """

    values: np.ndarray
    scaled: np.ndarray
    channel_of: np.ndarray
    words: Words = SERIES

    def __len__(self) -> int:
        return len(self.values)

    @property
    def n_channels(self) -> int:
        """Channels C."""
        return int(self.values.shape[1])

    @property
    def width(self) -> float:
        """Inches of a figure with the steps side by side."""
        return float(np.clip(_BESIDE + _PER_STEP * len(self), WIDTH, _WIDEST))

    def names(self, column: str) -> list[str]:
        """Return the name that a column has for each channel."""
        return numbered(column, self.n_channels)

    def table(self) -> pd.DataFrame:
        """Return ``step`` and ``value``, of several channels ``value[0]`` and so on."""
        table = pd.DataFrame(self.values, columns=self.names("value"))
        table.insert(0, "step", np.arange(1, len(self) + 1))
        return table

    def inputs(self, vectors: np.ndarray) -> dict[str, np.ndarray]:
        """Return ``x``, of several inputs ``x[0]`` and so on."""
        return dict(zip(numbered("x", vectors.shape[1]), vectors.T, strict=True))

    def dealt(self, attributions: np.ndarray) -> pd.DataFrame:
        """Return the sums over the inputs of each step, and over those of each of its channels."""
        of_step = pd.DataFrame({"integrated_gradients": attributions.sum(1)})
        if self.n_channels == 1:
            return of_step
        belongs = self.channel_of[:, None] == np.arange(self.n_channels)  # (D, C)
        names = self.names("integrated_gradients")
        return of_step.join(pd.DataFrame(attributions @ belongs, columns=names))

    def named(self, step: int) -> str:
        """Return the step's number."""
        return f"step {step + 1}"

    def called(self, step: int, *facts: str) -> str:
        """Return the step's number."""
        return f"{self.named(step)} ({', '.join(facts)})" if facts else self.named(step)

    def titled(self, step: int) -> str:
        """Return the step's number."""
        return f"Step {step + 1}"

    def label_axis(self, axes: Axes, importance: np.ndarray) -> None:
        """Write round numbers of steps."""
        from matplotlib.ticker import MaxNLocator

        locator = MaxNLocator(nbins=8, integer=True, steps=[1, 2, 5, 10])
        steps = np.asarray(locator.tick_values(1, len(self))).astype(int)
        shown = [step for step in dict.fromkeys([1, *steps.tolist()]) if 1 <= step <= len(self)]
        axes.set_xticks([step - 1 for step in shown], [str(step) for step in shown])
        axes.set_xlim(-0.5, len(self) - 0.5)
        axes.set_xlabel("step")

    def remarks(self) -> str:
        """Tell of missing values."""
        n_missing = int(np.isnan(self.values).sum())
        if n_missing <= MANY_UNKNOWN * self.values.size:
            return ""
        return (
            f"; {n_missing} of {self.values.size} values are missing, each read as its channel's "
            "mean"
        )

    def draw(self, axes: Axes) -> None:
        """Draw the series: one channel in its units, several as the network reads them."""
        alone = self.n_channels == 1
        few = self.n_channels <= MOST_LINES
        looks = [("-", ACCENT), ("--", SECOND), (":", MUTED)] if few else [("-", MUTED)]
        for channel in range(self.n_channels):
            line, color = looks[channel % len(looks)]
            values = (self.values if alone else self.scaled)[:, channel]
            axes.plot(values, line, color=color, lw=1.2 if few else 0.6, label=f"channel {channel}")
            values_of = self.labels() if alone else self.labels() | {f"channel {channel}": values}
            keep_marks(axes, values_of, np.arange(len(self)), values, spans=alone)
        if few and not alone:
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=MOST_LINES, borderpad=0)
        axes.set_ylabel("value" if alone else f"{self.n_channels} channels,\nscaled")
        axes.tick_params(axis="x", length=0, labelbottom=False)
        axes.tick_params(axis="y", labelcolor=MUTED)
        axes.grid(axis="y")
        bare(axes, "left", "bottom")


def numbered(name: str, count: int) -> list[str]:
    """Name so many columns.

    Examples
    --------
    >>> numbered("x", 1), numbered("x", 2)
    (['x'], ['x[0]', 'x[1]'])
    """
    return [name] if count == 1 else [f"{name}[{number_of(number)}]" for number in range(count)]
