"""What TextClassifier and TextRegressor share: fitting, outputs, vectors, saving."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from copy import copy, deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted
from torch import nn

from textseq.batches import NetworkRows, SequenceData
from textseq.estimators.checks import seed_of, whole
from textseq.estimators.class_labels import label_array
from textseq.estimators.data_warnings import length_lines, warn_of_data
from textseq.estimators.defaults import AUTO, DataFacts, resolve
from textseq.estimators.embedding_table import read_vectors
from textseq.estimators.fit_rows import FitRows, ValidationRows
from textseq.estimators.network_building import build_network, fill_embeddings, text_architecture
from textseq.estimators.pretrained import Pretrained
from textseq.estimators.receipt import data_fingerprint
from textseq.estimators.sequence_estimator import SequenceEstimator
from textseq.estimators.text_encoding import (
    Field,
    TextEncoding,
    cut,
    fit_tokenizer,
    read_fields,
    take_field,
    text_rows,
)
from textseq.estimators.text_parameters import check_text_parameters, check_width
from textseq.estimators.validation_split import split_rows
from textseq.files import ModelFileError, StrPath
from textseq.nn.heads import Head, standardized
from textseq.nn.network import SequenceNetwork
from textseq.text.hashed_ngrams import HashedNgrams
from textseq.text.inputs import field_names, one_or_more
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens
from textseq.text.vectors import WordVectors
from textseq.text.vocabulary import Vocabulary
from textseq.training.devices import computing
from textseq.training.options import TrainingOptions
from textseq.training.outputs import network_outputs

# Learning rate of pretrained vectors, as a share of the network's.
PRETRAINED_RATE = 0.5


class TextEstimator(SequenceEstimator):
    """Base of the estimators that read texts; ``TextClassifier`` tells the parameters."""

    def __init__(
        self,
        tokenizer: Any = "word",
        *,
        lowercase: bool = True,
        min_df: int | float = 1,
        max_features: int | None = 30_000,
        ngram_range: tuple[int, int] = (1, 1),
        hash_buckets: int | None = None,
        max_length: int | str | None = "auto",
        representation: str = "embedding",
        vectors: Any = None,
        freeze_vectors: bool = False,
        embedding_dim: int = 100,
        pretrained: Any = None,
        unfreeze: str = "gradual",
        rate_decay: float = 2.6,
        encoder: str | type[nn.Module] = "lstm",
        bidirectional: bool = False,
        hidden_size: int = 128,
        num_layers: int | str = "auto",
        connections: str = "plain",
        normalization: str | None = None,
        activation: str = "tanh",
        init: str = "default",
        init_gain: float = 1.0,
        pooling: str = "auto",
        head_sizes: tuple[int, ...] = (),
        embedding_dropout: float | str = "auto",
        dropout: float | str = "auto",
        head_dropout: float = 0.5,
        optimizer: str = "adamw",
        learning_rate: float | str = "auto",
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        schedule: str = "auto",
        max_epochs: int | str = "auto",
        batch_size: int | str = "auto",
        patience: int | str | None = "auto",
        clip_grad_norm: float | None = 1.0,
        clip_grad_value: float | None = None,
        truncated_bptt_steps: int | None = None,
        scoring: Any = None,
        validation_fraction: float = 0.1,
        warm_start: bool = False,
        device: str = "auto",
        n_threads: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.min_df = min_df
        self.max_features = max_features
        self.ngram_range = ngram_range
        self.hash_buckets = hash_buckets
        self.max_length = max_length
        self.representation = representation
        self.vectors = vectors
        self.freeze_vectors = freeze_vectors
        self.embedding_dim = embedding_dim
        self.pretrained = pretrained
        self.unfreeze = unfreeze
        self.rate_decay = rate_decay
        self.encoder = encoder
        self.bidirectional = bidirectional
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.connections = connections
        self.normalization = normalization
        self.activation = activation
        self.init = init
        self.init_gain = init_gain
        self.pooling = pooling
        self.head_sizes = head_sizes
        self.embedding_dropout = embedding_dropout
        self.dropout = dropout
        self.head_dropout = head_dropout
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.schedule = schedule
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.patience = patience
        self.clip_grad_norm = clip_grad_norm
        self.clip_grad_value = clip_grad_value
        self.truncated_bptt_steps = truncated_bptt_steps
        self.scoring = scoring
        self.validation_fraction = validation_fraction
        self.warm_start = warm_start
        self.device = device
        self.n_threads = n_threads
        self.random_state = random_state
        self.verbose = verbose

    def fit(
        self,
        X: Any,
        y: Any,
        validation_data: tuple[Any, ...] | None = None,
        *,
        sample_weight: Any = None,
        groups: Any = None,
    ) -> Self:
        """Fit to texts and their targets.

        Parameters
        ----------
        X : list, Series, array or frame of texts
            One text a row; or two columns, or a list of pairs, of texts to compare.
        y : array-like of shape (n,) or (n, n_labels)
        validation_data : tuple of (X, y) or (X, y, sample_weight), optional
            Chooses the best epoch, instead of ``validation_fraction`` of the rows.
        sample_weight : array-like of shape (n,), optional
            What each row counts for in the loss and in the validation score, beside
            ``class_weight``. Only their ratios matter; a row of weight 0 is left out.
        groups : array-like of shape (n,), optional
            Rows of one group (the same author, say) stand on one side of the validation split.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If texts, targets or parameters are not usable; the message says what to do.
        """
        fields = read_fields(X)
        data, validation, seed = self._prepare(fields, y, validation_data, sample_weight, groups)
        self._learn(data, validation, seed)
        self.receipt_ |= {"data_sha256": data_fingerprint(fields, label_array(y))}
        return self

    def _prepare(
        self,
        fields: tuple[Field, ...],
        y: Any,
        validation_data: tuple[Any, ...] | None = None,
        sample_weight: Any = None,
        groups: Any = None,
    ) -> tuple[SequenceData, ValidationRows | None, int]:
        """Learn targets and encoding and build the network: all of ``fit`` but training.

        Returns
        -------
        data : SequenceData
        validation : ValidationRows or None
        seed : int
            Of the training.
        """
        pretrained = None if self.pretrained is None else Pretrained.of(self.pretrained)
        parameters = self._settled(pretrained)
        encoder, bidirectional = check_text_parameters(parameters)
        learn = self._encode_targets if self._goes_on else self._learn_targets
        targets = learn(y, len(fields[0]))
        given = FitRows.read(len(targets), sample_weight, groups)
        if len(given.rows) < len(targets):
            fields = tuple(take_field(field, given.rows) for field in fields)
            targets = targets[given.rows]
        seed = seed_of(self.random_state)
        rng = np.random.default_rng(seed)
        fraction = 0.0 if validation_data is not None else self.validation_fraction
        rows, held_out = split_rows(targets, fraction, rng, groups=given.groups)

        vectors = None
        if self._goes_on:
            self._go_on(parameters)
            tokens = self.encoding_.tokens(fields)
        else:
            targets = self._scale_targets(targets, rows, given.weights)
            vectors = read_vectors(self.vectors)
            tokens = self._learn_encoding(fields, rows, vectors, pretrained, encoder, parameters)
        ids = tuple(map(self.encoding_.token_ids, tokens))
        self._weigh_labels(targets, given.weights)
        data = SequenceData(ids, targets, self._row_weights(targets, given.weights))
        validation = None
        if validation_data is not None:
            validation = self._read_validation(validation_data)
        elif len(held_out):
            weights = None if given.weights is None else given.weights[held_out]
            shown = text_rows(fields, held_out) if callable(self.scoring) else None
            validation = ValidationRows(data.take(held_out), shown, weights)

        training = data.take(rows)
        if not self._goes_on:
            longest = int(training.lengths.max(initial=1))
            self._build_network(encoder, bidirectional, vectors, longest, rng)
            if pretrained is not None:
                pretrained.fill(self.network_)
        return training, validation, seed

    def _settled(self, pretrained: Pretrained | None) -> dict[str, Any]:
        """Return all parameters, those of a pretrained model in place of defaults."""
        given = self.get_params(deep=False)
        if pretrained is None:
            return given
        return pretrained.settle(given, type(self)().get_params(deep=False))

    def _learn_encoding(
        self,
        fields: tuple[Field, ...],
        rows: np.ndarray,
        vectors: WordVectors | None,
        pretrained: Pretrained | None,
        encoder: Any,
        parameters: dict[str, Any],
    ) -> tuple[Tokens, ...]:
        """Learn tokenizer and vocabulary from the training rows, and decide on "auto"."""
        texts = tuple(take_field(field, rows) for field in fields)
        tokenizer = (
            pretrained.tokenizer
            if pretrained is not None
            else fit_tokenizer(
                self.tokenizer,
                texts,
                self.lowercase,
                self.ngram_range,
                self.hash_buckets,
                self.max_features,
            )
        )
        tokens = tuple(cut(tokenizer, field) for field in fields)
        own = tuple(part.take(rows) for part in tokens)
        longest, n_buckets = self.ngram_range[1], self.hash_buckets
        hashed = HashedNgrams(int(longest), int(n_buckets)) if n_buckets is not None else None
        encoding = TextEncoding.learn(
            own,
            tokenizer,
            vectors,
            pretrained,
            min_df=self.min_df,
            max_features=self.max_features,
            hashed=hashed,
        )
        lengths = np.max([part.lengths for part in own], axis=0)
        facts = DataFacts(
            n_rows=len(rows),
            n_outputs=self._target_kind()[1],
            n_tokens=int((encoding.vocabulary.counts > 0).sum()),
            long_text=float(np.quantile(lengths, 0.95)),
            pretrained=vectors is not None,
            transferred=pretrained is not None,
        )
        chosen = {name: parameters[name] for name in AUTO}
        self.fitted_parameters_ = parameters | resolve(encoder, chosen, facts)
        max_length = whole(self.fitted_parameters_["max_length"])
        chosen_length = parameters["max_length"] != "auto"
        warn_of_data(length_lines(lengths, max_length, chosen_length), stacklevel=4)
        self.encoding_ = replace(encoding, max_length=max_length, columns=field_names(fields))
        return tokens

    def _build_network(
        self,
        encoder: Any,
        bidirectional: bool,
        vectors: WordVectors | None,
        longest: int,
        rng: np.random.Generator,
    ) -> None:
        chosen = self.fitted_parameters_
        check_width(chosen["representation"], self.encoding_.n_ids)
        self.architecture_ = text_architecture(chosen) | {
            "n_tokens": self.encoding_.n_ids,
            "embedding_dim": int(chosen["embedding_dim"]) if vectors is None else vectors.dim,
            "n_outputs": self._target_kind()[1],
            "n_fields": self.encoding_.n_fields,
            "encoder": encoder,
            "bidirectional": bidirectional,
        }
        self.network_ = build_network(
            self.architecture_,
            init=self.init,
            init_gain=float(self.init_gain),
            longest=longest,
            rng=rng,
        )
        fill_embeddings(self.network_, self.vocabulary_, vectors, rng)

    def _training_form(self, data: NetworkRows) -> AbstractContextManager[None]:
        """Let a head on a pretrained encoder read standardized vectors."""
        # What goes on from a fit has mean and spread within its head's weights.
        if self.pretrained is None or self._goes_on:
            return nullcontext()
        with computing(self.network_, self.device, self._threads()) as team:
            vectors = network_outputs(self.network_, data, team, SequenceNetwork.vectors)
        return standardized(self.network_.head, torch.from_numpy(vectors))

    def _training_options(self, seed: int) -> TrainingOptions:
        options = super()._training_options(seed)
        if self.pretrained is None:
            return options
        return replace(options, rate_decay=float(self.rate_decay), unfreeze=self.unfreeze)

    def _table_rate(self) -> float:
        if self.freeze_vectors:
            return 0.0
        return PRETRAINED_RATE if self.vectors is not None else 1.0

    def _check_parameters(self) -> tuple[Any, bool]:
        pretrained = None if self.pretrained is None else Pretrained.of(self.pretrained)
        return check_text_parameters(self._settled(pretrained))

    def _rows(self, X: Any, name: str = "X") -> SequenceData:
        return self.encoding_.ids(one_or_more(X), name)

    def _own_to_json(self) -> dict[str, Any]:
        targets = self._targets_to_json() if self.architecture_["n_outputs"] else None
        return {"encoding": self.encoding_.to_dict(), "targets": targets}

    def _own_from_file(
        self, header: dict[str, Any], arrays: dict[str, np.ndarray], code: dict[str, Any]
    ) -> None:
        self.encoding_ = TextEncoding.from_dict(header["encoding"], code["tokenizer"])
        if header["network"]["n_tokens"] != self.encoding_.n_ids:
            raise ModelFileError("the network and the vocabulary differ in their number of tokens")
        if header["targets"] is not None:
            self._targets_from_json(header["targets"])

    def _outputs(self, X: Any) -> np.ndarray:
        check_is_fitted(self, "network_")
        if not self.architecture_["n_outputs"]:
            raise ValueError(
                "the model was saved with features_only=True and has nothing to predict with; "
                "use transform, or fit a new one that starts from it: pretrained=..."
            )
        return super()._outputs(X)

    def save(self, path: StrPath | BinaryIO, features_only: bool = False) -> Path | None:
        """Write the whole model to one file; ``load_model`` opens it.

        Parameters
        ----------
        path : path-like, or file open for writing bytes
            A file of that name is replaced; it stays whole if writing fails.
        features_only : bool, default False
            Leave out the head and what it says of labels or numbers. What ``load_model`` opens
            can ``transform``, and be another model's ``pretrained``, but not predict.

        Returns
        -------
        Path or None
            None for an open file.
        """
        check_is_fitted(self, "network_")
        if not features_only:
            return super().save(path)
        bare = copy(self)
        bare.architecture_ = self.architecture_ | {"n_outputs": 0, "head_sizes": []}
        bare.network_ = deepcopy(self.network_)
        bare.network_.head = Head(self.network_.head.in_features, 0).requires_grad_(False)
        return super(TextEstimator, bare).save(path)

    @property
    def vocabulary_(self) -> Vocabulary:
        """The training texts' vocabulary, and the words that ``vectors`` know beyond it."""
        return self.encoding_.vocabulary

    @property
    def tokenizer_(self) -> Tokenizer:
        """The fitted tokenizer."""
        return self.encoding_.tokenizer

    @property
    def n_parameters_(self) -> int:
        """Number of weights that training could change, words beyond its texts left out."""
        table = self.network_.inputs.weight
        others = (weight for weight in self.network_.parameters() if weight is not table)
        dense = sum(weight.numel() for weight in others)
        if table is None or self.freeze_vectors:
            return dense
        n_hashed = self.encoding_.n_ids - len(self.vocabulary_)
        n_rows = int((self.vocabulary_.counts[2:] > 0).sum()) + 2 + n_hashed
        return dense + n_rows * table.shape[1]

    def __sklearn_clone__(self) -> Self:
        """Return an unfitted copy that starts from the same pretrained model, itself no copy."""
        bare = copy(self)
        bare.pretrained = None
        cloned: Self = BaseEstimator.__sklearn_clone__(bare)
        cloned.pretrained = self.pretrained
        return cloned

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        return tags
