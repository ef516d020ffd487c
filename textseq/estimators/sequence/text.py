"""Texts to labels or a number: classification, binary, multiclass and multilabel; regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from dataclasses import replace
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import is_regressor
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from textseq.batches import SequenceData
from textseq.checks import as_int
from textseq.estimators.auto import decide
from textseq.estimators.base import Prepared
from textseq.estimators.checkpoint import Checkpoint
from textseq.estimators.declared import check_parameters, declared
from textseq.estimators.distributed import Distributed, has_workers, kept_and_shared
from textseq.estimators.encoding.column_encoding import ColumnEncoding
from textseq.estimators.encoding.embedding_table import (
    fill_embeddings,
    read_vectors,
    subword_rate,
    table_rate,
)
from textseq.estimators.encoding.pretrained import Pretrained
from textseq.estimators.encoding.pretrained_transformer import (
    PretrainedTransformer,
    check_transformer,
    names_transformer,
)
from textseq.estimators.encoding.stored_tokens import refuse_learning
from textseq.estimators.encoding.text import (
    TextEncoding,
    check_width,
    cut,
    length_lines,
    settle_table,
)
from textseq.estimators.encoding.text_rows import TextRows, take_field
from textseq.estimators.members import member_seeds, split_members
from textseq.estimators.sequence.answers import LabelAnswers
from textseq.estimators.sequence.fit_rows import FitRows, ValidationRows
from textseq.estimators.sequence.frozen_rows import above_frozen
from textseq.estimators.sequence.members import validation_of
from textseq.estimators.sequence.number_answers import NumberAnswers
from textseq.estimators.sequence.streamed import stored_rows
from textseq.estimators.sequence.text_page import TextPage
from textseq.estimators.sequence.text_parameters import (
    TextParameters,
    check_crop,
    check_together,
    n_grams_are_tokens,
)
from textseq.estimators.sequence.text_recipe import (
    MANY_CLASSES,
    DataFacts,
    TransformerFacts,
    recipe,
    validation_share,
)
from textseq.estimators.sequence.unlabelled import (
    AssumedRows,
    assume,
    keep_better,
    read_unlabelled,
)
from textseq.estimators.sequence.wide_estimator import PreparedTexts
from textseq.files import StrPath
from textseq.labels.data_warnings import warn_of_data
from textseq.nn.bags import BAGS
from textseq.nn.heads import standardized
from textseq.row_arrays import picked, quantile_of
from textseq.text.hashed_ngrams import HashedNgrams
from textseq.text.inputs import field_names, one_or_more
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens
from textseq.text.vectors.load import find_table
from textseq.text.vectors.subword_table import SubwordTable
from textseq.text.vectors.word_vectors import WordVectors
from textseq.text.vocabulary import Vocabulary
from textseq.training.column_start import start_columns
from textseq.training.devices import computing
from textseq.training.outputs import network_outputs
from textseq.training.threads import thread_count


class TextEstimator(TextParameters, TextPage):
    """Base of the estimators that read texts."""

    reads = "texts"

    @kept_and_shared
    def fit(
        self,
        X: Any,
        y: Any = None,
        validation_data: tuple[Any, ...] | None = None,
        *,
        sample_weight: Any = None,
        groups: Any = None,
        unlabelled: Any = None,
        text: str | Sequence[str] | None = None,
        target: str | None = None,
        checkpoint: StrPath | Checkpoint | None = None,
        distributed: Distributed | None = None,
    ) -> Self:
        """Fit to texts and their targets.

        Parameters
        ----------
        X : list, Series, array or frame of texts
            One text a row; or two columns, or a list of pairs, of texts to compare. A frame may
            have other columns beside them (``text_columns``).

            Or where such rows are to be read, some at a time, so that memory need not hold them:
            the path of a file or folder, or a glob, of Parquet, CSV, TSV or JSON lines; a polars
            LazyFrame; an Arrow dataset; a Hugging Face dataset; or a function that returns an
            iterator of frames. Their tokens are written to a file once, which stays in the cache
            (``TEXTSEQ_CACHE``) if the source is files.
        y : array-like of shape (n,) or (n, n_labels)
            Not needed where ``target`` names it.
        validation_data : tuple of (X, y) or (X, y, sample_weight), optional
            Chooses the best epoch, instead of ``validation_fraction`` of the rows.
        sample_weight : array-like of shape (n,), optional
            What each row counts for in the loss and in the validation score, beside
            ``class_weight``. Only their ratios matter; a row of weight 0 is left out.
        groups : array-like of shape (n,), optional
            Rows of one group (the same author, say) stand on one side of the validation split.
        unlabelled : as X, optional
            More texts, whose labels nobody knows, for a classifier. What a first fit says of
            them, and of long texts their document vectors too, is what a second fit learns from
            beside ``X``; it stays if the validation rows are answered no worse than by the first.
        text : str or sequence of str, optional
            The column of texts, or two, where ``target`` is given or X is read from elsewhere; by
            default "text", or the only column of strings beside the target.
        target : str, optional
            The column to predict, in place of ``y``.
        {sharing}

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If texts, targets or parameters are not usable; the message says what to do.

        Warns
        -----
        UserWarning
            If after 100 batches the validation rows, 20 at least, are answered no better than
            by luck or, of numbers, by their mean; the message says what to try.
        """
        given = {
            "validation_data": validation_data,
            "sample_weight": sample_weight,
            "groups": groups,
        }
        if has_workers(distributed):
            columns = {"text": text, "target": target, "checkpoint": checkpoint}
            return distributed.fit(self, X, y, **given, unlabelled=unlabelled, **columns)
        how = self.text_columns, self.stream_tokenizer, is_regressor(self), bool(self.verbose)
        stored = stored_rows(X, y, text, target, *how)
        with self.fitting(checkpoint, distributed), stored as (rows, targets):
            if unlabelled is None:
                self._train(self.prepare(rows, targets, **given))
                return self
            own = self._given_rows(rows)
            more = read_unlabelled(self, own, unlabelled)
            prepared = self.prepare(own, targets, **given)
            self._train(prepared)
            assert isinstance(prepared, PreparedTexts)
            assumed = assume(self, own, prepared, more)
            first = copy(self)
            self._train(self.prepare(own, targets, **given, assumed=assumed))
            keep_better(self, first, assumed)
            return self

    def prepare(
        self,
        X: Any,
        y: Any = None,
        validation_data: tuple[Any, ...] | None = None,
        *,
        sample_weight: Any = None,
        groups: Any = None,
        assumed: AssumedRows | None = None,
    ) -> Prepared:
        """Check, decide on "auto", learn the encoding and build the network: all but training.

        Parameters
        ----------
        X, y, validation_data, sample_weight, groups
            As ``fit`` takes them.
        assumed : AssumedRows, optional
            More rows to learn from, with what an earlier fit says of them; none validates.
        """
        given = self._given_rows(X)
        pretrained = self._opened()
        starts = pretrained is None and not self._goes_on
        vectors = read_vectors(self.vectors) if starts else None
        table = vectors if isinstance(vectors, SubwordTable) else None
        parameters = self._given(pretrained, table)
        encoder, bidirectional = self._resolved(parameters)
        learn = self._learn_more_targets if self._goes_on else self._learn_targets
        targets = learn(y, len(given))
        counted = FitRows.read(len(targets), sample_weight, groups)
        # Rows of weight 0 are gone before anything is learned, or split off to validate.
        kept = given
        if len(counted.rows) < len(targets):
            kept, targets = given.take(counted.rows), targets[counted.rows]
        seed = self._seed() if assumed is None else assumed.seed
        rng = np.random.default_rng(seed)
        share = validation_share(encoder, table is not None, parameters, len(targets))
        known = {"validation_fraction": share}
        parameters = decide(parameters, self.fitted_parameters_ if self._goes_on else known)
        fraction = 0.0 if validation_data is not None else parameters["validation_fraction"]
        n_members = len(self.networks) if self._goes_on else int(parameters["n_members"])
        parts = split_members(targets, fraction, rng, n_members, counted.groups)
        labelled = picked(counted.rows, parts[0][0])
        if assumed is not None:
            more = len(targets) + np.arange(len(assumed))
            parts = [(np.append(rows, more), held_out) for rows, held_out in parts]
            kept, targets, counted = assumed.behind(kept, targets, counted)
        learned = parts[0][0]
        if len(parts) > 1:
            learned = np.unique(np.concatenate([rows for rows, _ in parts]))
        if self._goes_on:
            self._go_on(parameters)
            tokens = self.encoding_.tokens(kept.fields)
        else:
            targets = self._scale_targets(targets, learned, counted.weights)
            tokens = self._learn_encoding(kept, learned, vectors, pretrained, encoder, parameters)
        # All rows become ids at once; the vocabulary knows those alone that are learned from.
        whole = tuple(map(self.encoding_.vocabulary.encode, tokens))
        ids = tuple(map(self.encoding_.shortened, whole))
        self._weigh_labels(targets, counted.weights)
        row_weights = self._row_weights(targets, counted.weights)
        data = SequenceData(ids, targets, row_weights, self.encoding_.numbers(kept))
        own = None if validation_data is None else self._read_validation(validation_data)
        each, judged = validation_of(
            parts, own, lambda rows: self._held_out(kept, data, rows, counted.weights)
        )
        training = [data.take(rows) for rows, _ in parts]
        if not self._goes_on:
            self._build(encoder, bidirectional, vectors, training, rng, pretrained)
        seeds = member_seeds(seed, n_members, rng)
        sha256 = given.fingerprint(y)
        prepared = self._prepared(training, each, judged, seeds, sha256)
        data = replace(data, fields=whole)
        prepared = self._with_wide(prepared, data, parts, own, labelled)
        if not self._frozen:
            return prepared
        files = self.fitted_parameters_["pretrained"]
        with computing(self.network_, self.device, thread_count(self.n_threads)) as team:
            return above_frozen(prepared, team, files if self.cache else None)

    def _held_out(
        self,
        given: TextRows,
        data: SequenceData,
        rows: np.ndarray,
        weights: np.ndarray | None,
    ) -> ValidationRows | None:
        """Return the rows that were split off, where there are any, to validate on."""
        if not len(rows):
            return None
        shown = given.take(rows).shown() if callable(self.scoring) else None
        own = None if weights is None else weights[rows]
        if own is not None and (own == own[0]).all():
            own = None
        return ValidationRows(data.take(rows), shown, own)

    def _opened(self) -> Pretrained | PretrainedTransformer | None:
        """Return what a new model starts from."""
        if self.pretrained is None:
            return None
        meant = "transformer" in (self.encoder, self.representation)
        if names_transformer(self.pretrained, meant):
            return PretrainedTransformer.open(self.pretrained)
        return Pretrained.of(self.pretrained)

    def _given(
        self,
        opened: Pretrained | PretrainedTransformer | None = None,
        table: SubwordTable | None = None,
    ) -> dict[str, Any]:
        """Return all parameters, those of a pretrained model or table in place of defaults."""
        given, defaults = super()._given(), type(self)().get_params(deep=False)
        opened = opened or self._opened()
        if opened is not None:
            return opened.settle(given, defaults)
        if table is None:
            table = find_table(self.vectors)
        return given if table is None else settle_table(table, given, defaults)

    def stream_tokenizer(self) -> Tokenizer:
        """Return what cuts texts that are read some at a time: it can learn nothing of them."""
        if self._goes_on:
            return self.encoding_.tokenizer
        tokenizer = self.new_tokenizer((), self._opened(), find_table(self.vectors))
        refuse_learning(tokenizer, "tokenizer")
        return tokenizer

    def _learn_encoding(
        self,
        given: TextRows,
        rows: np.ndarray,
        vectors: WordVectors | SubwordTable | None,
        pretrained: Pretrained | PretrainedTransformer | None,
        encoder: Any,
        parameters: dict[str, Any],
    ) -> tuple[Tokens, ...]:
        """Learn tokenizer and vocabulary from the training rows, and decide on "auto"."""
        fields = given.fields
        texts = tuple(take_field(field, rows) for field in fields)
        table = vectors if isinstance(vectors, SubwordTable) else None
        tokenizer = self.new_tokenizer(texts, pretrained, table)
        tokens = tuple(cut(tokenizer, field) for field in fields)
        own = tuple(part.take(rows) for part in tokens)
        longest, n_buckets = int(self.ngram_range[1]), self.hash_buckets
        hashed = None if n_buckets is None else HashedNgrams(longest, int(n_buckets))
        encoding = TextEncoding.learn(
            own,
            tokenizer,
            vectors,
            pretrained,
            min_df=self.min_df,
            max_features=self.max_features,
            hashed=hashed,
        )
        lengths = SequenceData(tuple(part.codes for part in own)).lengths
        facts = DataFacts(
            n_rows=len(rows),
            n_outputs=self.target_kind()[1],
            n_tokens=int((encoding.vocabulary.counts > 0).sum()),
            long_text=quantile_of(lengths, 0.95),
            pretrained=vectors is not None,
            transferred=isinstance(pretrained, Pretrained),
            transformer=TransformerFacts.of(pretrained, parameters),
            subword=isinstance(vectors, SubwordTable),
            single=len(fields) == 1 and not n_grams_are_tokens(parameters),
        )
        found = recipe(encoder, parameters["pooling"], facts)
        self.fitted_parameters_ = decide(parameters, found)
        max_length = as_int(self.fitted_parameters_["max_length"])
        chosen_length = parameters["max_length"] != "auto"
        warn_of_data(length_lines(lengths, max_length, chosen_length), stacklevel=4)
        names = given.names or field_names(fields)
        beside = ColumnEncoding.of(given.take(rows).columns)
        self.encoding_ = replace(encoding, max_length=max_length, columns=names, beside=beside)
        return tokens

    def _build(
        self,
        encoder: Any,
        bidirectional: bool,
        vectors: WordVectors | SubwordTable | None,
        training: Sequence[SequenceData],
        rng: np.random.Generator,
        pretrained: Pretrained | PretrainedTransformer | None,
    ) -> None:
        """Build a network for each part of the rows, with its first weights."""
        chosen, n_ids = self.fitted_parameters_, self.encoding_.n_ids
        own: dict[str, Any] = {}
        if self.encoding_.n_columns:
            own["n_columns"] = self.encoding_.n_columns
        if isinstance(pretrained, PretrainedTransformer):
            own["transformer"] = pretrained.config
        check_width(chosen["representation"], n_ids)
        if len(training) > 1 and "transformer" in own and chosen["unfreeze"] == "none":
            raise ValueError(
                f"n_members={len(training)} trains so many networks, and each would hold the same "
                "frozen transformer; set n_members=1, or encode once with TransformerEmbedder and "
                "average models of its vectors"
            )
        crop_length = as_int(chosen["crop_length"])
        longest_rows = [int(rows.lengths.max(initial=1)) for rows in training]
        self._build_members(
            [min(longest, crop_length or longest) for longest in longest_rows],
            rng,
            n_tokens=n_ids,
            embedding_dim=int(chosen["embedding_dim"]) if vectors is None else vectors.dim,
            n_outputs=self.target_kind()[1],
            n_fields=self.encoding_.n_fields,
            encoder=encoder,
            bidirectional=bidirectional,
            **own,
        )
        for network, rows in zip(self.networks, training, strict=True):
            fill_embeddings(network.inputs.weight, self.vocabulary_, vectors, rng)
            start_columns(network.head, rows, self.target_kind()[0])
            if pretrained is not None:
                pretrained.fill(network)

    def training_form(self, prepared: Prepared) -> AbstractContextManager[None]:
        """Let the head above a pretrained encoder read standardized vectors."""
        # What goes on from a fit has mean and spread within its head's weights.
        if self.pretrained is None or self._goes_on:
            return nullcontext()
        network = prepared.network
        with computing(network, self.device, thread_count(self.n_threads)) as team:
            vectors = network_outputs(network, prepared.rows, team, type(network).vectors)
        return standardized(network.head, torch.from_numpy(vectors))

    def _table_rate(self) -> float:
        if self._means_subwords and not self.freeze_vectors:
            return subword_rate(self.network_.table, self.target_kind()[1] >= MANY_CLASSES)
        return table_rate(self.vectors, self.freeze_vectors, self.recipe)

    @property
    def _means_subwords(self) -> bool:
        """Whether it reads the mean, or the maximum, of a table of subwords by the tuned recipe."""
        tuned = self.recipe == "tuned" and self.fitted_parameters_["encoder"] in BAGS
        # A table that is a path may be gone by the time that a fit goes on.
        return tuned and self.vectors is not None and self.tokenizer_.kind == "subword"

    def _resolved(self, values: Mapping[str, Any]) -> tuple[Any, bool]:
        check_transformer(values)
        check_crop(values)
        if values["encoder"] == "transformer":
            check_parameters(type(self), values)
            return "transformer", False
        encoder, bidirectional = super()._resolved(values)
        check_together(values, encoder)
        return encoder, bidirectional

    def _inputs(self, X: Any, name: str = "X") -> SequenceData:
        return self.encoding_.ids(one_or_more(X), name)

    def _outputs(self, X: Any) -> np.ndarray:
        check_is_fitted(self, "network_")
        if not self.architecture_["n_outputs"]:
            raise ValueError(
                "the model was saved with features_only=True and has nothing to predict with; "
                "use transform, or fit a new one that starts from it: pretrained=..."
            )
        return super()._outputs(X)

    @property
    def vocabulary_(self) -> Vocabulary:
        """The training texts' vocabulary, and the words that ``vectors`` know beyond it."""
        return self.encoding_.vocabulary

    @property
    def tokenizer_(self) -> Tokenizer:
        """The fitted tokenizer."""
        return self.encoding_.tokenizer

    def _n_trained_tokens(self) -> int:
        if self.freeze_vectors:
            return 0
        n_hashed = self.encoding_.n_ids - len(self.vocabulary_)
        return int((self.vocabulary_.counts[2:] > 0).sum()) + 2 + n_hashed

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        return tags


