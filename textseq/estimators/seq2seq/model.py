"""Sequences to sequences of another length: translation, transcription, captions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from sklearn.utils import Tags

from textseq.batches import SequenceData
from textseq.estimators.auto import decide
from textseq.estimators.build import draw_seed
from textseq.estimators.checkpoint import Checkpoint
from textseq.estimators.declared import Rule, changed, declared, one_of, param
from textseq.estimators.distributed import Distributed, has_workers, kept_and_shared
from textseq.estimators.encoding.embedding_table import read_word_vectors
from textseq.estimators.encoding.series import SeriesEncoding
from textseq.estimators.encoding.stored_tokens import refuse_learning
from textseq.estimators.encoding.text import TextEncoding, fit_tokenizer
from textseq.estimators.parameters import (
    AveragingParameters,
    EmbeddingParameters,
    EncoderParameters,
    PoolingParameters,
    RareTokenParameters,
    TeacherParameters,
    TextLengthParameters,
    TokenizerParameters,
    TyingParameters,
    ValidationParameters,
    VectorParameters,
    check_layers,
)
from textseq.estimators.seq2seq.decoder_parameters import DecoderParameters, check_attention
from textseq.estimators.seq2seq.encoding import (
    Seq2SeqEncoding,
    one_target,
    read_source,
)
from textseq.estimators.seq2seq.page import Seq2SeqPage
from textseq.estimators.seq2seq.pair_estimator import PairEstimator, check_lengths
from textseq.estimators.seq2seq.pairs import (
    CutPairs,
    GivenPairs,
    stored_pairs,
)
from textseq.estimators.seq2seq.recipe import PairFacts, recipe
from textseq.estimators.seq2seq.start import (
    check_vectors,
    fill_tables,
    start_sources,
    start_targets,
)
from textseq.estimators.seq2seq.unknown_words import UNKNOWNS
from textseq.files import StrPath
from textseq.nn.encoder_decoder import Seq2SeqNetwork
from textseq.ragged import Ragged
from textseq.row_arrays import quantile_of
from textseq.series.inputs import warn_of_turned_series
from textseq.text.row_forms import read_rows
from textseq.text.tokenizer import Tokenizer
from textseq.text.vocabulary import Vocabulary


@declared
class Seq2SeqParameters(
    DecoderParameters,
    TextLengthParameters,
    TokenizerParameters,
    RareTokenParameters,
    EmbeddingParameters,
    EncoderParameters,
    PoolingParameters,
    TyingParameters,
    TeacherParameters,
    AveragingParameters,
    ValidationParameters,
    VectorParameters,
):
    """What an encoder-decoder lets choose."""

    target_tokenizer: Any = param(
        Rule('{"word", "char", "bpe"}, Tokenizer, callable or None'),
        'Of the targets. None is as ``tokenizer``, or "word" where sources are no texts.',
        default=None,
    )
    unknown: str = param(
        one_of(*UNKNOWNS),
        'What is said of a word of the source that training had not: "copy" says the word itself, '
        '"mark" says ``<unk>``, and with "never" the model answers as if it were another word. '
        "Which token of an answer stands for the word is told by what the answer would be with "
        "other words in its place; where the model says ``<unk>`` itself, by its attention too.",
        default="copy",
    )
    lowercase: bool = changed(default=True)
    max_length: int | None = changed("Of each target, tokens learned.", default=None)
    encoder: Any = changed(
        '"mean" and "max" go without attention. A vector needs no encoder.', default="bilstm"
    )
    hidden_size: int | tuple[int, ...] | str = changed(
        "Of encoder and decoder; a decoder of one layer has the units of the encoder's last.",
        default=256,
    )
    num_layers: int | str = changed(
        "A decoder has one layer beside an encoder that is not recurrent.", default="auto"
    )
    embedding_dim: int | str = changed("Of both sides.", default=256)
    vectors: Any = changed(
        "Of sources, whose embeddings are as wide; words that only the vectors know are left out.",
        default=None,
    )
    freeze_vectors: bool = changed("Those of sources.", default=False)
    target_vectors: Any = param(
        Rule("WordVectors, path, name or None"),
        "Pretrained word vectors of targets, as ``vectors``.",
        default=None,
    )
    teacher_forcing: float = changed(
        "Below 1 training goes step by step, which is slower.", default=1.0
    )
    validation_fraction: float = changed("All targets of a source stand on one side.", default=0.1)


@declared
class Seq2Seq(Seq2SeqParameters, Seq2SeqPage, PairEstimator):
    """Turn sequences into sequences of another length, token by token until ``<eos>``.

    An encoder reads the source, a recurrent decoder says the target, each token after those
    before it and after what its attention reads of the source. A parameter of ``"auto"`` is
    decided from the data at ``fit``; ``fitted_parameters_`` tells what was decided.

    {parameters}

    Attributes
    ----------
    tokenizer_, target_tokenizer_ : Tokenizer
    vocabulary_, target_vocabulary_ : Vocabulary
    fitted_parameters_, history_, receipt_, interrupted_
        As in ``TextClassifier``. The history's loss is smoothed, its validation loss is not.

    References
    ----------
    Sutskever, Vinyals & Le (2014), "Sequence to Sequence Learning with Neural Networks";
    Bahdanau, Cho & Bengio (2015), "Neural Machine Translation by Jointly Learning to Align and
    Translate"; Luong, Pham & Manning (2015), "Effective Approaches to Attention-based Neural
    Machine Translation"; the length penalty: Wu et al. (2016), "Google's Neural Machine
    Translation System", equation 14.

    Examples
    --------
    >>> numbers = ["1", "2", "1 2", "2 1"] * 8
    >>> words = ["one", "two", "one two", "two one"] * 8
    >>> model = Seq2Seq(hidden_size=32, max_epochs=40, random_state=0).fit(numbers, words)
    >>> model.predict(["2 1", "1"])
    ['two one', 'one']
    """

    network_kind = Seq2SeqNetwork
    reads = "sources"
    encoding_: Seq2SeqEncoding

    @kept_and_shared
    def fit(
        self,
        src: Any,
        tgt: Any = None,
        validation_data: tuple[Any, Any] | None = None,
        *,
        text: str | None = None,
        target: str | None = None,
        checkpoint: StrPath | Checkpoint | None = None,
        distributed: Distributed | None = None,
    ) -> Self:
        """Fit to sources and their targets.

        Parameters
        ----------
        src : list, column or array of n texts, of n lists of tokens or of n pairs of texts
            Tokens are strings, or the whole numbers by which another tokenizer calls them, which
            are read as strings of digits; those of lists keep their case. Of pairs, or of a frame
            of two columns, both texts are read, with ``<sep>`` between them. What was fitted to
            texts reads lists of their words too, and lowers them as it does texts; what was fitted
            to lists reads lists. With ``source="series"`` an array (n, channels, time) or a list of
            arrays (channels, time_i); with "vector" an array (n, features). NaN is a missing value.

            Or where pairs of texts are to be read, some at a time, so that memory need not hold
            them: the path of a file or folder, or a glob, of Parquet, CSV, TSV or JSON lines; a
            polars LazyFrame; an Arrow dataset; a Hugging Face dataset; or a function that returns
            an iterator of frames. Their tokens are written to a file once, which stays in the
            cache (``TEXTSEQ_CACHE``) if the source is files.
        tgt : list, column or array of n texts, or of n lists of symbols
            Not needed where ``target`` names it.
        validation_data : tuple of (src, tgt), optional
            Chooses the best epoch, instead of ``validation_fraction`` of the sources.
        text : str, optional
            The column of sources, where ``target`` is given; by default "text", or the only column
            of strings beside the target.
        target : str, optional
            The column of targets, in place of ``tgt``.
        {sharing}

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If sources, targets or parameters are not usable; the message says what to do.
        """
        if has_workers(distributed):
            given = {"text": text, "target": target, "checkpoint": checkpoint}
            return distributed.fit(self, src, tgt, validation_data, **given)
        # Reading may take minutes.
        self.check_parameters()
        how = self.stream_tokenizers, bool(self.verbose)
        stored = stored_pairs(src, tgt, text, target, *how)
        with self.fitting(checkpoint, distributed), stored as pairs:
            self._train(self.prepare(pairs, tgt, validation_data))
        return self

    def _pairs(self, X: Any, y: Any) -> GivenPairs:
        source = read_source(self.source, X)
        target = one_target(read_rows(y, "tgt"))
        check_lengths(source, target)
        if self.source == "series" and isinstance(source, Ragged):
            warn_of_turned_series(source, "src")
        how = self.lowercase, (1, 1), None, self.max_features
        return GivenPairs(source, target, self.source, self._kinds, how)

    @property
    def _kinds(self) -> tuple[Any, Any]:
        """What cuts sources, and what cuts targets."""
        kind = self.target_tokenizer
        if kind is None:
            kind = self.tokenizer if self.source == "text" else "word"
        return self.tokenizer, kind

    def stream_tokenizers(self) -> tuple[Tokenizer, Tokenizer]:
        """Return what cuts texts that are read some at a time: it can learn nothing of them."""
        if self.source != "text":
            raise ValueError(
                f"source={self.source!r} is read from memory; of files, queries and functions "
                "texts are read alone"
            )
        how = self.lowercase, (1, 1), None, self.max_features
        own, others = (fit_tokenizer(kind, (), *how) for kind in self._kinds)
        refuse_learning(own, "tokenizer")
        refuse_learning(others, "target_tokenizer")
        return own, others

    def _resolved(self, values: Mapping[str, Any]) -> tuple[Any, bool]:
        encoder, bidirectional = super()._resolved(values)
        check_vectors(values)
        if values["source"] == "vector":
            encoder, bidirectional = "mean", False
            check_layers(values, encoder)
        what = "source='vector'" if values["source"] == "vector" else f"encoder={encoder!r}"
        check_attention(values["attention"], encoder, what)
        return encoder, bidirectional

    def _learn_source(self, pairs: CutPairs) -> TextEncoding | SeriesEncoding:
        tokenizer, read = pairs.tokenizers[0], pairs.source
        if isinstance(read, Ragged):
            return SeriesEncoding.learn(read)
        assert tokenizer is not None
        vocabulary = TextEncoding.learn((read,), tokenizer, None, **self._tokens_kept).vocabulary
        n_fields, names = pairs.n_fields, pairs.columns
        return TextEncoding(tokenizer, vocabulary, self.max_length, n_fields, columns=names)

    def _build(
        self, encoder: Any, bidirectional: bool, data: SequenceData, rng: np.random.Generator
    ) -> None:
        lengths = data.fields[0].lengths
        facts = PairFacts(self.source, len(data), quantile_of(lengths, 0.95))
        chosen = decide(self._given(), recipe(encoder, facts))
        self.fitted_parameters_ = chosen
        source, target = self.encoding_.source, self.encoding_.target
        vectors = read_word_vectors(self.vectors, "an encoder-decoder")
        target_vectors = read_word_vectors(self.target_vectors, "an encoder-decoder")
        inputs: dict[str, Any]
        if isinstance(source, SeriesEncoding):
            inputs = {"representation": "numbers", "n_tokens": 0, "embedding_dim": source.n_inputs}
        else:
            assert isinstance(source, TextEncoding)
            inputs = {"representation": "embedding", "n_tokens": source.n_ids}
            if vectors is not None:
                inputs["embedding_dim"] = vectors.dim
        recurrent = encoder == chosen["decoder"]
        self._build_network(
            int(data.lengths.max()),
            draw_seed(rng),
            n_target_tokens=target.n_ids,
            target_embedding_dim=(
                int(self.embedding_dim) if target_vectors is None else target_vectors.dim
            ),
            encoder=encoder,
            bidirectional=bidirectional,
            decoder_layers=int(chosen["num_layers"]) if recurrent else 1,
            attending_layer="first",
            **inputs,
        )
        fill_tables(self.network_, rng)
        if vectors is not None and isinstance(source, TextEncoding):
            start_sources(self.network_, source.vocabulary, vectors, self.freeze_vectors, rng)
        if target_vectors is not None:
            start_targets(self.network_, target.vocabulary, target_vectors, rng)

    @property
    def tokenizer_(self) -> Tokenizer:
        """The sources' fitted tokenizer."""
        return self._source_texts().tokenizer

    @property
    def vocabulary_(self) -> Vocabulary:
        """The sources' vocabulary."""
        return self._source_texts().vocabulary

    def _source_texts(self) -> TextEncoding:
        if not isinstance(self.encoding_.source, TextEncoding):
            raise AttributeError(f"sources are no texts (source={self.source!r})")
        return self.encoding_.source

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = self.source == "vector"
        tags.input_tags.three_d_array = self.source == "series"
        tags.input_tags.string = self.source == "text"
        return tags
