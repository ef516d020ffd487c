"""What a fitted tagger answers, and how well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from textseq.checks import check_choice
from textseq.estimators.encoding.fitted_rows import refuse_whole_texts
from textseq.estimators.encoding.series import SeriesEncoding
from textseq.estimators.members import MembersEstimator
from textseq.estimators.tagging.encoding import StepEncoding, TokenEncoding, encode_steps
from textseq.estimators.tagging.rows import StepRows, Steps, read_steps, read_tags
from textseq.estimators.tagging.scores import span_f1, span_report
from textseq.estimators.tagging.tag_lists import TagLists
from textseq.labels.spans import SCHEMES, ProbableSpan, SpanRules, as_lists
from textseq.nn.crf import SpanMarks
from textseq.nn.tagging import TaggingMembers, TagReader
from textseq.nn.trainable import Inputs
from textseq.ragged import Ragged, offsets_of
from textseq.text.tokens import Tokens
from textseq.text.vocabulary import Vocabulary
from textseq.training.devices import computing
from textseq.training.outputs import step_outputs
from textseq.training.threads import thread_count


class TaggerAnswers(MembersEstimator):
    """Base of ``SequenceTagger``: tags and spans of rows, their probabilities and scores."""

    classes_: np.ndarray
    encoding_: StepEncoding

    def predict(self, X: Any) -> list[list[Any]]:
        """Return the tags of each row.

        With ``head="crf"`` those of the row's most probable tagging as a whole, which need not
        be the most probable step by step; of the taggings that ``tag_scheme`` allows.

        Parameters
        ----------
        X : as ``fit`` takes them

        Returns
        -------
        list of n lists
            One tag a step, of the types that ``fit`` met.
        """
        return TagLists(self._tags(self._steps(X)).to_lists())

    def predict_spans(self, X: Any) -> list[list[ProbableSpan]]:
        """Return the spans that the tags of each row mark, such as names of several words.

        A span's probability is that of the whole: of all ways to tag the row, those that mark it,
        with its type and both ends. With ``head="crf"`` they are weighed as rows, with "linear"
        step by step; ``tag_scheme`` has no part in it.

        Parameters
        ----------
        X : as ``fit`` takes them

        Returns
        -------
        list of n lists of ProbableSpan
            ``type``, ``start``, ``end`` and ``probability`` of each: ``row[start:end]`` is what it
            spans. Equal to the ``Span`` of the same type and ends.

        Raises
        ------
        ValueError
            If the tags that were learned mark no spans.
        """
        check_is_fitted(self, "network_")
        rules = self._span_rules("predict_spans")
        tables = (rules.types, rules.begins, rules.goes_on)
        marks = SpanMarks(*map(torch.from_numpy, tables))
        found = self._step_outputs(
            self._steps(X), lambda network, fields: network.best_spans(fields, marks)
        )
        if not found.n_values:
            return [[] for _ in range(len(found))]
        tags, probabilities = found.values.T
        spans = rules.find(Ragged(tags.astype(np.int64), found.offsets))
        return as_lists(spans, rules, found.offsets, probabilities[spans.ends - 1])

    def predict_proba(self, X: Any) -> list[np.ndarray]:
        """Return the probability of each tag at each step.

        Parameters
        ----------
        X : as ``fit`` takes them

        Returns
        -------
        list of n ndarrays of shape (time_i, n_classes)
            Given the whole row; each step's sum to 1.
        """
        found = self._step_outputs(self._steps(X), TagReader.probabilities)
        return [found[row] for row in range(len(found))]

    def score(self, X: Any, y: Any) -> float:
        """Return the share of steps tagged right.

        Parameters
        ----------
        X, y : as ``fit`` takes them
        """
        steps = self._steps(X)
        tags = read_tags(y, steps.lengths)
        if not len(tags):
            raise ValueError("X holds no step to score; pass rows of tokens or frames")
        return float(np.mean(self._tags(steps).values == tags))

    def span_f1(self, X: Any, y: Any, scheme: str = "auto") -> float:
        """Return the F1 score of spans: only those with both ends and the type right count.

        Parameters
        ----------
        X, y : as ``fit`` takes them
            Tags are strings such as "B-person", "I-person" and "O".
        scheme : {"auto", "IOB1", "IOB2", "IOE2", "IOBES", "BILOU"}
            "auto" counts as conlleval does, and seqeval by default, whichever of these the tags
            follow: an answered span that begins with "I-" counts, and costs where it is wrong. A
            name is seqeval's strict mode, which leaves spans, answered ones too, that are not
            marked as that scheme has them out of the count.

        Returns
        -------
        float
            Over the spans of all rows together; 0 if none is found.

        Raises
        ------
        ValueError
            If the tags follow no scheme, or mark no span.
        """
        check_choice("scheme", scheme, ("auto", *SCHEMES))
        return span_f1(*self._truth_and_answers(X, y), scheme)

    def span_report(self, X: Any, y: Any, scheme: str = "auto") -> pd.DataFrame:
        """Return how well the spans of each type are found.

        Parameters
        ----------
        X, y, scheme
            As ``span_f1`` takes them.

        Returns
        -------
        DataFrame
            ``type``, ``precision``, ``recall``, ``f1`` and ``support`` (true spans): a row a type,
            then "micro avg", of all spans together, and "macro avg", the mean over the types.
        """
        check_choice("scheme", scheme, ("auto", *SCHEMES))
        return span_report(*self._truth_and_answers(X, y), scheme)

    def _truth_and_answers(self, X: Any, y: Any) -> tuple[list[list[Any]], list[list[Any]]]:
        steps = self._steps(X)
        tags = Ragged(read_tags(y, steps.lengths), offsets_of(steps.lengths))
        return tags.to_lists(), TagLists(self._tags(steps).to_lists())

    def _span_rules(self, asked: str) -> SpanRules:
        """Return which spans the learned tags mark; ``asked`` is what needs to know."""
        tags = [str(tag) for tag in self.classes_]
        try:
            return SpanRules.of(tags)
        except ValueError as error:
            raise ValueError(
                f"{asked} is of spans, which tags such as 'B-person', 'I-person' and 'O' mark, and "
                f"{error}"
            ) from None

    def _tags(self, steps: Steps) -> Ragged:
        found = self._step_outputs(steps, TagReader.best)
        return Ragged(self.classes_[found.values], found.offsets)

    def _step_outputs(self, steps: Steps, compute: Callable[[TagReader, Inputs], Tensor]) -> Ragged:
        """Return what the network answers of each step."""
        check_is_fitted(self, "network_")
        if not len(steps):
            return Ragged(np.zeros(0, dtype=np.int64), np.zeros(1, dtype=np.int64))
        return self._answers(encode_steps(self.encoding_, steps), compute)

    def _answers(self, data: StepRows, compute: Callable[[TagReader, Inputs], Tensor]) -> Ragged:
        """Return what the networks answer of each step of rows, one at least."""
        network = TaggingMembers(self.networks) if self.others_ else self.network_
        with computing(network, self.device, thread_count(self.n_threads)) as team:
            return step_outputs(network, data, team, compute, data.steps.lengths)

    def _steps(self, X: Any, name: str = "X") -> Steps:
        """Read rows as those were read that were learned from."""
        check_is_fitted(self, "encoding_")
        steps = read_steps(X, name, isinstance(self.encoding_, SeriesEncoding))
        of_tokens = isinstance(self.encoding_, TokenEncoding) and not isinstance(X, Tokens)
        if of_tokens and isinstance(steps, Tokens):
            refuse_whole_texts(steps, self.vocabulary_, name)
        return steps

    @property
    def vocabulary_(self) -> Vocabulary:
        """The training tokens, and the words that ``vectors`` know beyond them."""
        check_is_fitted(self, "encoding_")
        if isinstance(self.encoding_, SeriesEncoding):
            raise AttributeError("a model of frames has no vocabulary_")
        return self.encoding_.vocabulary
