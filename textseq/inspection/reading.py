"""One text or series as a fitted network reads it, in 64-bit floats."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from textseq.batches import SequenceData
from textseq.estimators.base import TrainedEstimator
from textseq.estimators.encoding.series import SeriesEncoding
from textseq.estimators.encoding.text_rows import TextRows, read_fields
from textseq.estimators.sequence.estimator import SequenceEstimator
from textseq.estimators.sequence.series import SeriesEstimator
from textseq.estimators.sequence.text import TextEstimator
from textseq.inspection.steps import SeriesSteps, Steps, TokenSteps
from textseq.inspection.unroll import in_double_precision
from textseq.inspection.wide_reading import WideReading
from textseq.inspection.wording import ESTIMATORS, SERIES, Words
from textseq.nn.bags import Bag
from textseq.nn.network import SequenceNetwork
from textseq.nn.trainable import Inputs
from textseq.ragged import Ragged, offsets_of
from textseq.series.inputs import series_rows
from textseq.text.inputs import one_or_more
from textseq.text.tokens import Tokens
from textseq.training.outputs import network_outputs
from textseq.training.threads import ThreadTeam, thread_count

# Poolings by weights that sum to 1.
AVERAGING = ("mean", "attention", "concat")


@dataclass(frozen=True, eq=False)
class Reading:
    """One text or series as a network reads it.

    Parameters
    ----------
    steps : Steps
        What its steps are called.
    source : Tokens of one text, TextRows of one with its columns, or list of one series
        The sequence as ``predict`` takes it.
    vectors : Tensor of shape (T, D), float64
    left_out : Tensor of shape (T, D), float64, optional
        What is read in place of a step that is left out; where there is none, the
        sequence closes up behind it.
    network : SequenceNetwork
        A copy of the model's that computes in float64.
    n_threads : int
    wide : WideReading, optional
        What a wide path reads beside the network.
    columns : Tensor of shape (F,), float64, optional
        What the head reads of the columns beside the text.
    others : tuple of Reading
        The same row as networks behind the first read it, whose outputs are averaged.
    """

    steps: Steps
    source: Any
    vectors: Tensor
    left_out: Tensor | None
    network: SequenceNetwork
    n_threads: int
    wide: WideReading | None = None
    columns: Tensor | None = None
    others: tuple[Reading, ...] = ()

    def __len__(self) -> int:
        return len(self.vectors)

    def without_each(self, width: int = 1) -> Ragged:
        """Return the numbers that stand for the sequence without each ``width`` steps in turn."""
        n_steps = len(self)
        part_of = np.arange(n_steps) // width
        left_out = part_of == np.arange(part_of[-1] + 1)[:, None]  # (parts, T)
        numbers = np.tile(np.arange(n_steps), (len(left_out), 1))
        if self.left_out is not None:
            numbers += n_steps * left_out
            return Ragged(numbers.ravel(), offsets_of(np.full(len(left_out), n_steps)))
        return Ragged(numbers[~left_out], offsets_of((~left_out).sum(1)))

    def document_vectors(self, steps: Ragged) -> np.ndarray:
        """Return what the head would read (n, H) of sequences that hold only some of the steps.

        Parameters
        ----------
        steps : Ragged
            n rows of step numbers, from 0; those from T on are of steps ``left_out``.
        """
        left_out = [] if self.left_out is None else [self.left_out]

        # The sequence's own vectors are the table, and step numbers the ids that number it.
        def compute(network: SequenceNetwork, fields: Inputs) -> Tensor:
            return network.vectors(fields, table)

        with ThreadTeam(self.n_threads) as team:
            table = torch.cat([self.vectors, *left_out])
            return network_outputs(self.network, SequenceData((steps,)), team, compute)

    def answered(self, vectors: Tensor, columns: Tensor | None = None) -> Tensor:
        """Return what the head answers (n, n_outputs) to document vectors (n, H).

        Parameters
        ----------
        vectors : Tensor
        columns : Tensor of shape (n, F), optional
            In place of the row's own.
        """
        if self.columns is not None:
            own = self.columns.expand(len(vectors), -1) if columns is None else columns
            vectors = torch.cat([vectors, own], dim=1)
        outputs: Tensor = self.network.head(vectors)
        return outputs

    @property
    def inputs(self) -> Tensor:
        """The steps' vectors, those of all networks side by side (T, sum of D)."""
        with ThreadTeam(1):
            return torch.cat([member.vectors for member in self._members], dim=1)

    def outputs_of_inputs(self, inputs: Tensor, columns: Tensor | None) -> Tensor:
        """Return what the networks answer (n, n_outputs) to other ``inputs`` (n, T, sum of D)."""
        members, lengths = self._members, torch.full((len(inputs),), inputs.shape[1])
        parts = inputs.split([member.vectors.shape[1] for member in members], dim=-1)
        return _mean(
            member.answered(member.network.read(part, lengths), columns)
            for member, part in zip(members, parts, strict=True)
        )

    def outputs(self, steps: Ragged, columns: Tensor | None = None) -> Tensor:
        """Return what the networks answer (n, n_outputs) to only some of the steps.

        Parameters
        ----------
        steps : Ragged
            As ``document_vectors`` takes them; of one row, where columns are given.
        columns : Tensor of shape (n, F), optional
            In place of the row's own.
        """
        answers = []
        for member in self._members:
            vectors = torch.from_numpy(member.document_vectors(steps))
            with ThreadTeam(1), torch.no_grad():
                if columns is not None:
                    vectors = vectors.expand(len(columns), -1)
                answers.append(member.answered(vectors, columns))
        with ThreadTeam(1):
            return _mean(answers)

    def logits(self, steps: Ragged, to_the_end: bool = False) -> np.ndarray:
        """Return the outputs (n, n_outputs) for sequences that hold only some of the steps.

        Parameters
        ----------
        steps : Ragged
            As ``document_vectors`` takes them.
        to_the_end : bool, default False
            Whether a wide path reads on where the network stops, as it does at a prediction.
        """
        logits: np.ndarray = self.outputs(steps).numpy()
        return logits if self.wide is None else logits + self.wide.outputs(steps, to_the_end)

    @property
    def _members(self) -> tuple[Reading, ...]:
        return (self, *self.others)


