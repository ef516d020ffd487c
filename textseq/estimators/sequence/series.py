"""Series to labels or a number: classification, binary, multiclass and multilabel; regression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.utils import Tags

from textseq.batches import SequenceData
from textseq.estimators.auto import decide
from textseq.estimators.base import Prepared
from textseq.estimators.checkpoint import Checkpoint
from textseq.estimators.declared import changed, declared
from textseq.estimators.distributed import Distributed, has_workers, kept_and_shared
from textseq.estimators.encoding.series import SeriesEncoding
from textseq.estimators.members import member_seeds, split_members
from textseq.estimators.parameters import EncoderParameters, HeadParameters, ValidationParameters
from textseq.estimators.receipt import series_fingerprint
from textseq.estimators.sequence.answers import LabelAnswers
from textseq.estimators.sequence.fit_rows import FitRows, ValidationRows
from textseq.estimators.sequence.members import validation_of
from textseq.estimators.sequence.number_answers import NumberAnswers
from textseq.estimators.sequence.series_page import SeriesPage
from textseq.estimators.sequence.series_recipe import SeriesFacts, recipe
from textseq.files import ModelFileError, StrPath
from textseq.labels.inputs import label_array
from textseq.ragged import Ragged
from textseq.series.inputs import series_rows, warn_of_turned_series

# Fewer would choose the best epoch by luck, which the falling learning rate finds by itself.
FEWEST_VALIDATION_ROWS = 100


@declared
class SeriesParameters(ValidationParameters, EncoderParameters, HeadParameters):
    """What the estimators of whole series let choose."""

    encoder: Any = changed(kw_only=False, default="lstm_fcn")
    hidden_size: int | tuple[int, ...] | str = changed(default="auto")
    pooling: str = changed(default="mean")
    validation_fraction: float = changed(
        help="Share of the rows that choose the best epoch "
        f"(none if that is under {FEWEST_VALIDATION_ROWS} rows).",
        default=0.1,
    )


class SeriesEstimator(SeriesParameters, SeriesPage):
    """Base of the estimators that read whole series."""

    reads = "series"
    encoding_: SeriesEncoding

    @kept_and_shared
    def fit(
        self,
        X: Any,
        y: Any,
        validation_data: tuple[Any, ...] | None = None,
        *,
        sample_weight: Any = None,
        groups: Any = None,
        checkpoint: StrPath | Checkpoint | None = None,
        distributed: Distributed | None = None,
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
        {sharing}

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If series, targets or parameters are not usable; the message says what to do.

        Warns
        -----
        UserWarning
            If after 100 batches the validation rows, 20 at least, are answered no better than
            by luck or, of numbers, by their mean; the message says what to try.
        """
        own = {"sample_weight": sample_weight, "groups": groups}
        if has_workers(distributed):
            kept = {"checkpoint": checkpoint}
            return distributed.fit(self, X, y, validation_data, **own, **kept)
        with self.fitting(checkpoint, distributed):
            self._train(self.prepare(X, y, validation_data, **own))
        return self

    def prepare(
        self,
        X: Any,
        y: Any = None,
        validation_data: tuple[Any, ...] | None = None,
        *,
        sample_weight: Any = None,
        groups: Any = None,
    ) -> Prepared:
        """Check, decide on "auto", learn the scales and build the network: all but training.

        Parameters
        ----------
        X, y, validation_data, sample_weight, groups
            As ``fit`` takes them.
        """
        rows = given_rows = series_rows(X)
        warn_of_turned_series(rows)
        encoder, bidirectional = self._resolved(self._given())
        learn = self._learn_more_targets if self._goes_on else self._learn_targets
        targets = learn(y, len(rows))
        given = FitRows.read(len(targets), sample_weight, groups)
        if len(given.rows) < len(targets):
            rows, targets = rows.take(given.rows), targets[given.rows]
        seed = self._seed()
        rng = np.random.default_rng(seed)
        fraction = 0.0 if validation_data is not None else self.validation_fraction
        n_members = len(self.networks) if self._goes_on else int(self.n_members)
        parts = split_members(
            targets, fraction, rng, n_members, given.groups, FEWEST_VALIDATION_ROWS
        )
        # Scales are learned from the training series alone, which all others are scaled by.
        learned = np.unique(np.concatenate([own for own, _ in parts]))
        if self._goes_on:
            self._go_on(self._given())
        else:
            targets = self._scale_targets(targets, learned, given.weights)
            self.encoding_ = SeriesEncoding.learn(rows.take(learned))
        own_weights = None if given.weights is None else given.weights[learned]
        self._weigh_labels(targets[learned], own_weights)
        training = [self._data(rows, targets, own, given.weights) for own, _ in parts]
        each, judged = validation_of(
            parts,
            None if validation_data is None else self._read_validation(validation_data),
            lambda own: self._held_out(rows, targets, own, given.weights),
        )
        if not self._goes_on:
            self._build(encoder, bidirectional, [part.lengths for part in training], rng)
        seeds = member_seeds(seed, n_members, rng)
        sha256 = series_fingerprint(given_rows, label_array(y))
        return self._prepared(training, each, judged, seeds, sha256)

    def _held_out(
        self, rows: Ragged, targets: np.ndarray, own: np.ndarray, weights: np.ndarray | None
    ) -> ValidationRows | None:
        """Return the named rows, where there are any, to validate on."""
        if not len(own):
            return None
        left = rows.take(own)
        shown = [left[row].T for row in range(len(left))] if callable(self.scoring) else None
        held = self._data(rows, targets, own, weights)
        return ValidationRows(held, shown, None if weights is None else weights[own])

    def _data(
        self, rows: Ragged, targets: np.ndarray, own: np.ndarray, weights: np.ndarray | None
    ) -> SequenceData:
        targets, weights = targets[own], None if weights is None else weights[own]
        encoded = self.encoding_.encode(rows.take(own))
        return SequenceData((encoded,), targets, self._row_weights(targets, weights))

    def _build(
        self,
        encoder: Any,
        bidirectional: bool,
        lengths: Sequence[np.ndarray],
        rng: np.random.Generator,
    ) -> None:
        """Build a network for each part of the rows, of such lengths, with its first weights."""
        kind, n_outputs = self.target_kind()
        first = lengths[0]
        facts = SeriesFacts(len(first), float(np.quantile(first, 0.95)), kind == "number")
        self.fitted_parameters_ = decide(self._given(), recipe(encoder, facts))
        self._build_members(
            [int(own.max()) for own in lengths],
            rng,
            n_tokens=0,
            representation="numbers",
            embedding_dim=self.encoding_.n_inputs,
            n_outputs=n_outputs,
            encoder=encoder,
            bidirectional=bidirectional,
        )

    def _inputs(self, X: Any, name: str = "X") -> SequenceData:
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
        super()._own_from_file(header, arrays, code)

    @property
    def n_channels_(self) -> int:
        """Channels that a series must have."""
        return self.encoding_.n_channels

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        return tags


