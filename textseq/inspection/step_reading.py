"""One row as a network reads it that answers step by step, in 64-bit floats."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from textseq.audio.waves import read_waves
from textseq.batches import SequenceData
from textseq.estimators.base import TrainedEstimator
from textseq.estimators.encoding.series import SeriesEncoding
from textseq.estimators.encoding.text_rows import TextRows
from textseq.estimators.language.model import LanguageModel
from textseq.estimators.seq2seq.model import Seq2Seq
from textseq.estimators.tagging.rows import StepRows
from textseq.estimators.tagging.tagger import SequenceTagger
from textseq.estimators.transcription.encoding import frames_of
from textseq.estimators.transcription.transcriber import Transcriber
from textseq.inspection.reading import prefixes, read_numbers
from textseq.inspection.steps import Steps, TokenSteps
from textseq.inspection.token_labels import token_label
from textseq.inspection.unroll import in_double_precision
from textseq.inspection.wave_steps import WaveSteps
from textseq.inspection.wording import words_of
from textseq.nn.bags import Bag
from textseq.nn.encoder_decoder import Seq2SeqNetwork
from textseq.nn.language import LanguageNetwork
from textseq.nn.tagging import TaggingNetwork
from textseq.nn.token_decoder import BEGIN
from textseq.nn.transcription import TranscriptionNetwork
from textseq.ragged import Ragged
from textseq.series.inputs import series_rows
from textseq.text.tokens import Tokens
from textseq.training.outputs import as_tensors, network_outputs
from textseq.training.threads import ThreadTeam, thread_count

# Steps of one row that are followed at most: each answer of a large vocabulary is a long row.
MOST_STEPS = 1_000
# What tables and figures call the blank of a transcriber.
NOTHING_SAID = "<blank>"


def answers_each_step(model: Any) -> bool:
    """Whether a model's answers are followed step by step: those of a row, or of a wave."""
    if not isinstance(model, TrainedEstimator):
        return False
    return model.network_kind.answers_steps or model.reads == "waves"


@dataclass(frozen=True, eq=False)
class StepReading(ABC):
    """One row, and what may be answered at each of its places.

    Parameters
    ----------
    steps : Steps
        What is read.
    vectors : Tensor of shape (T, D), float64
    left_out : Tensor of shape (T, D), float64
        What is read in place of a step that is left out.
    names : sequence of K
        The tags or tokens that may be answered.
    said : ndarray of shape (P,), int64
        Which of them each place has: what the model says, or in a text what comes next.
    n_threads : int
    """

    steps: Steps
    vectors: Tensor
    left_out: Tensor
    names: Sequence[Any]
    said: np.ndarray
    n_threads: int

    @abstractmethod
    def log_p(self, x: Tensor, place: int) -> Tensor:
        """Return log p (n, K) of what may be answered at a place, of inputs (n, T, D)."""

    @abstractmethod
    def states(self) -> np.ndarray:
        """Return the states (T, H) of the last layer that reads."""

    @abstractmethod
    def called(self, place: int) -> str:
        """Say in words which answer a place's is."""

    def own_log_p(self) -> np.ndarray:
        """Return log p (P,) of what each place has."""
        with ThreadTeam(1), torch.no_grad():
            found = [
                self.log_p(self.vectors[None], place)[0, said]
                for place, said in enumerate(self.said.tolist())
            ]
            return torch.stack(found).numpy()


@dataclass(frozen=True, eq=False)
class EachStepReading(StepReading):
    """A row, each step of which has an answer of its own."""

    network: TaggingNetwork | TranscriptionNetwork

    @abstractmethod
    def all_log_p(self, x: Tensor) -> Tensor:
        """Return log p (n, T, K) of the answers of all steps, of inputs (n, T, D)."""

    def log_p(self, x: Tensor, place: int) -> Tensor:
        """Return log p (n, K) of the answers of a step."""
        return self.all_log_p(x)[:, place]

    def states(self) -> np.ndarray:
        """Return the encoder's states (T, H)."""
        with ThreadTeam(1), torch.no_grad():
            return self.network.states(self.vectors[None], torch.tensor([len(self.steps)]))[
                0
            ].numpy()

    def called(self, place: int) -> str:
        """Name the step."""
        return f" at {_at(self.steps, place)}"


