"""One text as a fitted network reads it: its tokens, its vectors, the network in 64-bit floats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from textseq.batches import SequenceData
from textseq.estimators.text_encoding import read_fields
from textseq.estimators.text_estimator import TextEstimator
from textseq.inspection.unroll import in_double_precision
from textseq.nn.network import SequenceNetwork
from textseq.nn.trainable import Inputs
from textseq.ragged import Ragged, offsets_of
from textseq.text.tokens import Tokens
from textseq.text.vocabulary import UNKNOWN_ID
from textseq.training.outputs import network_outputs
from textseq.training.threads import ThreadTeam

# With more unknown tokens than this share, a text is one that the network hardly sees.
MANY_UNKNOWN = 1 / 3


@dataclass(frozen=True, eq=False)
class Reading:
    """One text as a network reads it.

    Parameters
    ----------
    tokens : Tokens of one text
        Those read: at most the model's ``max_length``.
    ids : ndarray of shape (T,), int64
    n_cut : int
        Tokens beyond ``max_length``, which the model never sees.
    vectors : Tensor of shape (T, D), float64
    network : SequenceNetwork
        A copy of the model's that computes in float64.
    n_threads : int
    """

    tokens: Tokens
    ids: np.ndarray
    n_cut: int
    vectors: Tensor
    network: SequenceNetwork
    n_threads: int

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def known(self) -> np.ndarray:
        """Whether each token is in the vocabulary, shape (T,)."""
        known: np.ndarray = self.ids != UNKNOWN_ID
        return known

    def document_vectors(self, steps: Ragged) -> np.ndarray:
        """Return what the head would read (n, H) of texts that hold only some of the steps.

        Parameters
        ----------
        steps : Ragged
            n rows of step numbers, from 0.
        """

        # The text's own vectors are the table, and step numbers the ids that number it.
        def compute(network: SequenceNetwork, fields: Inputs) -> Tensor:
            return network.vectors(fields, self.vectors)

        with ThreadTeam(self.n_threads) as team:
            return network_outputs(self.network, SequenceData((steps,)), team, compute)

    def logits(self, steps: Ragged) -> np.ndarray:
        """Return the outputs (n, n_outputs) for texts that hold only some of the steps."""
        with torch.no_grad():
            vectors = torch.from_numpy(self.document_vectors(steps))
            logits: np.ndarray = self.network.head(vectors).numpy()
        return logits

    def remarks(self) -> str:
        """Say what of the text the network does not see, and what to do about it."""
        n_unknown = int((~self.known).sum())
        remarks = ""
        if n_unknown > MANY_UNKNOWN * len(self):
            remarks += (
                f"; {n_unknown} of {len(self)} tokens are unknown to it: "
                "fit with more texts or pretrained vectors"
            )
        if self.n_cut:
            remarks += f"; {self.n_cut} more tokens were not read: raise max_length={len(self)}"
        return remarks


def read_text(model: TextEstimator, text: str | Tokens) -> Reading:
    """Cut and embed one text as a fitted model does.

    Parameters
    ----------
    model : TextClassifier or TextRegressor
        Fitted on one text a row.
    text : str or Tokens of one text

    Returns
    -------
    Reading

    Raises
    ------
    ValueError
        If the model is not fitted or reads pairs, or ``text`` is no single text or has no
        tokens.
    """
    if not isinstance(model, TextEstimator):
        raise ValueError(
            f"got {type(model).__name__}, which is no network; pass a fitted TextClassifier or "
            "TextRegressor"
        )
    check_is_fitted(model, "network_")
    if model.encoding_.n_fields != 1:
        raise ValueError(
            "this model compares two texts a row, and its answer belongs to no single one; "
            "inspect a model of one text a row"
        )
    if not isinstance(text, str) and not (isinstance(text, Tokens) and len(text) == 1):
        raise ValueError(f"text must be one string, got {text!r:.60}; pass one text, such as X[0]")
    (tokens,) = model.encoding_.tokens(read_fields([text] if isinstance(text, str) else text))
    ids = model.encoding_.token_ids(tokens)
    if not len(ids.values):
        raise ValueError(f"text {text!r:.60} has no tokens; pass one with at least one word")
    n_read = int(tokens.lengths[0])
    if model.encoding_.max_length is not None:
        n_read = min(n_read, model.encoding_.max_length)
    n_cut = int(tokens.lengths[0]) - n_read
    tokens = Tokens.from_flat(tokens.flat.head(n_read), np.array([n_read]))
    if model.encoding_.hashed is not None:  # n-grams have ids of their own, in the same order
        tokens = tokens.ngrams(1, model.encoding_.hashed.longest)
    network = in_double_precision(model.network_)
    return Reading(
        tokens=tokens,
        ids=ids.values,
        n_cut=n_cut,
        vectors=network.token_vectors(torch.from_numpy(ids.values)),
        network=network,
        n_threads=model._threads(),
    )


def prefixes(n_steps: int) -> Ragged:
    """Return the step numbers of a text's first token, its first two, ... and all of them.

    Examples
    --------
    >>> prefixes(3).to_lists()
    [[0], [0, 1], [0, 1, 2]]
    """
    lengths = np.arange(1, n_steps + 1)
    offsets = offsets_of(lengths)
    return Ragged(np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths), offsets)


def answer_names(model: TextEstimator) -> list[str]:
    """Name the columns of a model's answers: the classes or labels, or "prediction"."""
    kind, _ = model._target_kind()
    if kind == "number":
        return ["prediction"]
    return [str(name) for name in model.classes_]
