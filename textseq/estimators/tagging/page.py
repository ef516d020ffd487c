"""The page of a tagger."""

from __future__ import annotations

from typing import Any

import numpy as np

from textseq.estimators.encoding.series import SeriesEncoding
from textseq.estimators.page import PageEstimator, commonest, own_series
from textseq.estimators.tagging.encoding import StepEncoding, TokenEncoding
from textseq.estimators.tagging.rows import Steps
from textseq.json_values import plain_values
from textseq.nn.crf import LinearChain
from textseq.nn.tagging import TaggingNetwork
from textseq.playground.arrays import Arrays
from textseq.playground.examples import MOST_READ, chosen_rows, example_forms
from textseq.playground.exported import Exported, Limit
from textseq.playground.layers import network_form, word_features_form
from textseq.playground.tokenization import kept_ids, vocabulary_form, vocabulary_limits
from textseq.text.tokens import Tokens
from textseq.text.word_characters import MOST_CHARACTERS


class TaggerPage(PageEstimator):
    """Part of the tagger: what a page holds of it."""

    classes_: np.ndarray
    encoding_: StepEncoding
    network_: TaggingNetwork

    def _exported(self: Any, X: Any, y: Any, max_words: int | None) -> Exported:
        encoding, arrays = self.encoding_, Arrays()
        if X is None and isinstance(encoding, SeriesEncoding):
            X = own_series(encoding)
        elif X is None:
            X = [commonest(encoding.vocabulary)]
        steps = self._steps(X).take(np.arange(min(len(X), MOST_READ)))
        rows, examples = self._examples(steps, None if y is None else list(y)[: len(steps)])
        form: dict[str, Any] = {
            "estimator": type(self).__name__,
            "task": "tags",
            "encoder": self.architecture_["encoder"],
            "answer": {"kind": "tags", "names": [str(tag) for tag in self.classes_.tolist()]},
            "tags": tags_form(self.network_, self.architecture_.get("allowed_moves"), arrays),
            "examples": examples,
        }
        limits: list[Limit] = []
        ids, n_words = None, 0
        if isinstance(encoding, TokenEncoding):
            vocabulary = encoding.vocabulary
            ids = kept_ids(vocabulary, max_words, [encoding.encode(steps.take(rows)).values])
            limits = vocabulary_limits(vocabulary, ids)
            n_words = len(vocabulary) if ids is None else len(ids)
            tokenizer = {"kind": "tokens", "lowercase": encoding.lowercase}
            form |= {
                "reads": "text",
                "tokenizer": tokenizer | {"composed": encoding.composed},
                "vocabulary": vocabulary_form(vocabulary, ids),
            }
            if encoding.characters is not None:
                form["spelling"] = {
                    "characters": encoding.characters.characters,
                    "longest": MOST_CHARACTERS,
                }
        elif isinstance(encoding, SeriesEncoding):
            form |= {"reads": "series", "scaling": encoding.to_dict()}
        form["network"] = network_form(self.network_, arrays, ids)
        if self.network_.word_features is not None:
            form["network"]["words"] = word_features_form(self.network_.word_features, arrays)
        title = f"{type(self).__name__} with encoder={self.architecture_['encoder']!r}"
        return Exported(title, form, arrays, self.receipt_, limits, n_words)

    def _examples(
        self: Any, steps: Steps, y: list[Any] | None
    ) -> tuple[np.ndarray, list[dict[str, Any]]]:
        """Choose the rows that the page brings along; of rows with tags some that are wrong."""
        predicted = [list(map(str, row)) for row in self._tags(steps).to_lists()]
        targets = None if y is None else [list(map(str, row)) for row in y]
        wrong = np.zeros(len(predicted), dtype=bool)
        if targets is not None:
            pairs = zip(predicted, targets, strict=True)
            wrong = np.array([own != true for own, true in pairs])
        rows = chosen_rows(wrong)
        shown = steps.take(rows)
        inputs: list[Any] = (
            shown.to_lists()
            if isinstance(shown, Tokens)
            else [plain_values(shown[row].T) for row in range(len(shown))]
        )
        own = rows.tolist()
        return rows, example_forms(
            inputs,
            [predicted[row] for row in own],
            None if targets is None else [targets[row] for row in own],
            wrong[rows],
        )


def tags_form(network: TaggingNetwork, allowed_moves: Any, arrays: Arrays) -> dict[str, Any]:
    """Describe how tags are read off what each step says."""
    form: dict[str, Any] = {"kind": "linear", "allowed": allowed_moves}
    if isinstance(network.tags, LinearChain):
        form["kind"] = "crf"
        for name in ("transitions", "starts", "ends"):
            weight = getattr(network.tags, name).detach().numpy()
            form[name] = arrays.add(f"tags.{name}", weight)
    return form