@dataclass(frozen=True, eq=False)
class TagReading(EachStepReading):
    """A row of tokens or frames, each of which has a tag."""

    network: TaggingNetwork

    def all_log_p(self, x: Tensor) -> Tensor:
        """Return log p (n, T, K) of the tags of all steps."""
        lengths = torch.full((len(x),), x.shape[1])
        emissions = self.network.head(self.network.states(x, lengths))
        found: Tensor = self.network.tags.log_marginals(emissions, lengths)
        return found


@dataclass(frozen=True, eq=False)
class WaveReading(EachStepReading):
    """A wave, each step of which says a symbol, or none.

    Parameters
    ----------
    network : TranscriptionNetwork
    heard : str or list of str
        What the model writes down.
    """

    network: TranscriptionNetwork
    heard: Any

    def all_log_p(self, x: Tensor) -> Tensor:
        """Return log p (n, T, K) of the blank and the symbols at all steps."""
        lengths = torch.full((len(x),), x.shape[1])
        logits: Tensor = self.network.head(self.network.states(x, lengths))
        return logits.log_softmax(2)


@dataclass(frozen=True, eq=False)
class TextReading(StepReading):
    """A text, each token of which is followed by another."""

    network: LanguageNetwork

    def log_p(self, x: Tensor, place: int) -> Tensor:
        """Return log p (n, V) of the token behind a step."""
        states, _ = self.network.read_vectors(x[:, : place + 1])
        return self.network.log_probabilities(states[:, -1])

    def all_log_p(self) -> Tensor:
        """Return log p (T, V) of the token behind each step."""
        states, _ = self.network.read_vectors(self.vectors[None])
        return self.network.log_probabilities(states[0])

    def own_log_p(self) -> np.ndarray:
        """Return log p (T,) of what comes next."""
        with ThreadTeam(1), torch.no_grad():
            own = self.all_log_p().gather(1, torch.from_numpy(self.said)[:, None])
            return own[:, 0].numpy()

    def states(self) -> np.ndarray:
        """Return the encoder's states (T, H)."""
        with ThreadTeam(1), torch.no_grad():
            return self.network.read_vectors(self.vectors[None])[0][0].numpy()

    def called(self, place: int) -> str:
        """Name the step that it comes behind."""
        return f" behind {_at(self.steps, place)}"


@dataclass(frozen=True, eq=False)
class SourceReading(StepReading):
    """A source, and the target that the model says of it.

    Parameters
    ----------
    network : Seq2SeqNetwork
    source : Ragged of one row
        Ids or numbers.
    answer : str or list of str
    """

    network: Seq2SeqNetwork
    source: Ragged
    answer: Any

    def log_p(self, x: Tensor, place: int) -> Tensor:
        """Return log p (n, V) of a token of the target, after what was said before it."""
        states, memory = self.network.read_vectors(x, torch.full((len(x),), x.shape[1]))
        before = torch.tensor([[BEGIN, *self.said[:place].tolist()]]).expand(len(x), -1)
        features, _, _ = self.network.decoder(before, memory, states)
        logits: Tensor = self.network.decoder.logits(features[:, -1])
        return logits.log_softmax(1)

    def states(self) -> np.ndarray:
        """Return the encoder's states (T, H); of a mean or a maximum those so far."""
        encoder, n_steps = self.network.encoder, len(self.steps)
        with ThreadTeam(1), torch.no_grad():
            if isinstance(encoder, Bag):
                so_far = [
                    encoder.read(self.vectors[None, :end], torch.tensor([end]))
                    for end in range(1, n_steps + 1)
                ]
                return torch.cat(so_far).numpy()
            found: Tensor = encoder(self.vectors[None], torch.tensor([n_steps]))
            return found[0].numpy()

    def answer_so_far(self) -> np.ndarray:
        """Return the probability a token (T,) of the answer, of each beginning of the source.

        The geometric mean over its tokens.
        """
        steps = prefixes(len(self.steps))
        sources = Ragged(self.source.values[steps.values], steps.offsets)
        targets = Ragged.from_rows([self.said] * len(sources))
        with ThreadTeam(self.n_threads) as team:
            losses = network_outputs(self.network, SequenceData((sources, targets)), team)
        return np.exp(-losses[:, 0])

    def called(self, place: int) -> str:
        """Count the token among those of the answer."""
        return f" as token {place + 1} of its answer"


