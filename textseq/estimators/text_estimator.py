"""What TextClassifier and TextRegressor share: fitting, outputs, vectors, saving."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted
from torch import nn

from textseq.batches import SequenceData
from textseq.estimators.checks import check_count
from textseq.estimators.defaults import DataFacts, resolve
from textseq.estimators.embedding_table import pretrained_table, random_table, read_vectors
from textseq.estimators.progress import progress_bar
from textseq.estimators.receipt import data_fingerprint, versions
from textseq.estimators.saved_model import header_of, network_arrays
from textseq.estimators.text_encoding import (
    Field,
    TextEncoding,
    cut,
    fit_tokenizer,
    read_fields,
    take_field,
)
from textseq.estimators.text_parameters import check_text_parameters
from textseq.estimators.validation_split import split_rows
from textseq.files import weights_checksum, write_model
from textseq.nn.network import SequenceNetwork
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens
from textseq.text.vectors import WordVectors
from textseq.text.vocabulary import Vocabulary
from textseq.training.loop import train
from textseq.training.objectives import OBJECTIVES
from textseq.training.options import TrainingOptions
from textseq.training.outputs import network_outputs
from textseq.training.threads import ThreadTeam, available_threads

# Learning rate of pretrained vectors, as a share of the network's.
PRETRAINED_RATE = 0.5
# Parameters that may be "auto".
AUTO = (
    "max_length",
    "embedding_dropout",
    "dropout",
    "learning_rate",
    "schedule",
    "max_epochs",
    "batch_size",
    "patience",
)


class TextEstimator(BaseEstimator):
    """Base of the estimators that read texts; ``TextClassifier`` tells the parameters."""

    def __init__(
        self,
        tokenizer: Any = "word",
        *,
        lowercase: bool = True,
        min_df: int | float = 1,
        max_features: int | None = 30_000,
        ngram_range: tuple[int, int] = (1, 1),
        max_length: int | str | None = "auto",
        vectors: Any = None,
        freeze_vectors: bool = False,
        embedding_dim: int = 100,
        encoder: str | type[nn.Module] = "lstm",
        bidirectional: bool = False,
        hidden_size: int = 128,
        num_layers: int = 1,
        pooling: str = "max",
        embedding_dropout: float | str = "auto",
        dropout: float | str = "auto",
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
        validation_fraction: float = 0.1,
        n_threads: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.min_df = min_df
        self.max_features = max_features
        self.ngram_range = ngram_range
        self.max_length = max_length
        self.vectors = vectors
        self.freeze_vectors = freeze_vectors
        self.embedding_dim = embedding_dim
        self.encoder = encoder
        self.bidirectional = bidirectional
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.pooling = pooling
        self.embedding_dropout = embedding_dropout
        self.dropout = dropout
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
        self.validation_fraction = validation_fraction
        self.n_threads = n_threads
        self.random_state = random_state
        self.verbose = verbose

    def _learn_targets(self, y: Any, n_rows: int) -> np.ndarray:
        """Check the targets of ``fit``, remember what they are, return them as numbers."""
        raise NotImplementedError

    def _encode_targets(self, y: Any, n_rows: int) -> np.ndarray:
        """Turn other targets into numbers as ``_learn_targets`` chose."""
        raise NotImplementedError

    def _target_kind(self) -> tuple[str, int]:
        """Return the key in OBJECTIVES and the number of outputs."""
        raise NotImplementedError

    def _row_weights(self, targets: np.ndarray) -> np.ndarray | None:
        return None

    def fit(self, X: Any, y: Any, validation_data: tuple[Any, Any] | None = None) -> Self:
        """Fit to texts and their targets.

        Parameters
        ----------
        X : list, Series, array or frame of texts
            One text a row; or two columns, or a list of pairs, of texts to compare.
        y : array-like of shape (n,) or (n, n_labels)
        validation_data : tuple of (X, y), optional
            Chooses the best epoch, instead of ``validation_fraction`` of the rows.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If texts, targets or parameters are not usable; the message says what to do.
        """
        encoder, bidirectional = check_text_parameters(self.get_params(deep=False))
        fields = read_fields(X)
        targets = self._learn_targets(y, len(fields[0]))
        seed = _seed(self.random_state)
        rng = np.random.default_rng(seed)
        fraction = 0.0 if validation_data is not None else self.validation_fraction
        rows, held_out = split_rows(targets, fraction, rng)

        vectors = read_vectors(self.vectors)
        tokens = self._learn_encoding(fields, rows, vectors, encoder)
        ids = tuple(map(self.encoding_.token_ids, tokens))
        data = SequenceData(ids, targets, self._row_weights(targets))
        validation = data.take(held_out) if len(held_out) else None
        if validation_data is not None:
            validation = self.encoding_.ids(validation_data[0])
            numbers = self._encode_targets(validation_data[1], len(validation))
            weights = self._row_weights(numbers)
            validation = replace(validation, targets=numbers, weights=weights)

        self._build_network(encoder, bidirectional, vectors, rng)
        self._train(data.take(rows), validation, seed)
        self.receipt_ |= {"data_sha256": data_fingerprint(fields, np.asarray(y))}
        return self

    def _learn_encoding(
        self,
        fields: tuple[Field, ...],
        rows: np.ndarray,
        vectors: WordVectors | None,
        encoder: Any,
    ) -> tuple[Tokens, ...]:
        """Learn tokenizer and vocabulary from the training rows, and decide on "auto"."""
        tokenizer = fit_tokenizer(
            self.tokenizer,
            tuple(take_field(field, rows) for field in fields),
            self.lowercase,
            self.ngram_range,
        )
        tokens = tuple(cut(tokenizer, field) for field in fields)
        own = tuple(part.take(rows) for part in tokens)
        encoding = TextEncoding.learn(
            own, tokenizer, vectors, min_df=self.min_df, max_features=self.max_features
        )
        facts = DataFacts(
            n_rows=len(rows),
            n_outputs=self._target_kind()[1],
            n_tokens=int((encoding.vocabulary.counts > 0).sum()),
        )
        chosen = {name: getattr(self, name) for name in AUTO}
        self.fitted_parameters_ = self.get_params(deep=False) | resolve(encoder, chosen, facts)
        self.encoding_ = replace(encoding, max_length=self.fitted_parameters_["max_length"])
        return tokens

    def _build_network(
        self,
        encoder: Any,
        bidirectional: bool,
        vectors: WordVectors | None,
        rng: np.random.Generator,
    ) -> None:
        vocabulary = self.vocabulary_
        if vectors is None:
            table = random_table(len(vocabulary), int(self.embedding_dim), rng)
        else:
            table = pretrained_table(vocabulary, vectors, rng)
        self.architecture_ = {
            "n_tokens": len(vocabulary),
            "embedding_dim": table.shape[1],
            "n_outputs": self._target_kind()[1],
            "n_fields": self.encoding_.n_fields,
            "encoder": encoder,
            "hidden_size": int(self.hidden_size),
            "num_layers": int(self.num_layers),
            "bidirectional": bidirectional,
            "pooling": self.pooling,
            "embedding_dropout": self.fitted_parameters_["embedding_dropout"],
            "dropout": self.fitted_parameters_["dropout"],
        }
        # The caller's own random state is left as it was.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(rng.integers(2**63 - 1)))
            self.network_ = SequenceNetwork(**self.architecture_)
        self.network_.table.data = torch.from_numpy(table)

    def _train(self, data: SequenceData, validation: SequenceData | None, seed: int) -> None:
        chosen = self.fitted_parameters_
        pretrained = PRETRAINED_RATE if self.vectors is not None else 1.0
        options = TrainingOptions(
            optimizer=self.optimizer,
            learning_rate=chosen["learning_rate"],
            momentum=self.momentum,
            weight_decay=self.weight_decay,
            schedule=chosen["schedule"],
            table_rate=0.0 if self.freeze_vectors else pretrained,
            max_epochs=int(chosen["max_epochs"]),
            batch_size=int(chosen["batch_size"]),
            patience=chosen["patience"],
            clip_grad_norm=self.clip_grad_norm,
            clip_grad_value=self.clip_grad_value,
            n_threads=self._threads(),
            seed=seed,
        )
        objective = OBJECTIVES[self._target_kind()[0]]
        with progress_bar(self.verbose, options.max_epochs, str(self.encoder)) as on_batch:
            result = train(
                self.network_, data, objective, options, validation=validation, on_batch=on_batch
            )
        self.network_.requires_grad_(False)
        self.history_, self.interrupted_ = result.history, result.interrupted
        self.receipt_ = {
            "seed": seed,
            "n_threads": options.n_threads,
            "rows": len(data),
            "validation_rows": 0 if validation is None else len(validation),
            "epochs": len(result.history),
            "best_epoch": result.best_epoch,
            "score_name": objective.score_name,
            "validation_score": result.best_score,
            "weights_sha256": weights_checksum(network_arrays(self.network_)),
            "versions": versions(),
        }

    def _threads(self) -> int:
        return available_threads() if self.n_threads is None else int(self.n_threads)

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
        network = self.network_
        dense = sum(weight.numel() for weight in network.parameters()) - network.table.numel()
        if self.freeze_vectors:
            return dense
        return dense + int((self.vocabulary_.counts[2:] > 0).sum() + 2) * network.table.shape[1]

    def _outputs(self, X: Any) -> np.ndarray:
        """Return the network's outputs (n, n_outputs) as float64."""
        check_is_fitted(self, "network_")
        with ThreadTeam(self._threads()) as team:
            outputs = network_outputs(self.network_, self.encoding_.ids(X), team)
        return outputs.astype(np.float64)

    def transform(self, X: Any) -> np.ndarray:
        """Return the document vectors that the output layer reads.

        Parameters
        ----------
        X : list, Series, array or frame of texts

        Returns
        -------
        ndarray of shape (n, n_features), float32
            The encoder's pooled states; for pairs u, v, |u - v| and u * v side by side.
        """
        check_is_fitted(self, "network_")
        with ThreadTeam(self._threads()) as team:
            return network_outputs(
                self.network_, self.encoding_.ids(X), team, SequenceNetwork.vectors
            )

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of ``transform``'s columns."""
        check_is_fitted(self, "network_")
        prefix = type(self).__name__.lower()
        width = self.network_.output.in_features
        return np.array([f"{prefix}{column}" for column in range(width)], dtype=object)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the whole model to one file; ``load_model`` opens it.

        Parameters
        ----------
        path : path-like
            Replaced if it exists; it stays whole if writing fails.

        Returns
        -------
        Path
        """
        check_is_fitted(self, "network_")
        return write_model(
            path, type(self).__name__, header_of(self), network_arrays(self.network_)
        )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.non_deterministic = self.random_state is None
        return tags


def _seed(state: Any) -> int:
    if state is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if isinstance(state, np.random.RandomState):
        return int(state.randint(2**31 - 1))
    if isinstance(state, np.random.Generator):
        return int(state.integers(2**31 - 1))
    return check_count("random_state", state, least=0)