@declared
class TextClassifier(LabelAnswers, TextEstimator):
    """Classify texts with a recurrent network, or the mean of their word vectors.

    A parameter of ``"auto"`` is decided from the data at ``fit``, by one recipe
    for all corpora; ``fitted_parameters_`` tells what was decided.

    {parameters}

    Attributes
    ----------
    classes_ : ndarray
        Sorted labels; label numbers for an indicator matrix.
    vocabulary_ : Vocabulary
    tokenizer_ : Tokenizer
    fitted_parameters_ : dict
        All parameters with "auto" decided.
    history_ : DataFrame
        One row an epoch: loss, validation loss and score, gradient norm,
        learning rate, seconds, tokens per second.
    receipt_ : dict
        Seed, threads, rows, fingerprints of data and weights, scores, versions.
    interrupted_ : bool
        Whether Ctrl-C ended training; the best weights so far were kept.

    Examples
    --------
    >>> texts = ["a good film", "a bad film", "good", "bad"] * 10
    >>> labels = ["pos", "neg", "pos", "neg"] * 10
    >>> model = TextClassifier(encoder="bilstm", hidden_size=8, random_state=0).fit(texts, labels)
    >>> model.predict(["a good good film"]).tolist()
    ['pos']
    """


@declared
class TextRegressor(NumberAnswers, TextEstimator):
    """Predict a number from a text, with the networks of ``TextClassifier``.

    The target is standardised by the mean and spread of the training rows, and
    the squared error is minimised.

    {parameters}

    Attributes
    ----------
    mean_, scale_ : float
        Mean and standard deviation of the training targets.
    vocabulary_, tokenizer_, fitted_parameters_, history_, receipt_, interrupted_
        As in ``TextClassifier``.

    Examples
    --------
    >>> texts = ["bad", "good", "good good", "good good good"] * 25
    >>> stars = [0.0, 1.0, 2.0, 3.0] * 25
    >>> model = TextRegressor(encoder="gru", hidden_size=16, random_state=0, n_threads=1)
    >>> low, high = model.fit(texts, stars).predict(["bad", "good good good"])
    >>> bool(low < high)
    True
    """
