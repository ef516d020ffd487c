"""The fitting and saving of encoder-decoders; ``Seq2Seq`` says and scores."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from textseq.batches import SequenceData
from textseq.estimators.checks import seed_of, whole
from textseq.estimators.receipt import data_fingerprint, series_fingerprint
from textseq.estimators.seq2seq_building import build_seq2seq_network
from textseq.estimators.seq2seq_defaults import SEQ2SEQ_AUTO, PairFacts, resolve_seq2seq
from textseq.estimators.seq2seq_encoding import (
    Seq2SeqEncoding,
    Source,
    groups_of,
    learn_target,
    read_source,
    read_target,
    take_source,
)
from textseq.estimators.seq2seq_parameters import check_seq2seq_parameters
from textseq.estimators.series_encoding import SeriesEncoding
from textseq.estimators.text_encoding import Field, TextEncoding, cut, fit_tokenizer, take_field
from textseq.estimators.trained_estimator import TrainedEstimator
from textseq.estimators.validation_split import split_rows
from textseq.files import ModelFileError
from textseq.nn.encoder_decoder import Seq2SeqNetwork
from textseq.ragged import Ragged
from textseq.series.inputs import warn_of_turned_series
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens
from textseq.text.vocabulary import Vocabulary
from textseq.training.objectives import LIKELIHOOD, Objective


class Seq2SeqEstimator(TrainedEstimator):
    """Base of ``Seq2Seq``, which tells the parameters."""

    network_kind = Seq2SeqNetwork
    encoding_: Seq2SeqEncoding

    # Parameters that fitting reads.
    source: str
    tokenizer: Any
    target_tokenizer: Any
    lowercase: bool
    min_df: int | float
    max_features: int | None
    max_length: int | None
    hidden_size: int
    connections: str
    normalization: str | None
    activation: str
    init: str
    init_gain: float
    pooling: str
    embedding_dim: int
    tie_weights: bool
    teacher_forcing: float
    label_smoothing: float
    truncated_bptt_steps: int | None
    validation_fraction: float
    random_state: Any

    def fit(self, src: Any, tgt: Any, validation_data: tuple[Any, Any] | None = None) -> Self:
        """Fit to sources and their targets.

        Parameters
        ----------
        src : list, Series or array of n texts, or list of n lists of tokens
            With ``source="series"`` an array (n, channels, time) or a list of arrays
            (channels, time_i); with "vector" an array (n, features). NaN is a missing value.
        tgt : list, Series or array of n texts, or list of n lists of symbols
        validation_data : tuple of (src, tgt), optional
            Chooses the best epoch, instead of ``validation_fraction`` of the sources.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If sources, targets or parameters are not usable; the message says what to do.
        """
        encoder, bidirectional = check_seq2seq_parameters(self.get_params(deep=False))
        source, target = self._read(src, tgt)
        if self.source == "series" and isinstance(source, Ragged):
            warn_of_turned_series(source, "src")
        seed = seed_of(self.random_state)
        rng = np.random.default_rng(seed)
        held_out = None
        if validation_data is not None:
            held_out = self._read(*validation_data, "the validation ")
            own = source, target
        else:
            rows, others = _split(groups_of(source), self.validation_fraction, rng)
            own = take_source(source, rows), take_field(target, rows)
            if len(others):
                held_out = take_source(source, others), take_field(target, others)
        data = self._learn(*own)
        self._build(encoder, bidirectional, data, rng)
        validation = None if held_out is None else self.encoding_.data(*held_out)
        self._train(data, validation, seed)
        self.receipt_ |= {"data_sha256": _fingerprint(source, target)}
        return self

    def _read(self, src: Any, tgt: Any, which: str = "") -> tuple[Source, Field]:
        source = read_source(self.source, src, f"{which}src")
        target = read_target(tgt, f"{which}tgt")
        if len(source) != len(target):
            raise ValueError(
                f"{which}src has {len(source)} rows but tgt has {len(target)}; pass one target "
                "for each source"
            )
        return source, target

    def _learn(self, source: Source, target: Field) -> SequenceData:
        """Learn tokenizers, vocabularies and scales from training rows; return those."""
        options: dict[str, Any] = {"min_df": self.min_df, "max_features": self.max_features}
        tokenizing = self.lowercase, (1, 1), None, self.max_features
        own: TextEncoding | SeriesEncoding
        if isinstance(source, Ragged):
            own = SeriesEncoding.learn(source)
        else:
            tokenizer = fit_tokenizer(self.tokenizer, (source,), *tokenizing)
            source = cut(tokenizer, source)
            encoding = TextEncoding.learn((source,), tokenizer, None, **options)
            own = TextEncoding(tokenizer, encoding.vocabulary, self.max_length, 1)
        kind = self.target_tokenizer
        if kind is None:
            kind = self.tokenizer if self.source == "text" else "word"
        tokenizer = fit_tokenizer(kind, (target,), *tokenizing)
        tokens = cut(tokenizer, target)
        longest = int(tokens.lengths.max())
        if self.max_length is not None:
            longest = min(longest, int(self.max_length))
        self.encoding_ = Seq2SeqEncoding(
            own,
            learn_target(tokens, tokenizer, self.max_length, **options),
            isinstance(target, Tokens),
            longest,
        )
        return self.encoding_.data(source, tokens)

    def _build(
        self, encoder: Any, bidirectional: bool, data: SequenceData, rng: np.random.Generator
    ) -> None:
        lengths = data.fields[0].lengths
        facts = PairFacts(self.source, len(data), float(np.quantile(lengths, 0.95)))
        chosen = {name: getattr(self, name) for name in SEQ2SEQ_AUTO}
        chosen = resolve_seq2seq(encoder, chosen, facts)
        self.fitted_parameters_ = self.get_params(deep=False) | chosen
        source, target = self.encoding_.source, self.encoding_.target
        if isinstance(source, SeriesEncoding):
            inputs = {"representation": "numbers", "n_tokens": 0, "embedding_dim": source.n_inputs}
        else:
            inputs = {"representation": "embedding", "n_tokens": source.n_ids}
            inputs["embedding_dim"] = int(self.embedding_dim)
        recurrent = encoder == chosen["decoder"]
        self.architecture_ = {
            "n_target_tokens": target.n_ids,
            "target_embedding_dim": int(self.embedding_dim),
            "encoder": encoder,
            "hidden_size": int(self.hidden_size),
            "num_layers": int(chosen["num_layers"]),
            "bidirectional": bidirectional,
            "connections": self.connections,
            "normalization": self.normalization,
            "activation": self.activation,
            "truncated_bptt_steps": whole(self.truncated_bptt_steps),
            "pooling": self.pooling,
            "decoder": chosen["decoder"],
            "decoder_layers": int(chosen["num_layers"]) if recurrent else 1,
            "attention": chosen["attention"],
            "tie_weights": bool(self.tie_weights),
            "embedding_dropout": float(chosen["embedding_dropout"]),
            "dropout": float(chosen["dropout"]),
            "label_smoothing": float(self.label_smoothing),
            "teacher_forcing": float(self.teacher_forcing),
        } | inputs
        self.network_ = build_seq2seq_network(
            self.architecture_,
            init=self.init,
            init_gain=float(self.init_gain),
            longest=int(data.lengths.max()),
            rng=rng,
        )

    def _objective(self) -> Objective:
        return LIKELIHOOD

    @property
    def tokenizer_(self) -> Tokenizer:
        """The sources' fitted tokenizer."""
        return self._source_texts().tokenizer

    @property
    def vocabulary_(self) -> Vocabulary:
        """The sources' vocabulary."""
        return self._source_texts().vocabulary

    def _source_texts(self) -> TextEncoding:
        if isinstance(self.encoding_.source, SeriesEncoding):
            raise AttributeError(f"sources are no texts (source={self.source!r})")
        return self.encoding_.source

    @property
    def target_tokenizer_(self) -> Tokenizer:
        """The targets' fitted tokenizer."""
        return self.encoding_.target.tokenizer

    @property
    def target_vocabulary_(self) -> Vocabulary:
        """The targets' vocabulary, with the marks ``<bos>`` and ``<eos>``."""
        return self.encoding_.target.vocabulary

    @property
    def n_parameters_(self) -> int:
        """Number of weights that training could change."""
        check_is_fitted(self, "network_")
        return sum(weight.numel() for weight in self.network_.parameters())

    def _own_to_json(self) -> dict[str, Any]:
        return {"encoding": self.encoding_.to_dict()}

    def _own_from_file(
        self, header: dict[str, Any], arrays: dict[str, np.ndarray], code: dict[str, Any]
    ) -> None:
        self.encoding_ = Seq2SeqEncoding.from_dict(
            header["encoding"], code["tokenizer"], code["target_tokenizer"]
        )
        if header["network"]["n_target_tokens"] != self.encoding_.target.n_ids:
            raise ModelFileError("the network and the vocabulary differ in their number of tokens")


def _split(
    groups: np.ndarray, fraction: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Split rows into training and validation, those of the same source together."""
    n_groups = int(groups.max()) + 1
    _, held_out = split_rows(np.zeros((n_groups, 1)), fraction, rng)
    is_held_out = np.isin(groups, held_out)
    return np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out)


def _fingerprint(source: Source, target: Field) -> str:
    texts = target.joined("\x1f") if isinstance(target, Tokens) else target
    if isinstance(source, Ragged):
        return series_fingerprint(source, texts.to_numpy())
    return data_fingerprint((source,), texts.to_numpy())
