"""Sequences to sequences of another length: translation, transcription, captions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from textseq.batches import SequenceData
from textseq.estimators.auto import decide
from textseq.estimators.base import Prepared
from textseq.estimators.build import draw_seed
from textseq.estimators.checkpoint import Checkpoint
from textseq.estimators.declared import SHARE, Rule, changed, count, declared, number, one_of, param
from textseq.estimators.distributed import Distributed, has_workers
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
    TokenizerParameters,
    TyingParameters,
    ValidationParameters,
    VectorParameters,
    check_layers,
)
from textseq.estimators.seq2seq.answers import TargetAnswerParameters, TargetAnswers, warn_of_cuts
from textseq.estimators.seq2seq.encoding import (
    SOURCES,
    ReadPairs,
    Seq2SeqEncoding,
    Source,
    learn_target,
    one_target,
    read_source,
)
from textseq.estimators.seq2seq.page import Seq2SeqPage
from textseq.estimators.seq2seq.pairs import (
    CutPairs,
    GivenPairs,
    StoredPairs,
    stored_pairs,
)
from textseq.estimators.seq2seq.recipe import PairFacts, recipe
from textseq.estimators.seq2seq.start import (
    check_vectors,
    fill_table,
    start_sources,
    start_targets,
)
from textseq.files import ModelFileError, StrPath
from textseq.nn.attention import ATTENTIONS
from textseq.nn.bags import BAGS
from textseq.nn.cells import CELLS
from textseq.nn.encoder_decoder import Seq2SeqNetwork
from textseq.ragged import Ragged
from textseq.row_arrays import quantile_of
from textseq.series.inputs import warn_of_turned_series
from textseq.text.inputs import one_or_more
from textseq.text.row_forms import Field, read_rows
from textseq.text.tokenizer import Tokenizer
from textseq.text.vocabulary import Vocabulary
from textseq.training.objectives import LIKELIHOOD, Objective


@declared
class Seq2SeqParameters(
    TargetAnswerParameters,
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

    source: str = param(
        one_of(*SOURCES),
        "What is read: texts (strings, or lists of tokens); series of numbers, as "
        "``SeriesClassifier`` takes them, channels before time; or one vector a row.",
        kw_only=False,
        default="text",
    )
    target_tokenizer: Any = param(
        Rule('{"word", "char", "bpe"}, Tokenizer, callable or None'),
        'Of the targets. None is as ``tokenizer``, or "word" where sources are no texts.',
        default=None,
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
    decoder: str = param(
        one_of(*CELLS),
        'Cell of the decoder. "auto" is the encoder\'s where it has one, else "lstm".',
        default="auto",
    )
    attention: str | None = param(
        one_of(*ATTENTIONS),
        "How the decoder attends to the source's states. "
        '"auto" is "additive", and None where there is nothing to attend to.',
        default="auto",
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
    label_smoothing: float = param(
        SHARE,
        "Share of each true token's probability that training deals to all tokens.",
        default=0.1,
    )
    beam_size: int = param(
        count(),
        "Beginnings that ``predict`` follows at once; 1 is greedy, and five times as fast.",
        default=5,
    )
    length_penalty: float = param(
        number(),
        "How much longer outputs are preferred among several beams; 0 is not at all.",
        default=0.6,
    )
    validation_fraction: float = changed("All targets of a source stand on one side.", default=0.1)


@declared
class Seq2Seq(Seq2SeqParameters, Seq2SeqPage, TargetAnswers):
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
        checkpoint : path-like or Checkpoint, optional
            A file in which the fit is kept while it goes on, and from which it goes on after its
            process was ended: to the same weights, to the last bit. It stays there; a fit that is
            over is not done again.
        distributed : Distributed, optional
            Workers that share the fit: those of a Ray cluster, or processes that were started
            together by ``torchrun``.

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

    def prepare(
        self, X: Any, y: Any = None, validation_data: tuple[Any, Any] | None = None
    ) -> Prepared:
        """Check, decide on "auto", learn the encoding and build the network: all but training.

        Parameters
        ----------
        X, y, validation_data
            Sources and targets, as ``fit`` takes them.
        """
        encoder, bidirectional = self._resolved(self._given())
        pairs = X if isinstance(X, StoredPairs) else self._pairs(X, y)
        seed = self._seed()
        rng = np.random.default_rng(seed)
        fraction = 0.0 if validation_data is not None else float(self.validation_fraction)
        rows, others = pairs.split(fraction, rng)
        learned = self._learn(pairs.to_learn(rows))
        data = learned.data
        checked = None
        if validation_data is not None:
            checked = self.encoding_.read(*self._read(*validation_data, "the validation "))
        self._build(encoder, bidirectional, data, rng)
        if len(others):
            checked = pairs.read(self.encoding_, others)
        cuts = [learned.cuts] if checked is None else [learned.cuts, checked.cuts]
        warn_of_cuts(self.encoding_, *cuts)
        return Prepared(
            self.network_,
            data,
            None if checked is None else checked.data,
            self.objective(),
            seed,
            notes={"data_sha256": pairs.sha256},
        )

    def _pairs(self, X: Any, y: Any) -> GivenPairs:
        source = read_source(self.source, X)
        target = one_target(read_rows(y, "tgt"))
        _check_lengths(source, target)
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

    def rows(self, X: Any, y: Any = None) -> SequenceData:
        """Return what the fitted network reads of sources, and with y what it should say."""
        check_is_fitted(self, "network_")
        if y is None:
            return self.encoding_.data(self.encoding_.read_source(self.source, one_or_more(X)))
        return self.encoding_.data(*self._read(one_or_more(X), one_or_more(y)))

    def shuffled_rows(self, X: Any, y: Any, rng: np.random.Generator) -> SequenceData:
        """Return what ``rows`` does, with each source's steps in random order."""
        rows = self.rows(X, y)
        source, *target = rows.fields
        source = Ragged(source.values[source.shuffled_places(rng)], source.offsets)
        return replace(rows, fields=(source, *target))

    def _resolved(self, values: Mapping[str, Any]) -> tuple[Any, bool]:
        encoder, bidirectional = super()._resolved(values)
        check_vectors(values)
        if values["source"] == "vector":
            encoder, bidirectional = "mean", False
            check_layers(values, encoder)
        attention = values["attention"]
        if attention not in (None, "auto") and encoder in BAGS:
            what = "source='vector'" if values["source"] == "vector" else f"encoder={encoder!r}"
            raise ValueError(
                f"attention={attention!r} needs a state a step to attend to, and {what} gives one "
                "vector; use attention=None or 'auto'"
            )
        return encoder, bidirectional

    def _read(self, src: Any, tgt: Any, which: str = "") -> tuple[Source, Field]:
        source = self.encoding_.read_source(self.source, src, f"{which}src")
        target = self.encoding_.read_target(tgt, f"{which}tgt")
        _check_lengths(source, target, which)
        return source, target

    def _learn(self, pairs: CutPairs) -> ReadPairs:
        """Learn vocabularies and scales from training rows; return those."""
        options: dict[str, Any] = {"min_df": self.min_df, "max_features": self.max_features}
        own: TextEncoding | SeriesEncoding
        (tokenizer, of_targets), read = pairs.tokenizers, pairs.source
        if isinstance(read, Ragged):
            own = SeriesEncoding.learn(read)
        else:
            assert tokenizer is not None
            vocabulary = TextEncoding.learn((read,), tokenizer, None, **options).vocabulary
            n_fields, names = pairs.n_fields, pairs.columns
            own = TextEncoding(tokenizer, vocabulary, self.max_length, n_fields, columns=names)
        longest = int(pairs.target.lengths.max())
        if self.max_length is not None:
            longest = min(longest, int(self.max_length))
        learned = Seq2SeqEncoding(
            own,
            learn_target(pairs.target, of_targets, self.max_length, **options),
            pairs.symbols,
            longest,
            pairs.form,
            spacing=pairs.spacing,
        )
        both = learned.read_cut(read, pairs.target)
        self.encoding_ = learned.with_facts_of(pairs.target, both)
        return both

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
            **inputs,
        )
        decoder = self.network_.decoder
        std = decoder.inputs.dim**-0.5
        fill_table(self.network_.inputs.weight, 1.0, rng)
        fill_table(decoder.inputs.weight, std, rng)
        fill_table(decoder.output, std, rng)
        if vectors is not None and isinstance(source, TextEncoding):
            start_sources(self.network_, source.vocabulary, vectors, self.freeze_vectors, rng)
        if target_vectors is not None:
            start_targets(self.network_, target.vocabulary, target_vectors, rng)

    def objective(self) -> Objective:
        """Return what training minimises and validation scores."""
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

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = self.source == "vector"
        tags.input_tags.three_d_array = self.source == "series"
        tags.input_tags.string = self.source == "text"
        return tags


def _check_lengths(source: Source, target: Field, which: str = "") -> None:
    if len(source) != len(target):
        raise ValueError(
            f"{which}src has {len(source)} rows but tgt has {len(target)}; pass one target "
            "for each source"
        )