def _at(steps: Steps, place: int) -> str:
    if isinstance(steps, TokenSteps):
        return f"step {place + 1} ({token_label(steps.tokens.flat[place])})"
    return f"step {place + 1}"


def read_row(model: Any, row: Any) -> StepReading:
    """Read one row as a fitted model does that answers step by step.

    Parameters
    ----------
    model : SequenceTagger, LanguageModel, Seq2Seq or Transcriber
    row : as an element of what ``fit`` takes

    Raises
    ------
    ValueError
        If the model is not fitted or reads no steps, or ``row`` is no single row, has no steps or
        too many.
    """
    check_is_fitted(model, "network_")
    words_of(model)
    readings: dict[str, Callable[[Any, Any], StepReading]] = {
        "steps": _read_tagged,
        "running text": _read_text,
        "sources": _read_source,
        "waves": _read_wave,
    }
    return readings[model.reads](model, row)


def _read_tagged(model: SequenceTagger, row: Any) -> TagReading:
    if model.others_:
        raise ValueError(
            f"this model tags by {len(model.networks)} networks together, each of which reads in "
            "its own way; look at one of them, such as model.member(0)"
        )
    data = model.rows(row if isinstance(row, Tokens) else [row])
    if len(data) != 1:
        raise ValueError(f"the row holds {len(data)}; pass one, such as X[0]")
    assert isinstance(data, StepRows)
    if data.firsts is not None:
        raise ValueError(
            "this model reads words in pieces (pretrained=...), which are no steps of their own; "
            "take a SequenceTagger whose encoder reads tokens"
        )
    network = in_double_precision(model.network_).eval()
    _check_steps(int(data.lengths[0]), "row")
    if network.steps_are_tokens:
        tokens = row if isinstance(row, Tokens) else Tokens.from_lists([list(map(str, row))])
        ((ids, _, *others),) = as_tensors(data)
        steps, vectors, left_out = _of_tokens(
            model, tokens, data.inputs.values, lambda _: network.step_vectors(ids, others)
        )
    else:
        assert isinstance(model.encoding_, SeriesEncoding)
        rows = series_rows([row], "row")
        steps, vectors, left_out = read_numbers(model.encoding_, rows, words_of(model))
    lengths = torch.tensor([len(vectors)])
    with ThreadTeam(1), torch.no_grad():
        states = network.states(vectors[None], lengths)
        said = network.tags.best(network.head(states), lengths)[0].numpy()
    names = model.classes_.tolist()
    threads = thread_count(model.n_threads)
    return TagReading(steps, vectors, left_out, names, said, threads, network)


