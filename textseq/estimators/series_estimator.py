"""What SeriesClassifier and SeriesRegressor share: parameters, fitting, saving."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted
from torch import nn

from textseq.batches import SequenceData
from textseq.estimators.checks import seed_of, whole
from textseq.estimators.class_labels import label_array
from textseq.estimators.fit_rows import FitRows, ValidationRows
from textseq.estimators.network_building import build_network
from textseq.estimators.network_parameters import check_network_parameters
from textseq.estimators.receipt import series_fingerprint
from textseq.estimators.sequence_estimator import SequenceEstimator
from textseq.estimators.series_defaults import SERIES_AUTO, SeriesFacts, resolve_series
from textseq.estimators.series_encoding import SeriesEncoding
from textseq.estimators.validation_split import split_rows
from textseq.files import ModelFileError
from textseq.ragged import Ragged
from textseq.series.inputs import series_rows, warn_of_turned_series

# Fewer would choose the best epoch by luck, which the falling learning rate finds by itself.
FEWEST_VALIDATION_ROWS = 100


class SeriesEstimator(SequenceEstimator):
    """Base of the estimators that read whole series; ``SeriesClassifier`` tells the parameters."""

    def __init__(
        self,
        encoder: str | type[nn.Module] = "lstm_fcn",
        *,
        bidirectional: bool = False,
        hidden_size: int | str = "auto",
        num_layers: int | str = "auto",
        connections: str = "plain",
        normalization: str | None = None,
        activation: str = "tanh",
        init: str = "default",
        init_gain: float = 1.0,
        pooling: str = "mean",
        head_sizes: tuple[int, ...] = (),
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
        """Fit to series and their targets.

        Parameters
        ----------
        X : array of shape (n, channels, time) or (n, time), or a list
            A list holds arrays of shape (channels, time_i) or (time_i,), whose lengths may
            differ. NaN is a missing value.
        y : array-like of shape (n,) or (n, n_labels)
        validation_data : tuple of (X, y) or (X, y, sample_weight), optional
            Chooses the best epoch, instead of ``validation_fraction`` of the series.
        sample_weight : array-like of shape (n,), optional
            What each series counts for in the loss and in the validation score, beside
            ``class_weight``. Only their ratios matter; a series of weight 0 is left out.
        groups : array-like of shape (n,), optional
            Series of one group (the same machine, say) stand on one side of the validation
            split.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If series, targets or parameters are not usable; the message says what to do.
        """
        rows = series_rows(X)
        warn_of_turned_series(rows)
        data, validation, seed = self._prepare(rows, y, validation_data, sample_weight, groups)
        self._learn(data, validation, seed)
        self.receipt_ |= {"data_sha256": series_fingerprint(rows, label_array(y))}
        return self

    def _prepare(
        self,
        rows: Ragged,
        y: Any,
        validation_data: tuple[Any, ...] | None = None,
        sample_weight: Any = None,
        groups: Any = None,
    ) -> tuple[SequenceData, ValidationRows | None, int]:
        """Learn targets and scales and build the network: all of ``fit`` but training.

        Returns
        -------
        data : SequenceData
        validation : ValidationRows or None
        seed : int
            Of the training.
        """
        encoder, bidirectional = self._check_parameters()
        learn = self._encode_targets if self._goes_on else self._learn_targets
        targets = learn(y, len(rows))
        given = FitRows.read(len(targets), sample_weight, groups)
        if len(given.rows) < len(targets):
            rows, targets = rows.take(given.rows), targets[given.rows]
        seed = seed_of(self.random_state)
        rng = np.random.default_rng(seed)
        fraction = 0.0 if validation_data is not None else self.validation_fraction
        own, held_out = split_rows(targets, fraction, rng, FEWEST_VALIDATION_ROWS, given.groups)

        training = rows.take(own)
        if self._goes_on:
            self._go_on(self.get_params(deep=False))
        else:
            targets = self._scale_targets(targets, own, given.weights)
            self.encoding_ = SeriesEncoding.learn(training)
        self._weigh_labels(targets[own], None if given.weights is None else given.weights[own])
        data = self._data(training, targets, own, given.weights)
        validation = None
        if validation_data is not None:
            validation = self._read_validation(validation_data)
        elif len(held_out):
            weights = None if given.weights is None else given.weights[held_out]
            left = rows.take(held_out)
            shown = [left[row].T for row in range(len(left))] if callable(self.scoring) else None
            held = self._data(left, targets, held_out, given.weights)
            validation = ValidationRows(held, shown, weights)
        if not self._goes_on:
            self._build(encoder, bidirectional, training.lengths, rng)
        return data, validation, seed

    def _data(
        self, rows: Ragged, targets: np.ndarray, own: np.ndarray, weights: np.ndarray | None
    ) -> SequenceData:
        targets, weights = targets[own], None if weights is None else weights[own]
        encoded = self.encoding_.encode(rows)
        return SequenceData((encoded,), targets, self._row_weights(targets, weights))

    def _build(
        self, encoder: Any, bidirectional: bool, lengths: np.ndarray, rng: np.random.Generator
    ) -> None:
        kind, n_outputs = self._target_kind()
        facts = SeriesFacts(len(lengths), float(np.quantile(lengths, 0.95)), kind == "number")
        chosen = {name: getattr(self, name) for name in SERIES_AUTO}
        chosen = resolve_series(encoder, chosen, facts)
        self.fitted_parameters_ = self.get_params(deep=False) | chosen
        self.architecture_ = {
            "n_tokens": 0,
            "representation": "numbers",
            "embedding_dim": self.encoding_.n_inputs,
            "n_outputs": n_outputs,
            "encoder": encoder,
            "hidden_size": int(chosen["hidden_size"]),
            "num_layers": int(chosen["num_layers"]),
            "bidirectional": bidirectional,
            "connections": self.connections,
            "normalization": self.normalization,
            "activation": self.activation,
            "truncated_bptt_steps": whole(self.truncated_bptt_steps),
            "pooling": self.pooling,
            "head_sizes": [int(size) for size in self.head_sizes],
            "dropout": float(chosen["dropout"]),
            "head_dropout": float(self.head_dropout),
        }
        self.network_ = build_network(
            self.architecture_,
            init=self.init,
            init_gain=float(self.init_gain),
            longest=int(lengths.max()),
            rng=rng,
        )

    def _check_parameters(self) -> tuple[Any, bool]:
        return check_network_parameters(self.get_params(deep=False), auto=SERIES_AUTO)

    def _rows(self, X: Any, name: str = "X") -> SequenceData:
        return SequenceData((self.encoding_.encode(series_rows(X, name)),))

    def _own_to_json(self) -> dict[str, Any]:
        return {"encoding": self.encoding_.to_dict(), "targets": self._targets_to_json()}

    def _own_from_file(
        self, header: dict[str, Any], arrays: dict[str, np.ndarray], code: dict[str, Any]
    ) -> None:
        self.encoding_ = SeriesEncoding.from_dict(header["encoding"])
        if header["network"]["embedding_dim"] != self.encoding_.n_inputs:
            raise ModelFileError("the network and the scales differ in their number of channels")
        self._targets_from_json(header["targets"])

    @property
    def n_parameters_(self) -> int:
        """Number of weights that training could change."""
        check_is_fitted(self, "network_")
        return sum(weight.numel() for weight in self.network_.parameters())

    @property
    def n_channels_(self) -> int:
        """Channels that a series must have."""
        return self.encoding_.n_channels

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        return tags
