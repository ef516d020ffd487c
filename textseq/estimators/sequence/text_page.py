"""The page of an estimator that reads texts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from textseq.estimators.encoding.text_rows import TextRows
from textseq.estimators.page import PageEstimator, commonest
from textseq.estimators.sequence.answer_form import answer_form, shown_answers, shown_examples
from textseq.estimators.sequence.text_file import TextModelFile
from textseq.estimators.sequence.wide_path import WidePath
from textseq.playground.arrays import Arrays
from textseq.playground.examples import MOST_READ
from textseq.playground.exported import Exported, Limit
from textseq.playground.layers import network_form
from textseq.playground.tokenization import (
    is_own,
    kept_ids,
    tokenizer_form,
    vocabulary_form,
    vocabulary_limits,
)
from textseq.ragged import Ragged
from textseq.text.tokens import Tokens


class TextPage(PageEstimator, TextModelFile):
    """Part of the estimators that read texts: what a page holds of them."""

    def _exported(self, X: Any, y: Any, max_words: int | None) -> Exported:
        self._check_shown()
        encoding, vocabulary = self.encoding_, self.encoding_.vocabulary
        inputs, examples = self._examples(X, y)
        shown = [vocabulary.encode(part) for part in encoding.tokens(inputs.fields)]
        ids = kept_ids(vocabulary, max_words, [part.values for part in shown])
        limits = vocabulary_limits(vocabulary, ids)
        rows = None
        if ids is not None:
            rows = np.concatenate([ids, np.arange(len(vocabulary), encoding.n_ids)])
        arrays = Arrays()
        tokenizer = tokenizer_form(encoding.tokenizer)
        if is_own(encoding.tokenizer):
            limits.append({"key": "tokenizer"})
        form = {
            "estimator": type(self).__name__,
            "task": self.target_kind()[0],
            "reads": "text",
            "encoder": self.architecture_["encoder"],
            "network": network_form(self.network_, arrays, rows),
            "tokenizer": tokenizer,
            "vocabulary": vocabulary_form(vocabulary, ids),
            "hashed": None if encoding.hashed is None else asdict(encoding.hashed),
            "longest": encoding.n_read,
            "answer": answer_form(self),
            "examples": examples,
            "wide": None,
        }
        if self.wide_ is not None:
            form["wide"], cut = wide_form(self.wide_, arrays, max_words, shown[0])
            limits += cut
        n_words = len(vocabulary) if ids is None else len(ids)
        title = f"{type(self).__name__} with encoder={self.architecture_['encoder']!r}"
        return Exported(title, form, arrays, self.receipt_, limits, n_words)

    def _check_shown(self) -> None:
        """Raise ValueError for what no page shows."""
        if not self.architecture_["n_outputs"]:
            raise ValueError(
                "the model was saved with features_only=True and answers nothing that a page "
                "could show; fit one that starts from it: pretrained=..."
            )
        if self.encoding_.n_fields > 1:
            raise ValueError(
                "a page shows what becomes of one text, and this model compares two; look at it "
                "by `explain`, which takes pairs"
            )
        if self.encoding_.beside is not None:
            raise ValueError(
                "a page shows what becomes of a text, and this model reads columns beside it; fit "
                "one to the texts alone to play with it"
            )

    def _examples(self, X: Any, y: Any) -> tuple[TextRows, list[dict[str, Any]]]:
        """Choose the texts that the page brings along."""
        if X is None:
            X = self._own_example()
        given = self.encoding_.rows(X)
        n_read = min(len(given), MOST_READ)
        inputs = given.take(np.arange(n_read))
        answered = shown_answers(self, inputs, None if y is None else y[:n_read], n_read)
        (field,) = inputs.fields
        texts = inputs.shown()
        if is_own(self.encoding_.tokenizer) and not isinstance(field, Tokens):
            texts = self.encoding_.tokenizer.tokenize(field).to_lists()
        rows, examples = shown_examples(texts, answered)
        return inputs.take(rows), examples

    def _own_example(self) -> list[str] | Tokens:
        """Return a row of the words that the training texts have most often."""
        words = commonest(self.encoding_.vocabulary)
        if is_own(self.encoding_.tokenizer):
            return Tokens.from_lists([words])
        return [self.encoding_.tokenizer.join(words)]


def wide_form(
    wide: WidePath, arrays: Arrays, max_words: int | None, shown: Ragged
) -> tuple[dict[str, Any], list[Limit]]:
    """Describe the wide path; with ``max_words`` only so many of its commonest n-grams.

    Parameters
    ----------
    wide : WidePath
    arrays : Arrays
    max_words : int, optional
    shown : Ragged
        Ids of the texts that the page brings along, whose n-grams stay.
    """
    features = wide.features
    kept, limits = np.arange(len(features)), []
    if max_words is not None and len(features) > max_words:
        own = np.unique(features.transform(shown).indices)
        kept = np.union1d(np.argsort(features.idf, kind="stable")[:max_words], own)
        limits.append({"key": "ngrams", "kept": len(kept), "of": len(features)})
    form = {
        "longest": features.longest,
        "tokens": features.n_tokens,
        "ids": arrays.add("wide.ids", features.ids[kept], exact=True),
        "idf": arrays.add("wide.idf", features.idf[kept]),
        "weights": arrays.add("wide.weights", wide.weights[kept]),
        "bias": arrays.add("wide.bias", wide.bias),
    }
    return form, limits
