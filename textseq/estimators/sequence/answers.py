"""What a classifier answers: labels, and their probabilities."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

import numpy as np
from scipy.special import expit, log_expit, log_softmax, softmax
from sklearn.base import ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from textseq.batches import NetworkRows
from textseq.checks import check_number
from textseq.estimators.parameters import (
    CalibrationParameters,
    ClassWeightParameters,
    DecisionParameters,
)
from textseq.estimators.scoring import Answers
from textseq.estimators.sequence.decision import check_rows, decision
from textseq.estimators.sequence.estimator import SequenceEstimator
from textseq.estimators.sequence.fit_rows import ValidationRows
from textseq.labels.agreement import agreement_beyond_luck
from textseq.labels.data_warnings import label_lines, unknown_lines, warn_of_data
from textseq.labels.decisions import DecisionRule, given_rule, is_tuned
from textseq.labels.isotonic import IsotonicCalibration
from textseq.labels.row_weights import class_row_weights, label_weights, row_weights
from textseq.labels.targets import (
    CodedLabels,
    check_labels,
    class_indices,
    class_numbers,
    classes_from_json,
    classes_to_json,
    column_labels,
    find_classes,
    joined_labels,
)
from textseq.row_arrays import picked, tally
from textseq.training.objectives import Objective, weighted_label_losses
from textseq.training.temperature import find_temperature

# What messages call it.
DECISION = "decision_threshold"
# Standard deviations that luck stays under in 19 of 20 fits that learn nothing.
LUCK = 1.645


class LabelAnswers(
    ClassifierMixin,
    ClassWeightParameters,
    CalibrationParameters,
    DecisionParameters,
    SequenceEstimator,
):
    """Part of the classifiers: one of several classes, or several labels that may each hold."""

    # By what ``predict`` answers; None is the most probable class, or labels above 0.5.
    decision_rule_: DecisionRule | None = None
    # What bends the log odds of two classes, if anything does.
    isotonic_: IsotonicCalibration | None = None
    # Labels that ``partial_fit`` was told of.
    _named: tuple[np.ndarray, ...] = ()

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Learn on from new rows alone; the first time, ``fit``.

        The network goes on, for fewer passes over the new rows. The wide path of texts is drawn to
        the weights that it had, and has new n-grams beside the old. Tokenizer and vocabulary stay:
        a word that neither the first texts nor ``vectors`` had is unknown. What validation rows
        say is said by a tenth of the new ones, and stays as it was if that is too few of them.

        New labels are learned as they come, and ``classes_`` stays sorted. Give rows of old ones
        beside them: what no row speaks for is forgotten.

        Parameters
        ----------
        X, y : as ``fit`` takes them
        classes : array-like, optional
            Labels that are to have a place though no row has them yet.
        sample_weight : array-like of shape (n,), optional

        Returns
        -------
        self

        Examples
        --------
        >>> from textseq import TextClassifier
        >>> model = TextClassifier(encoder="mean", max_epochs=5, random_state=0)
        >>> model = model.partial_fit(["so good", "so bad"] * 50, ["pos", "neg"] * 50)
        >>> model = model.partial_fit(["so good", "so long"] * 50, ["pos", "odd"] * 50)
        >>> model.classes_.tolist()
        ['neg', 'odd', 'pos']
        """
        if classes is not None:
            named = check_labels(classes, len(classes), "classes")
            self._named = (named,)
        try:
            self._update(X, y, sample_weight)
        finally:
            self._named = ()
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of every class.

        Parameters
        ----------
        X : as ``fit`` takes them

        Returns
        -------
        ndarray of shape (n, n_classes)
            Rows sum to 1; for multilabel targets each column is the
            probability of one label.
        """
        return self.answers(self._outputs(X))

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Return the logarithm of every class's probability, also where that rounds to 0 or 1.

        Parameters
        ----------
        X : as ``fit`` takes them

        Returns
        -------
        ndarray of shape (n, n_classes)
        """
        outputs = self._outputs(X)
        return log_expit(outputs) if self.multilabel_ else log_softmax(outputs, axis=1)

    def predict(self, X: Any, abstain: float | None = None) -> np.ndarray:
        """Return the label of each row, or the 0/1 indicators of all labels.

        It is the most probable one, or by ``decision_threshold``.

        Parameters
        ----------
        X : as ``fit`` takes them
        abstain : float, optional
            Rows whose most probable label has less probability than this have None in its place.

        Returns
        -------
        ndarray of shape (n,) or (n, n_labels)
            Of objects if ``abstain`` is given.
        """
        outputs = self._outputs(X)
        if abstain is not None:
            check_number("abstain", abstain, under=1.0)
            self._one_of_classes("abstain")
            labels = self._answered(outputs).astype(object)
            labels[self.answers(outputs).max(1) < abstain] = None
            return labels
        return self._answered(outputs)

    def decide(self, probabilities: np.ndarray) -> np.ndarray:
        """Return what ``predict`` answers to rows of such probabilities.

        Parameters
        ----------
        probabilities : ndarray of shape (n, n_classes)
            As ``predict_proba`` returns them.

        Returns
        -------
        ndarray of shape (n,) or (n, n_labels)

        Examples
        --------
        >>> from textseq import TextClassifier
        >>> texts, labels = ["so good", "so bad"] * 20, ["pos", "neg"] * 20
        >>> model = TextClassifier(encoder="mean", max_epochs=1, decision_threshold=0.2)
        >>> model.fit(texts, labels).decide([[0.7, 0.3], [0.9, 0.1]]).tolist()
        ['pos', 'neg']
        """
        check_is_fitted(self, "network_")
        given = np.asarray(probabilities, dtype=np.float64)
        if given.ndim != 2 or given.shape[1] != len(self.classes_):
            raise ValueError(
                f"probabilities must have {len(self.classes_)} columns, got shape {given.shape}"
            )
        if self.decision_rule_ is not None:
            answers = self.decision_rule_.answers(given)
        else:
            answers = (given > 0.5).astype(np.int64) if self.multilabel_ else given.argmax(1)
        return answers if self.multilabel_ else self.classes_[answers]

    def _answered(self, outputs: np.ndarray) -> np.ndarray:
        """Return the labels, or indicators, that outputs (n, n_outputs) are answered by."""
        answers = self._answer_numbers(outputs)
        return answers if self.multilabel_ else self.classes_[answers]

    def _answer_numbers(self, outputs: np.ndarray) -> np.ndarray:
        """Return the same as class numbers, or indicators."""
        if self.decision_rule_ is not None:
            return self.decision_rule_.answers(self.answers(outputs))
        return self._most_probable(outputs)

    def _most_probable(self, outputs: np.ndarray) -> np.ndarray:
        return (outputs > 0).astype(np.int64) if self.multilabel_ else outputs.argmax(1)

    def predict_set(self, X: Any, coverage: float = 0.9) -> np.ndarray:
        """Return for each row the classes that may be its own: the true one in ``coverage`` of all.

        That holds for rows from where the validation rows are from, whatever the model is worth:
        a good one has small sets. A set may be empty, where every class is less probable than the
        true ones of the validation rows nearly all are.

        Parameters
        ----------
        X : as ``fit`` takes them
        coverage : float, default 0.9
            In (0, 1).

        Returns
        -------
        ndarray of shape (n, n_classes), bool
            ``model.classes_[row]`` are the classes of a row.

        Raises
        ------
        ValueError
            If the fit had too few validation rows for that coverage, or several labels a row.

        References
        ----------
        Sadinle, Lei & Wasserman (2019), "Least Ambiguous Set-Valued Classifiers with Bounded
        Error Levels", section 2; Vovk, Gammerman & Shafer (2005), "Algorithmic Learning in a
        Random World".

        Examples
        --------
        >>> from textseq import TextClassifier
        >>> texts, labels = ["so good", "so bad"] * 120, ["pos", "neg"] * 120
        >>> model = TextClassifier(encoder="mean", max_epochs=5, random_state=0).fit(texts, labels)
        >>> model.predict_set(["so good", "so bad"])
        array([[False,  True],
               [ True, False]])
        """
        self._one_of_classes("predict_set")
        return 1 - self.predict_proba(X) <= self._bound(coverage)

    def _one_of_classes(self, what: str) -> None:
        if self.multilabel_:
            raise ValueError(f"{what} chooses among classes, and this model answers several labels")

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the share of rows that are answered right: of indicators, in all their columns.

        Parameters
        ----------
        X, y : as ``fit`` takes them
            A frame of indicators is matched by the names of its columns. A label that the model
            does not know counts as wrong.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows.
        """
        outputs = self._outputs(X)
        names = self.classes_ if self.multilabel_ else None
        labels = check_labels(y, len(outputs), labels=names)
        expected = outputs.shape if self.multilabel_ else outputs.shape[:1]
        if labels.shape != expected:
            raise ValueError(f"y has shape {labels.shape}, but the model answers {expected}")
        if self.multilabel_:
            right = (self._answer_numbers(outputs) == labels).all(1)
        else:
            indices = class_indices(labels, self.classes_)
            warn_of_data(unknown_lines(labels[indices < 0], self.classes_), stacklevel=2)
            right = indices == self._answer_numbers(outputs)
        return float(np.average(right, weights=sample_weight))

    def _outputs(self, X: Any) -> np.ndarray:
        return self._bent(super()._outputs(X))

    def _bent(self, outputs: np.ndarray) -> np.ndarray:
        """Return outputs (n, 2) whose log odds an isotonic calibration has put right."""
        if self.isotonic_ is None:
            return outputs
        log_odds = outputs[:, 1] - outputs[:, 0]
        half = (self.isotonic_(log_odds.astype(np.float64)) - log_odds) / 2
        return outputs + np.stack([-half, half], 1).astype(outputs.dtype)

    def answers(self, outputs: np.ndarray) -> np.ndarray:
        """Turn outputs (n, n_outputs) into probabilities or numbers of the same shape."""
        return expit(outputs) if self.multilabel_ else softmax(outputs, axis=1)

    def _learn_targets(self, y: Any, n_rows: int) -> np.ndarray:
        labels = check_labels(*_distinct(y, n_rows))
        self.multilabel_ = labels.ndim == 2
        if self.multilabel_:
            names = column_labels(y)
            self.classes_ = np.arange(labels.shape[1]) if names is None else names
            return labels
        regressor = type(self).__name__.replace("Classifier", "Regressor")
        self.classes_ = find_classes(joined_labels(labels, *self._named), regressor)
        numbers = _of_rows(y, class_numbers(labels, self.classes_))
        counts = tally(numbers, len(self.classes_))
        there, majority = counts > 0, self.class_weight is None
        # Who sets class_weight knows how common each class is.
        lines = label_lines(self.classes_[there], counts[there], regressor, majority=majority)
        warn_of_data(lines, stacklevel=4)
        return numbers

    def _learn_more_targets(self, y: Any, n_rows: int) -> np.ndarray:
        labels = check_labels(*_distinct(y, n_rows))
        if not self.multilabel_ and labels.ndim == 1:
            named = joined_labels(labels, *self._named)
            new = named[class_indices(named, self.classes_) < 0]
            if len(new):
                classes = find_classes(joined_labels(self.classes_, new))
                self._check_answering(classes)
                warn_of_data(unknown_lines(new, self.classes_), stacklevel=5)
                self._grow_outputs(np.searchsorted(classes, self.classes_), len(classes))
                self._forget_calibration()
                self.classes_ = classes
        return self._encode_targets(y, n_rows)

    def _encode_targets(self, y: Any, n_rows: int, name: str = "y") -> np.ndarray:
        names = self.classes_ if self.multilabel_ else None
        labels = check_labels(*_distinct(y, n_rows), name, names)
        if self.multilabel_:
            if labels.shape[1:] != self.classes_.shape:
                raise ValueError(
                    f"{name} must have {len(self.classes_)} label columns, got {labels.shape}"
                )
            return labels
        remedy = "drop or mend these rows, or have rows of each label to learn from"
        return _of_rows(y, class_numbers(labels, self.classes_, name, remedy))

    def target_kind(self) -> tuple[str, int]:
        """Return the key in OBJECTIVES and the number of outputs."""
        return "labels" if self.multilabel_ else "classes", len(self.classes_)

    def objective(self) -> Objective:
        """Return what training minimises and validation scores."""
        objective = super().objective()
        if self.multilabel_ and self._label_weights is not None:
            return replace(objective, losses=weighted_label_losses(self._label_weights))
        if self.multilabel_ or self.class_weight is None:
            return objective
        # Rows count in the validation score as they do in the loss.
        return replace(objective, score_name=f"weighted {objective.score_name}")

    def _row_weights(
        self, targets: np.ndarray, sample_weight: np.ndarray | None
    ) -> np.ndarray | None:
        if self.multilabel_:
            return row_weights(sample_weight)
        own = class_row_weights(self.class_weight, targets, self.classes_, sample_weight)
        return row_weights(sample_weight, own)

    def _weigh_labels(self, targets: np.ndarray, sample_weight: np.ndarray | None) -> None:
        self._label_weights = None
        if self.multilabel_:
            self._label_weights = label_weights(
                self.class_weight, targets, self.classes_, sample_weight
            )

    def _true_values(self, targets: np.ndarray) -> np.ndarray:
        return targets

    def _known(self, outputs: np.ndarray) -> Answers:
        outputs = outputs.astype(np.float64)
        return Answers(self._most_probable(outputs), self.answers(outputs))

    def _check_judged(self, judged: ValidationRows | None) -> None:
        if self.calibrate and judged is None and not self._calibrates_as_before:
            raise ValueError(
                f"calibrate={self.calibrate!r} needs validation rows, and there are too few to set "
                "some aside; pass validation_data=, raise validation_fraction, or leave calibrate "
                "out"
            )
        self._check_answering(self.classes_)
        kept = self._goes_on and self.decision_rule_ is not None and judged is None
        if is_tuned(self.decision_threshold) and not kept:
            targets = None if judged is None else judged.data.targets
            check_rows(self.decision_threshold, targets, self.classes_)

    @property
    def _calibrates_as_before(self) -> bool:
        """Whether a fit goes on from one that is calibrated."""
        known = "temperature" in self.receipt_ if self._goes_on else False
        return known and (self.calibrate != "isotonic" or self.isotonic_ is not None)

    def _check_answering(self, classes: np.ndarray) -> None:
        """Refuse parameters that do not go with the classes."""
        if self.calibrate == "isotonic" and (self.multilabel_ or len(classes) != 2):
            raise ValueError(
                "calibrate='isotonic' is for two classes, and y has "
                + ("several labels a row" if self.multilabel_ else f"{len(classes)} classes")
                + "; use calibrate='temperature'"
            )
        given_rule(DECISION, self.decision_threshold, classes, self.multilabel_)

    def _calibrated(self, outputs: np.ndarray, validation: NetworkRows) -> np.ndarray:
        self.isotonic_ = None
        if not self.calibrate:
            return outputs
        assert validation.targets is not None
        temperature = find_temperature(
            outputs, validation.targets, validation.weights, self.objective()
        )
        self._scale_outputs(1 / temperature)
        self.receipt_["temperature"] = temperature
        outputs = outputs / outputs.dtype.type(temperature)
        if self.calibrate != "isotonic":
            return outputs
        log_odds = (outputs[:, 1] - outputs[:, 0]).astype(np.float64)
        there, weights = validation.targets == 1, validation.weights
        self.isotonic_ = IsotonicCalibration.fit(log_odds, there, weights)
        self.receipt_["isotonic_knots"] = len(self.isotonic_.log_odds)
        return self._bent(outputs)

    def _forget_calibration(self) -> None:
        super()._forget_calibration()
        self.isotonic_ = None

    def _keep_calibration(self, receipt: dict[str, Any]) -> None:
        if self.calibrate and "temperature" in receipt:
            self._scale_outputs(1 / receipt["temperature"])
        kept = ["temperature"] if self.calibrate else []
        if self.calibrate == "isotonic":
            kept.append("isotonic_knots")
        else:
            self.isotonic_ = None
        if is_tuned(self.decision_threshold):
            kept.append("decision")
        self.receipt_ |= {name: receipt[name] for name in kept if name in receipt}

    def _decide_answers(self, judged: ValidationRows | None, outputs: np.ndarray | None) -> None:
        given = self.decision_threshold
        rule = given_rule(DECISION, given, self.classes_, self.multilabel_)
        if outputs is None:
            # Without rows to choose by, that of the fit before stays.
            self.decision_rule_ = self.decision_rule_ if is_tuned(given) else rule
            return
        self.decision_rule_ = rule
        if given is None:
            return
        assert judged is not None and judged.data.targets is not None
        self.decision_rule_, self.receipt_["decision"] = decision(
            given,
            rule,
            self.answers(outputs.astype(np.float64)),
            judged.data.targets,
            judged.weights,
            self.classes_,
        )

    def _misses(self, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
        if self.multilabel_:
            return np.empty(0)
        return 1 - self.answers(outputs)[np.arange(len(targets)), targets]

    def _nothing_learned(self, outputs: np.ndarray, targets: np.ndarray) -> str | None:
        # Of several labels a row no one answer is the commonest.
        if self.multilabel_:
            return None
        answers, counts = outputs.argmax(1), np.bincount(targets)
        n_rows, commonest = len(targets), int(counts.argmax())
        if counts[commonest] == n_rows or agreement_beyond_luck(targets, answers) > LUCK:
            return None
        label = self.classes_.tolist()[commonest]
        return (
            f"no more of the validation rows are answered right than luck explains: "
            f"{np.count_nonzero(answers == targets):,} of {n_rows:,}, and answering {label!r} "
            f"each time would be right in {counts[commonest]:,}"
        )

    def _targets_to_json(self) -> dict[str, Any]:
        own = {"multilabel": self.multilabel_, "classes": classes_to_json(self.classes_)}
        parts = {"decision": self.decision_rule_, "isotonic": self.isotonic_}
        return own | {name: part.to_dict() for name, part in parts.items() if part is not None}

    def _targets_from_json(self, stored: dict[str, Any]) -> None:
        self.multilabel_ = stored["multilabel"]
        self.classes_ = classes_from_json(stored["classes"])
        n_classes, rule, curve = len(self.classes_), stored.get("decision"), stored.get("isotonic")
        self.decision_rule_ = self.isotonic_ = None
        if rule is not None:
            self.decision_rule_ = DecisionRule.from_dict(rule, n_classes, self.multilabel_)
        if curve is not None:
            if self.multilabel_ or n_classes != 2:
                raise ValueError("an isotonic calibration is of two classes")
            self.isotonic_ = IsotonicCalibration.from_dict(curve)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _distinct(y: Any, n_rows: int) -> tuple[Any, int]:
    """Return labels to check, and how many there must be: of coded ones each once."""
    return (y.distinct, len(y.distinct)) if isinstance(y, CodedLabels) else (y, n_rows)


def _of_rows(y: Any, numbers: np.ndarray) -> np.ndarray:
    """Return the class number of each row from those of the labels that were checked."""
    return picked(numbers.astype(np.int32), y.codes) if isinstance(y, CodedLabels) else numbers