@declared
class SeriesClassifier(LabelAnswers, SeriesEstimator):
    """Classify whole series, of one or several channels, of equal or unequal lengths.

    Every channel is scaled by the mean and spread of the training rows, those for
    validation left out. A missing value (NaN) becomes the channel's mean; where the training
    series miss values of a channel, the network also reads at which steps they are missing.
    In a channel that the training series never miss, a missing value is the mean alone.

    A parameter of ``"auto"`` is decided from the data at ``fit``, by one recipe for all sets;
    ``fitted_parameters_`` tells what was decided.

    {parameters}

    Attributes
    ----------
    classes_ : ndarray
        Sorted labels; label numbers for an indicator matrix.
    n_channels_ : int
    fitted_parameters_ : dict
        All parameters with "auto" decided.
    history_ : DataFrame
        One row an epoch: loss, validation loss and score, gradient norm,
        learning rate, seconds, steps per second.
    receipt_ : dict
        Seed, threads, rows, fingerprints of data and weights, scores, versions.
    interrupted_ : bool
        Whether Ctrl-C ended training; the best weights so far were kept.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> waves = [np.sin(np.arange(n) * speed) for n, speed in zip(rng.integers(20, 40, 40),
    ...                                                           [0.3, 0.9] * 20)]
    >>> model = SeriesClassifier(hidden_size=16, random_state=0, n_threads=1)
    >>> model = model.fit(waves, ["slow", "fast"] * 20)
    >>> model.predict([np.sin(np.arange(50) * 0.8)]).tolist()
    ['fast']
    """


@declared
class SeriesRegressor(NumberAnswers, SeriesEstimator):
    """Predict a number from a whole series, with the networks of ``SeriesClassifier``.

    The target is standardised by the mean and spread of the training rows, and
    the squared error is minimised.

    {parameters}

    Attributes
    ----------
    mean_, scale_ : float
        Mean and standard deviation of the training targets.
    n_channels_, fitted_parameters_, history_, receipt_, interrupted_
        As in ``SeriesClassifier``.

    Examples
    --------
    >>> import numpy as np
    >>> heights = np.linspace(1.0, 4.0, 60)
    >>> waves = heights[:, None] * np.sin(np.arange(30))
    >>> model = SeriesRegressor(hidden_size=16, random_state=0, n_threads=1).fit(waves, heights)
    >>> low, high = model.predict(waves[[0, -1]])
    >>> bool(low < high)
    True
    """