def _mean(outputs: Iterable[Tensor]) -> Tensor:
    first, *others = outputs
    return torch.stack([first, *others]).mean(0) if others else first


def read_one(model: SequenceEstimator, sequence: Any) -> Reading:
    """Read one text or one series as a fitted model does.

    Parameters
    ----------
    model : TextClassifier, TextRegressor, SeriesClassifier or SeriesRegressor
        Fitted on one text or series a row.
    sequence : str or Tokens of one text, or array of shape (channels, time) or (time,)
        Of a model that reads columns beside texts a frame of one row.

    Returns
    -------
    Reading

    Raises
    ------
    ValueError
        If the model is not fitted or reads pairs, or ``sequence`` is no single text or
        series, or has no tokens.
    """
    if isinstance(model, SequenceEstimator):
        read = _read_series if model.reads == "series" else _read_text
        own = read(model, sequence)
        others = range(1, len(model.networks))
        return replace(own, others=tuple(read(model.member(one), sequence) for one in others))
    raise ValueError(f"got {type(model).__name__}, {_lacking(model)}")


def _lacking(model: Any) -> str:
    """Say why a model can't be read, and what to do."""
    if not isinstance(model, TrainedEstimator):
        return f"which is no network; pass a fitted {ESTIMATORS}"
    if not model.network_kind.answers_steps:
        return f"which answers no one series; pass a fitted {ESTIMATORS}"
    return (
        "which answers step by step, and not a whole row at once; hidden_states and explain show "
        "what it answers"
    )


def first_member(model: Any) -> Any:
    """Return the first of several networks as a model of its own; what is no such model, as is."""
    return model.member(0) if isinstance(model, SequenceEstimator) else model


def _read_text(model: TextEstimator, text: Any) -> Reading:
    """Cut and embed one text."""
    check_is_fitted(model, "network_")
    if model.encoding_.n_fields != 1:
        raise ValueError(
            "this model compares two texts a row, and its answer belongs to no single one; "
            "inspect a model of one text a row"
        )
    rows = _one_row(model, text)
    (tokens,) = model.encoding_.tokens(rows.fields)
    whole, columns = tokens, model.encoding_.numbers(rows)
    ids = model.encoding_.token_ids(tokens)
    if not len(ids.values):
        raise ValueError(f"text {text!r:.60} has no tokens; pass one with at least one word")
    # Tokens that a model puts at a text's ends are steps like others.
    begin, end = (
        pl.Series("token", model.vocabulary_.decode(marks), dtype=pl.String)
        for marks in model.encoding_.ends
    )
    n_read = int(tokens.lengths[0])
    if model.encoding_.n_read is not None:
        n_read = min(n_read, model.encoding_.n_read)
    n_cut = int(tokens.lengths[0]) - n_read
    shown = pl.concat([begin, tokens.flat.head(n_read), end])
    tokens = Tokens.from_flat(shown, np.array([len(shown)]))
    if model.encoding_.hashed is not None:  # n-grams have ids of their own, in the same order
        tokens = tokens.ngrams(1, model.encoding_.hashed.longest)
    network = in_double_precision(model.network_)
    with ThreadTeam(1):
        vectors = network.token_vectors(torch.from_numpy(ids.values))
        left_out = torch.zeros_like(vectors) if _averages(network) else None
    return Reading(
        steps=TokenSteps(tokens, ids.values, n_cut, model.wide_ is not None),
        source=tokens if columns is None else TextRows((tokens,), rows.columns, rows.names),
        vectors=vectors,
        left_out=left_out,
        network=network,
        n_threads=thread_count(model.n_threads),
        columns=None if columns is None else torch.from_numpy(columns[0].astype(np.float64)),
        wide=_wide_reading(model, whole, np.arange(n_read) + len(begin), len(ids.values)),
    )


