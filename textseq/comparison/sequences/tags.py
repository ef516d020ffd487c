"""Taggers side by side: a tag for each token of a sentence, or each frame of a series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator

from textseq.comparison.scores.run import Run
from textseq.comparison.sequences.baselines import CommonestTag
from textseq.comparison.sequences.data import ComparedSequences
from textseq.comparison.sequences.feature_chain import FeatureChain, can_be_fitted
from textseq.comparison.sequences.measures import Measure, f1, share
from textseq.estimators.base import TrainedEstimator
from textseq.estimators.tagging.rows import Steps, read_steps, read_tags
from textseq.estimators.tagging.tagger import SequenceTagger
from textseq.labels.spans import SpanRules, numbered
from textseq.message_language import number_of
from textseq.ragged import Ragged, offsets_of
from textseq.text.tokens import Tokens

ACCURACY = Measure("accuracy", share(0, 1))
SPAN_F1 = Measure("span_f1", f1(2, 3, 4))
# How tags begin that mark spans.
_MARKS = ("B-", "I-", "E-", "S-", "L-", "U-")


@dataclass(frozen=True, eq=False)
class TaggedSequences(ComparedSequences):
    """Rows with a tag a step.

    Parameters
    ----------
    steps : Tokens or Ragged
        Tokens, or the numbers of frames.
    tags : Ragged
        Of labels, as the caller gave them.
    """

    task = "tags"
    estimator = SequenceTagger
    encoders = ("lstm", "bilstm")

    steps: Steps
    tags: Ragged

    @classmethod
    def read(cls, X: Any, y: Any, estimator: TrainedEstimator, name: str = "") -> Self:
        """Check rows and their tags."""
        steps = read_steps(X, f"{name}X")
        tags = read_tags(y, steps.lengths, f"{name}y")
        return cls(steps, Ragged(tags, offsets_of(steps.lengths)))

    @property
    def unit(self) -> str:
        """What one row is called."""
        return "sentence" if isinstance(self.steps, Tokens) else "series"

    def __len__(self) -> int:
        return len(self.tags)

    def take(self, rows: np.ndarray) -> Self:
        """Return some of the rows."""
        return type(self)(self.steps.take(rows), self.tags.take(rows))

    @property
    def given(self) -> tuple[Any, ...]:
        """Rows as the tagger reads them, and lists of tags."""
        return self._plain_steps if isinstance(self.steps, Ragged) else self.steps, self._rows

    @property
    def plain(self) -> tuple[Any, ...]:
        """Lists of tokens, or arrays of frames; and lists of tags."""
        return self._plain_steps, self._rows

    @property
    def _rows(self) -> list[list[Any]]:
        return self.tags.to_lists()

    @property
    def _plain_steps(self) -> list[Any]:
        if isinstance(self.steps, Tokens):
            return self.steps.to_lists()
        return [self.steps[row].T for row in range(len(self))]

    def shown(self) -> list[str]:
        """Return the tokens of each row, apart by spaces; of series their numbers."""
        if isinstance(self.steps, Tokens):
            return self.steps.joined(" ").to_list()
        return [f"series {number_of(row)}" for row in range(len(self))]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Accuracy, and of tags that mark spans their F1, which comes first then."""
        return (SPAN_F1, ACCURACY) if self._marks_spans else (ACCURACY,)

    @property
    def _marks_spans(self) -> bool:
        tags: Any = np.unique(self.tags.values) if self.tags.values.dtype.kind in "UT" else []
        marked = [tag for tag in map(str, tags) if tag != "O"]
        return bool(marked) and all(tag.startswith(_MARKS) for tag in marked)

    def baselines(self, template: TrainedEstimator) -> Mapping[str, BaseEstimator]:
        """Return the commonest tag of each word, and a chain over features where it is installed.

        Of frames, the commonest tag.
        """
        if not isinstance(self.steps, Tokens):
            return {"commonest tag": CommonestTag()}
        found: dict[str, BaseEstimator] = {"commonest tag of a word": CommonestTag()}
        if can_be_fitted():
            found["chain over features"] = FeatureChain()
        return found

    def answers(self, model: Any, X: Any) -> np.ndarray:
        """Return the tags of all steps end to end."""
        return read_tags(model.predict(X), self.steps.lengths, "what it predicts")

    def counts(self, run: Run, settings: Mapping[str, Any]) -> np.ndarray:
        """Return right steps and all; spans found right, found and true, (n, 5)."""
        found = Ragged(run.predictions, self.tags.offsets)
        sums = np.concatenate([[0], np.cumsum(run.predictions == self.tags.values)])
        right = np.diff(sums[self.tags.offsets])
        spans = np.zeros((len(self), 3))
        if len(self.measures) > 1:
            spans = _span_counts(self._rows, found.to_lists())
        return np.column_stack([right, self.tags.lengths, spans]).astype(np.float64)

    def targets(self) -> np.ndarray:
        """Return the tags of all steps end to end."""
        return self.tags.values

    @property
    def lengths(self) -> np.ndarray:
        """Steps of each row."""
        return self.tags.lengths


def _span_counts(truth: list[list[str]], found: list[list[str]]) -> np.ndarray:
    """Return each row's spans that are found right, found and true, (n, 3), as ``span_f1`` has."""
    (true_tags, said_tags), distinct = numbered(truth, found)
    rules = SpanRules.of(distinct)
    true, said = rules.find(true_tags), rules.find(said_tags)
    right = said.among(true, true_tags.n_values)
    rows = said.rows[right], said.rows, true.rows
    return np.stack([np.bincount(own, minlength=len(truth)) for own in rows], axis=1)