def _read_text(model: LanguageModel, text: Any) -> TextReading:
    if not isinstance(text, str):
        raise ValueError(f"text must be one string, got {text!r:.60}; pass one text, such as X[0]")
    ((ids, said, *_),) = model.rows([text]).arrays()
    _check_steps(ids.shape[1], "text")
    network = in_double_precision(model.network_).eval()
    # The mark that a text begins with is a step like others.
    mark = model.vocabulary_.decode(ids[0, :1])
    tokens = Tokens.from_lists([[*mark, *model.tokenizer_.tokenize([text]).to_lists()[0]]])
    steps, vectors, left_out = _of_tokens(
        model, tokens, ids[0], lambda read: network.embed(read[None])[0]
    )
    threads = thread_count(model.n_threads)
    return TextReading(
        steps, vectors, left_out, model.vocabulary_.tokens, said[0], threads, network
    )


def _read_source(model: Seq2Seq, source: Any) -> SourceReading:
    (read,) = model.rows([source]).fields
    if len(read) != 1:
        raise ValueError(f"the source holds {len(read)} rows; pass one, such as src[0]")
    _check_steps(len(read.values), "source")
    network = in_double_precision(model.network_).eval()
    if network.steps_are_tokens:
        told = model.encoding_.read_source(model.source, [source])
        assert isinstance(told, TextRows)
        tokens = model.encoding_.source_tokens(told)
        steps, vectors, left_out = _of_tokens(
            model, tokens, read.values, lambda ids: network.embed(ids[None])[0]
        )
    else:
        # A vector is a series of one step.
        alone = np.asarray([source])[:, :, None] if model.source == "vector" else [source]
        rows = series_rows(alone, "source")
        encoding = model.encoding_.source
        assert isinstance(encoding, SeriesEncoding)
        steps, vectors, left_out = read_numbers(encoding, rows, words_of(model))
    (answer,) = model.predict([source])
    said = model.rows([source], [answer]).fields[1].values
    names = model.target_vocabulary_.tokens
    threads = thread_count(model.n_threads)
    return SourceReading(steps, vectors, left_out, names, said, threads, network, read, answer)


def _read_wave(model: Transcriber, wave: Any) -> WaveReading:
    encoding = model.encoding_
    waves, _ = read_waves([wave], encoding.mel.sample_rate, "wave")
    frames = frames_of(waves, encoding.mel).values
    read = encoding.stacked(encoding.finished(frames))
    _check_steps(len(read), "wave")
    vectors = torch.from_numpy(read).double()
    network = in_double_precision(model.network_).eval()
    with ThreadTeam(1), torch.no_grad():
        states = network.states(vectors[None], torch.tensor([len(read)]))
        said = network.head(states)[0].argmax(1).numpy()
    (heard,) = model.predict([wave])
    (times,) = model.predict_times([wave])
    steps = WaveSteps(frames, encoding.mel.centres, encoding.stride, encoding.step_seconds, times)
    # Zero is the mean that frames are read against: a step that says nothing of its own.
    left_out = torch.zeros_like(vectors)
    names = [NOTHING_SAID, *model.symbols_]
    threads = thread_count(model.n_threads)
    return WaveReading(steps, vectors, left_out, names, said, threads, network, heard)


def _check_steps(n_steps: int, what: str) -> None:
    if not n_steps:
        raise ValueError(f"the {what} has no steps; pass one with a token, or a frame, at least")
    if n_steps > MOST_STEPS:
        raise ValueError(
            f"the {what} has {n_steps:,} steps; pass a stretch of at most {MOST_STEPS:,} of them"
        )


def _of_tokens(
    model: Any, tokens: Tokens, ids: np.ndarray, embed: Callable[[Tensor], Tensor]
) -> tuple[Steps, Tensor, Tensor]:
    """Name the tokens of one row and look up their vectors; zeros are left where one is not."""
    n_cut = len(tokens.flat) - len(ids)
    shown = Tokens.from_flat(tokens.flat.head(len(ids)), np.array([len(ids)]))
    with ThreadTeam(1), torch.no_grad():
        vectors = embed(torch.from_numpy(ids)).double()
        left_out = torch.zeros_like(vectors)
    return TokenSteps(shown, ids, n_cut, words=words_of(model)), vectors, left_out
