"""What the estimators share that answer a whole sequence by labels or a number."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from sklearn.base import TransformerMixin
from sklearn.utils.validation import check_is_fitted

from textseq.batches import NetworkRows, SequenceData
from textseq.estimators.base import Prepared, arrays_of
from textseq.estimators.parameters import AnswerParameters, ValidationParameters
from textseq.estimators.scoring import Answers, find_scoring
from textseq.estimators.sequence.fit_rows import ValidationRows, read_validation
from textseq.estimators.sequence.members import AveragedEstimator, JudgedMembers
from textseq.estimators.sequence.warm_start import continued_parameters
from textseq.files import weights_checksum
from textseq.labels.conformal import conformal_bound
from textseq.labels.data_warnings import warn_of_data
from textseq.labels.row_weights import check_sample_weight, row_weights
from textseq.labels.validation_split import FEWEST_VALIDATION_ROWS
from textseq.nn.named_weights import named_weights
from textseq.nn.network import SequenceNetwork
from textseq.ragged import Ragged
from textseq.training.objectives import OBJECTIVES, Objective
from textseq.training.options import TrainingOptions
from textseq.training.threads import ThreadTeam

# Batches that a fit must have learned from before it is told that it learned nothing.
FEWEST_BATCHES = 100
# Most passes of ``partial_fit`` over new rows, at the rate of the first fit. Over five weeks of
# 1,000 to 1,600 rows of three corpora the mean by itself learned less in 10, or at a third of the
# rate, and hardly forgot more in 20.
UPDATE_EPOCHS = 20


class SequenceEstimator(
    TransformerMixin, AnswerParameters, ValidationParameters, AveragedEstimator
):
    """Base of the classifiers and regressors, of texts and of series."""

    network_kind = SequenceNetwork
    # How far off the answers to the validation rows are, ascending; None without such rows.
    misses_: np.ndarray | None = None
    # Whether ``partial_fit`` is at work.
    _updates = False
    # Weights (n_labels, 2) of several labels' 0s and 1s, while they are learned.
    _label_weights: np.ndarray | None = None
    # Where scikit-learn routes metadata, groups that a splitter reads reach the validation too.
    __metadata_request__fit = {"groups": True}

    @abstractmethod
    def _inputs(self, X: Any, name: str = "X") -> SequenceData:
        """Return what the network reads of X, which messages call ``name``."""

    def rows(self, X: Any, y: Any = None) -> SequenceData:
        """Return what the fitted network reads of X, and with y what it should answer."""
        data = self._inputs(X)
        if y is None:
            return data
        return replace(data, targets=self._encode_targets(y, len(data)))

    @abstractmethod
    def _learn_targets(self, y: Any, n_rows: int) -> np.ndarray:
        """Check the targets of ``fit``, remember what they are, return them as numbers."""

    def _learn_more_targets(self, y: Any, n_rows: int) -> np.ndarray:
        """Check the targets of a fit that goes on, return them as numbers as the first did."""
        return self._encode_targets(y, n_rows)

    def _scale_targets(
        self, targets: np.ndarray, rows: np.ndarray, weights: np.ndarray | None
    ) -> np.ndarray:
        """Return learned targets in the units that those of the training rows have."""
        return targets

    @abstractmethod
    def _true_values(self, targets: np.ndarray) -> np.ndarray:
        """Return encoded targets as scores take them: class numbers, indicators or numbers."""

    @abstractmethod
    def _known(self, outputs: np.ndarray) -> Answers:
        """Turn outputs (n, n_outputs) into answers as scores take them."""

    @abstractmethod
    def _targets_to_json(self) -> dict[str, Any]:
        """Return what ``_learn_targets`` and ``_scale_targets`` remember, JSON-able."""

    @abstractmethod
    def _targets_from_json(self, stored: dict[str, Any]) -> None:
        """Take back what ``_targets_to_json`` gave."""

    @abstractmethod
    def _encode_targets(self, y: Any, n_rows: int, name: str = "y") -> np.ndarray:
        """Turn other targets, ``name`` in errors, into numbers as ``_learn_targets`` did."""

    @abstractmethod
    def target_kind(self) -> tuple[str, int]:
        """Return the key in OBJECTIVES and the number of outputs."""

    @abstractmethod
    def answers(self, outputs: np.ndarray) -> np.ndarray:
        """Turn outputs (n, n_outputs) into probabilities or numbers of the same shape."""

    def _row_weights(
        self, targets: np.ndarray, sample_weight: np.ndarray | None
    ) -> np.ndarray | None:
        """Return what each row counts for in the loss, mean 1; None where all are equal."""
        return row_weights(sample_weight)

    def _weigh_labels(self, targets: np.ndarray, sample_weight: np.ndarray | None) -> None:
        """Learn what each of several labels counts for in the loss, before its objective."""

    def objective(self) -> Objective:
        """Return what training minimises and validation scores."""
        return OBJECTIVES[self.target_kind()[0]]

    @property
    def _goes_on(self) -> bool:
        """Whether a fit goes on from the weights of the one before."""
        return (bool(self.warm_start) or self._updates) and hasattr(self, "history_")

    def _learned_of(self, prepared: Prepared) -> bool:
        """Whether the fits so far were to these rows, and to no others."""
        same = self.receipt_["data_sha256"] == prepared.notes["data_sha256"]
        return same and "data_sets" not in self.receipt_

    def _update(self, X: Any, y: Any, sample_weight: Any) -> None:
        """Fit, or go on from the fit before, as ``partial_fit`` does."""
        self._updates = True
        try:
            self._train(self.prepare(X, y, sample_weight=sample_weight))
        finally:
            del self._updates

    def training_options(self, seed: int) -> TrainingOptions:
        """Return how the network is trained, once "auto" is decided."""
        options = super().training_options(seed)
        if not (self._updates and self._goes_on):
            return options
        return replace(options, max_epochs=min(options.max_epochs, UPDATE_EPOCHS))

    def _go_on(self, parameters: dict[str, Any]) -> None:
        """Make the fitted network ready to learn again, with the parameters of training anew."""
        if not self.architecture_["n_outputs"]:
            raise ValueError(
                "the model was saved with features_only=True and has no head to go on from; "
                "set warm_start=False, or fit a new one that starts from it: pretrained=..."
            )
        defaults = type(self)().get_params(deep=False)
        self.fitted_parameters_ = continued_parameters(
            parameters, self.fitted_parameters_, defaults
        )
        for network in self.networks:
            network.requires_grad_(True)
        self._scale_head(self.receipt_.get("temperature", 1.0))

    def _grow_outputs(self, places: np.ndarray, n_outputs: int) -> None:
        """Give the outputs of a fitted model new places among more."""
        with ThreadTeam(1):
            for network in self.networks:
                network.head.grow(places.tolist(), n_outputs)
        self.architecture_ = self.architecture_ | {"n_outputs": n_outputs}

    def _read_validation(self, given: Any) -> ValidationRows:
        """Read the ``validation_data`` of ``fit``."""
        X, y, sample_weight = read_validation(given)
        data = self._inputs(X, "the validation X")
        targets = self._encode_targets(y, len(data), "the validation y")
        weights = check_sample_weight(sample_weight, len(data), "the validation sample_weight")
        counted = self._row_weights(targets, weights)
        return ValidationRows(replace(data, targets=targets, weights=counted), X, weights)

    @abstractmethod
    def prepare(
        self,
        X: Any,
        y: Any = None,
        validation_data: tuple[Any, ...] | None = None,
        *,
        sample_weight: Any = None,
        groups: Any = None,
    ) -> Prepared:
        """Check, decide on "auto", learn the encoding and build the network: all but training."""

    def _prepared(
        self,
        parts: Sequence[SequenceData],
        validation: Sequence[ValidationRows | None],
        judged: ValidationRows | None,
        seeds: Sequence[int],
        sha256: str,
    ) -> JudgedMembers:
        """Return what ``fit`` trains by, with the score that chooses the epoch.

        Parameters
        ----------
        parts, validation : sequence
            What each of ``networks`` learns from, and what chooses its epoch.
        judged : ValidationRows, optional
            What all are judged by.
        seeds : sequence of int
            Of the training of each.
        sha256 : str
            Of the data.
        """
        self._check_judged(judged)
        first, *more = validation
        objectives = [self._scored(first)]
        for held_out in more:
            objectives.append(objectives[0] if held_out is first else self._scored(held_out))
        each = zip(self.networks, parts, validation, objectives, seeds, strict=True)
        own, *others = [
            Prepared(network, rows, None if held_out is None else held_out.data, objective, seed)
            for network, rows, held_out, objective, seed in each
        ]
        fields = vars(own) | {"notes": {"data_sha256": sha256}}
        return JudgedMembers(**fields, others=tuple(others), judged=judged)

    def _check_judged(self, judged: ValidationRows | None) -> None:
        """Refuse parameters that need other rows to be judged by than there are: none does."""

    def _train(self, prepared: Prepared, max_epochs: int | None = None) -> None:
        """Train what was prepared, and warn if nothing was learned by which rows differ."""
        assert isinstance(prepared, JudgedMembers)
        before = self.receipt_ if self._goes_on else {}
        if not self._goes_on:
            self._forget_calibration()
        super()._train(prepared, max_epochs)
        if before and before["data_sha256"] != self.receipt_["data_sha256"]:
            self.receipt_["data_sets"] = before.get("data_sets", 1) + 1
        elif "data_sets" in before:
            self.receipt_["data_sets"] = before["data_sets"]
        prepared = self._train_others(prepared, max_epochs)
        judged = prepared.judged
        outputs = None if judged is None else self._judged_outputs(prepared)
        objective = prepared.objective
        if prepared.others:
            objective = self._note_members(prepared, outputs)
        outputs = self._fit_beside(prepared, objective, outputs)
        if outputs is None:
            self._keep_calibration(before)
        else:
            assert judged is not None and judged.data.targets is not None
            outputs = self._calibrated(outputs, judged.data)
            self.misses_ = np.sort(self._misses(outputs.astype(np.float64), judged.data.targets))
        self._decide_answers(judged, outputs)
        batches = -(-len(prepared.rows) // int(self.fitted_parameters_["batch_size"]))
        # A few rows tell nothing, a few batches teach nothing, and Ctrl-C was told of already.
        if (
            outputs is None
            or len(outputs) < FEWEST_VALIDATION_ROWS
            or batches * len(self.history_) < FEWEST_BATCHES
            or self.interrupted_
        ):
            return
        assert judged is not None and judged.data.targets is not None
        fact = self._nothing_learned(outputs, judged.data.targets)
        if fact is not None:
            other = "tuned" if self.recipe == "plain" else "plain"
            remedy = (
                f"try recipe={other!r}, another learning_rate (find_learning_rate suggests one), "
                "more max_epochs, or more rows"
            )
            warn_of_data([f"{fact}; {remedy}"], stacklevel=3)

    def _note_members(self, prepared: JudgedMembers, outputs: np.ndarray | None) -> Objective:
        """Note what several networks are worth together; return what they are judged by."""
        judged = prepared.judged
        if outputs is None:
            return prepared.objective
        assert judged is not None and judged.data.targets is not None
        objective = prepared.objective
        if not prepared.validation_is_shared:
            objective = self._scored(judged)
        truth = judged.data.targets, judged.data.weights
        self.receipt_ |= {
            "validation_rows": len(outputs),
            "validation_score": objective.score(outputs, *truth),
        }
        return objective

    def _own_arrays(self) -> dict[str, np.ndarray]:
        return {} if self.misses_ is None else {"misses": self.misses_}

    def _own_from_file(
        self, header: dict[str, Any], arrays: dict[str, np.ndarray], code: dict[str, Any]
    ) -> None:
        # Files of before have none.
        self.misses_ = arrays.get("misses")
        if self.misses_ is not None and not _ascend(self.misses_):
            raise ValueError("the misses of the validation rows are no ascending numbers")

    def _fit_beside(
        self, prepared: JudgedMembers, objective: Objective, outputs: np.ndarray | None
    ) -> np.ndarray | None:
        """Fit what stands beside a trained network: nothing does.

        Parameters
        ----------
        prepared : JudgedMembers
        objective : Objective
            By which all are judged.
        outputs : ndarray of shape (n_validation, n_outputs), optional
            The network's for the validation rows.

        Returns
        -------
        ndarray or None
            Those of all together.
        """
        return outputs

    def _calibrated(self, outputs: np.ndarray, validation: NetworkRows) -> np.ndarray:
        """Put probabilities right by the outputs for the validation rows, and return these so."""
        return outputs

    def _decide_answers(self, judged: ValidationRows | None, outputs: np.ndarray | None) -> None:
        """Find by what rule ``predict`` answers, from the outputs for the validation rows."""

    def _forget_calibration(self) -> None:
        """Drop what validation rows have said of the outputs."""
        self.misses_ = None

    def _keep_calibration(self, receipt: dict[str, Any]) -> None:
        """Calibrate as the fit before, which left the receipt, where no rows say how."""

    def _scale_outputs(self, factor: float) -> None:
        """Multiply the outputs of a fitted model, by way of its weights."""
        self._scale_head(factor)
        self.receipt_["weights_sha256"] = weights_checksum(arrays_of(self))

    def _scale_head(self, factor: float) -> None:
        """Multiply the networks' outputs, by way of their heads."""
        with ThreadTeam(1), torch.no_grad():
            for network in self.networks:
                for weight in network.head.output.parameters():
                    weight.mul_(factor)

    @abstractmethod
    def _misses(self, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Return how far off each answer is (n,), as sets and intervals measure it."""

    def _bound(self, coverage: float) -> float:
        """Return the miss that new rows stay within, in so many cases of all."""
        check_is_fitted(self, "network_")
        misses = np.empty(0) if self.misses_ is None else self.misses_
        return conformal_bound(misses, coverage)

    @abstractmethod
    def _nothing_learned(self, outputs: np.ndarray, targets: np.ndarray) -> str | None:
        """Say so if the answers to the validation rows are no better than one for all of them.

        Parameters
        ----------
        outputs : ndarray of shape (n, n_outputs)
        targets : ndarray of shape (n,) or (n, n_outputs)
        """

    def _scored(self, validation: ValidationRows | None) -> Objective:
        """Return the objective, with the score that chooses the epoch."""
        objective = self.objective()
        if self.scoring is None:
            weighted = validation is not None and validation.weights is not None
            if not weighted or objective.score_name.startswith("weighted"):
                return objective
            return replace(objective, score_name=f"weighted {objective.score_name}")
        kind, _ = self.target_kind()
        scoring = find_scoring(self.scoring, kind, getattr(self, "classes_", np.empty(0)))
        if validation is None:
            warnings.warn(
                f"there are too few rows to choose the epoch by scoring={scoring.name!r}, so the "
                "last one stays; pass validation_data=, or raise validation_fraction",
                stacklevel=5,
            )
            return objective
        assert validation.data.targets is not None
        truth = self._true_values(validation.data.targets)
        own = validation.weights, validation.X
        scoring.check(truth, *own)
        return replace(
            objective,
            score_name=scoring.name,
            score=lambda outputs, *_: scoring(self._known(outputs), truth, *own),
        )

    def _outputs(self, X: Any) -> np.ndarray:
        """Return what the answers are made of (n, n_outputs), float64."""
        check_is_fitted(self, "network_")
        return self._network_outputs(self._inputs(X))

    def outputs_of(
        self, fields: tuple[Ragged, ...], columns: np.ndarray | None = None
    ) -> np.ndarray:
        """Return the outputs of each part of the model (1, n, n_outputs), which sum to all.

        Parameters
        ----------
        fields : tuple of Ragged
            What the model reads: of a text the ids, uncut.
        columns : ndarray of shape (n, n_columns), optional
            What it reads beside them.
        """
        return self._network_outputs(SequenceData(fields, columns=columns))[None]

    def weights_by_name(self) -> dict[str, np.ndarray]:
        """Return copies of the fitted weights under the names they have in the equations.

        Returns
        -------
        dict of str to ndarray
            ``embedding`` (V, D); ``layer1.W_xh`` (H, D), ``layer1.W_hh`` (H, H), ``layer1.b``
            (H,) and so on for each layer and gate, ``layer1.backward.W_xh`` for the other
            direction; ``head.W`` (n_outputs, H) and ``head.b``.

        Examples
        --------
        >>> from textseq import TextClassifier
        >>> model = TextClassifier(encoder="rnn", hidden_size=2, max_epochs=1, random_state=0)
        >>> model = model.fit(["so good", "so bad"] * 10, [1, 0] * 10)
        >>> {name: weight.shape for name, weight in model.weights_by_name().items()}
        {'embedding': (5, 100), 'layer1.W_xh': (2, 100), 'layer1.W_hh': (2, 2), 'layer1.b': (2,), \
'head.W': (2, 2), 'head.b': (2,)}
        """
        check_is_fitted(self, "network_")
        named = named_weights(self.network_)
        return {name: weight.detach().numpy().copy() for name, weight in named.items()}

    def transform(self, X: Any) -> np.ndarray:
        """Return the vectors that the output layer reads.

        Parameters
        ----------
        X : as ``fit`` takes them

        Returns
        -------
        ndarray of shape (n, n_features), float32
            The encoder's pooled states; for pairs u, v, |u - v| and u * v side by side; behind
            them what is read of columns that stand beside the texts. Those of several members
            stand side by side.
        """
        check_is_fitted(self, "network_")
        data, vectors = self._inputs(X), SequenceNetwork.vectors
        return np.hstack([self._computed(network, data, vectors) for network in self.networks])

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of ``transform``'s columns."""
        check_is_fitted(self, "network_")
        prefix = type(self).__name__.lower()
        width = sum(network.head.in_features for network in self.networks)
        return np.array([f"{prefix}{column}" for column in range(width)], dtype=object)


def _ascend(numbers: np.ndarray) -> bool:
    floats = numbers.ndim == 1 and numbers.dtype == np.float64
    return floats and not np.isnan(numbers).any() and bool((np.diff(numbers) >= 0).all())
