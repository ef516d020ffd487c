"""One text as a wide path reads it, beside the network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from textseq.estimators.sequence.wide_path import WidePath
from textseq.ragged import Ragged, offsets_of
from textseq.text.ngram_features import Occurrences

# In place of ids: no n-gram reaches over the first, and the second is as if it were not there.
_GAP, _MARK = -1, -2


@dataclass(frozen=True, eq=False)
class WideReading:
    """The n-grams of one text.

    Parameters
    ----------
    path : WidePath
    ids : ndarray of shape (N,), int64
        Of the whole text's tokens.
    tokens : list of str
        The same, "<unk>" for those that the vocabulary does not know.
    step_of : ndarray of shape (n_read,), int64
        The network's step of each token that it reads, the text's first ones.
    n_steps : int
        Steps T that the network reads, marks at the text's ends among them.
    joint : str
        What stands between the tokens of an n-gram.
    """

    path: WidePath
    ids: np.ndarray
    tokens: list[str]
    step_of: np.ndarray
    n_steps: int
    joint: str

    def outputs(self, steps: Ragged, to_the_end: bool) -> np.ndarray:
        """Return the path's outputs (n, n_outputs) for texts of only some of the steps.

        Parameters
        ----------
        steps : Ragged
            n rows of the network's step numbers, from 0; those from T on are left out, and no
            n-gram reaches over them.
        to_the_end : bool
            Whether the tokens that the network does not read follow.
        """
        ids = np.full(2 * self.n_steps, _MARK)
        ids[self.step_of] = self.ids[: len(self.step_of)]
        ids[self.step_of + self.n_steps] = _GAP
        values = [ids[row] for row in np.split(steps.values, steps.offsets[1:-1])]
        if to_the_end:
            values = [np.concatenate([row, self.ids[len(self.step_of) :]]) for row in values]
        whole = Ragged.from_rows(values)
        # A gap begins a piece, and so does a text.
        text = np.repeat(np.arange(len(whole)), whole.lengths)
        piece = np.cumsum(whole.values == _GAP) + text
        first = np.r_[0, np.cumsum([(row == _GAP).sum() + 1 for row in values])]
        kept = whole.values >= 0
        lengths = np.bincount(piece[kept], minlength=first[-1])
        pieces = Ragged(whole.values[kept], offsets_of(lengths))
        text_of = np.repeat(np.arange(len(whole)), np.diff(first))
        return self.path.outputs(pieces, text_of)

    def contributions(self) -> tuple[np.ndarray, np.ndarray]:
        """Return what each step adds to the outputs (T, n_outputs), and what the rest does.

        An n-gram's part is dealt out to its tokens alike. The rest (n_outputs,) is the path's
        bias and what tokens add that the network does not read.
        """
        found = self.path.features.occurrences(self.ids)
        parts = self._parts(found) / found.sizes[:, None]
        by_token = np.zeros((len(self.ids), parts.shape[1]))
        for place in range(self.path.features.longest):
            inside = place < found.sizes
            np.add.at(by_token, found.starts[inside] + place, parts[inside])
        n_read = len(self.step_of)
        by_step = np.zeros((self.n_steps, parts.shape[1]))
        by_step[self.step_of] = by_token[:n_read]
        return by_step, by_token[n_read:].sum(0) + self.path.bias

    def ngrams(self) -> tuple[list[str], np.ndarray]:
        """Return the text's n-grams that the path knows, each once, and their parts (m, K)."""
        found = self.path.features.occurrences(self.ids)
        columns, first, inverse = np.unique(found.columns, return_index=True, return_inverse=True)
        parts = np.zeros((len(columns), self.path.weights.shape[1]))
        np.add.at(parts, inverse, self._parts(found))
        names = [
            self.joint.join(self.tokens[start : start + size])
            for start, size in zip(found.starts[first], found.sizes[first], strict=True)
        ]
        return names, parts

    def _parts(self, found: Occurrences) -> np.ndarray:
        """Return what each occurrence adds to the outputs (m, n_outputs)."""
        weights = self.path.weights[found.columns].astype(np.float64)
        parts: np.ndarray = weights * found.shares[:, None]
        return parts