def _one_row(model: TextEstimator, text: Any) -> TextRows:
    """Read one text, or a frame of one row where the model reads columns beside it."""
    if model.encoding_.beside is not None:
        rows = model.encoding_.rows(one_or_more(text))
        if len(rows) != 1:
            raise ValueError(f"X has {len(rows)} rows; pass one, such as X[:1]")
        return rows
    if not isinstance(text, str) and not (isinstance(text, Tokens) and len(text) == 1):
        raise ValueError(f"text must be one string, got {text!r:.60}; pass one text, such as X[0]")
    return TextRows(read_fields(one_or_more(text)))


def _wide_reading(
    model: TextEstimator, tokens: Tokens, step_of: np.ndarray, n_steps: int
) -> WideReading | None:
    """Read one text's tokens as the wide path does, if there is one."""
    if model.wide_ is None:
        return None
    ids = model.vocabulary_.encode(tokens).values
    joint = "" if model.tokenizer_.kind == "char" else " "
    # As the path knows them: unknown words are all the same to it.
    known = list(model.vocabulary_.decode(ids))
    return WideReading(model.wide_, ids, known, step_of, n_steps, joint)


def _averages(network: SequenceNetwork) -> bool:
    """Tell whether steps share one weight, of which others would get more if one left."""
    if isinstance(network.encoder, Bag):
        return network.encoder.kind == "mean"
    return network.pooling.kind in AVERAGING


def _read_series(model: SeriesEstimator, series: Any) -> Reading:
    """Scale one series."""
    check_is_fitted(model, "network_")
    try:
        shape: tuple[int, ...] | None = np.shape(series)
    except ValueError:  # a list of unequal rows
        shape = None
    if shape is None or len(shape) not in (1, 2):
        found = f"shape {shape}" if shape else f"{series!r:.60}"
        raise ValueError(
            f"series must be one of shape (channels, time) or (time,), got {found}; "
            "pass one series, such as X[0]"
        )
    rows = series_rows([series], "series")
    steps, inputs, left_out = read_numbers(model.encoding_, rows, SERIES)
    return Reading(
        steps=steps,
        source=[rows.values.T],
        vectors=inputs,
        left_out=left_out,
        network=in_double_precision(model.network_),
        n_threads=thread_count(model.n_threads),
    )


def read_numbers(
    encoding: SeriesEncoding, rows: Ragged, words: Words
) -> tuple[SeriesSteps, Tensor, Tensor]:
    """Scale the numbers of one row.

    Returns
    -------
    steps : SeriesSteps
    inputs : Tensor of shape (T, D), float64
        What the network reads.
    left_out : Tensor of shape (T, D), float64
        What it reads where values are missing.
    """
    inputs = encoding.encode(rows).values.astype(np.float64)
    nothing = Ragged(np.full_like(rows.values, np.nan), rows.offsets)
    n_channels = encoding.n_channels
    steps = SeriesSteps(
        values=rows.values,
        scaled=inputs[:, :n_channels],
        channel_of=np.concatenate([np.arange(n_channels), np.flatnonzero(encoding.missing)]),
        words=words,
    )
    left_out = encoding.encode(nothing).values.astype(np.float64)
    return steps, torch.from_numpy(inputs), torch.from_numpy(left_out)


def prefixes(n_steps: int) -> Ragged:
    """Return the step numbers of a sequence's first step, its first two, ... and all of them.

    Examples
    --------
    >>> prefixes(3).to_lists()
    [[0], [0, 1], [0, 1, 2]]
    """
    lengths = np.arange(1, n_steps + 1)
    offsets = offsets_of(lengths)
    return Ragged(np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths), offsets)


def answer_names(model: SequenceEstimator) -> list[str]:
    """Name the columns of a model's answers: the classes or labels, or "prediction"."""
    kind, _ = model.target_kind()
    if kind == "number":
        return ["prediction"]
    return [str(name) for name in model.classes_]
