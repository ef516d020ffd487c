"""The page of a language model."""

from __future__ import annotations

from typing import Any

import numpy as np

from textseq.estimators.language.texts import EOS, read_tokens
from textseq.estimators.page import PageEstimator
from textseq.nn.language import LanguageNetwork
from textseq.playground.arrays import Arrays
from textseq.playground.examples import MOST_EXAMPLES, example_forms
from textseq.playground.exported import Exported
from textseq.playground.layers import inputs_form, linear_form, stack_form
from textseq.playground.tokenization import (
    is_own,
    kept_ids,
    tokenizer_form,
    vocabulary_form,
    vocabulary_limits,
)
from textseq.text.inputs import one_or_more

# Tokens of a text that a page brings along, and texts that the model writes where none are given.
MOST_TOKENS, OWN_TEXTS = 60, 3


class LanguagePage(PageEstimator):
    """Part of the language model: what a page holds of it."""

    network_: LanguageNetwork

    def _exported(self: Any, X: Any, y: Any, max_words: int | None) -> Exported:
        encoding, vocabulary, arrays = self.encoding_, self.vocabulary_, Arrays()
        if X is None:
            X = [
                self.generate("", MOST_TOKENS // 2, random_state=seed) for seed in range(OWN_TEXTS)
            ]
        rows = one_or_more(X)[:MOST_EXAMPLES]
        tokens = read_tokens(encoding, rows).truncate(MOST_TOKENS)
        ids = kept_ids(vocabulary, max_words, [vocabulary.encode(tokens).values])
        cut = tokens.to_lists()
        # As it was written, where the beginning of a text gives the beginning of its tokens.
        inputs = cut if is_own(encoding.tokenizer) else list(map(encoding.tokenizer.join, cut))
        limits = vocabulary_limits(vocabulary, ids)
        if is_own(encoding.tokenizer):
            limits.append({"key": "tokenizer"})
        network = self.network_
        form = {
            "estimator": type(self).__name__,
            "task": "language",
            "reads": "text",
            "encoder": self.architecture_["encoder"],
            "tokenizer": tokenizer_form(encoding.tokenizer),
            "vocabulary": vocabulary_form(vocabulary, ids),
            "begin": vocabulary.mark_id(EOS),
            "network": {
                "inputs": inputs_form(network.inputs, arrays, "embedding", ids),
                "encoder": stack_form(network.encoder, arrays),
                "output": softmax_form(network, arrays, ids),
            },
            "examples": example_forms(
                inputs, [None] * len(inputs), None, np.zeros(len(inputs), dtype=bool)
            ),
        }
        n_words = len(vocabulary) if ids is None else len(ids)
        title = f"{type(self).__name__} with encoder={self.architecture_['encoder']!r}"
        return Exported(title, form, arrays, self.receipt_, limits, n_words)


def softmax_form(
    network: LanguageNetwork, arrays: Arrays, ids: np.ndarray | None
) -> dict[str, Any]:
    """Describe the output layer; its rows are those of the tokens that the page knows."""
    output = network.output
    rows = np.arange(len(output.bias)) if ids is None else ids
    form: dict[str, Any] = {
        # Places of the tokens at which groups of rarer ones begin.
        "starts": np.searchsorted(rows, output.starts).tolist(),
        "table": {"array": "embedding"},
        "bias": arrays.add("output.bias", output.bias.detach().numpy()[rows]),
    }
    if output.weight is not None:
        form["table"] = arrays.add("output.table", output.weight.detach().numpy()[rows])
    if output.projection is not None:
        form["projection"] = linear_form(output.projection, arrays, "output.projection")
    if output.groups is not None:
        form["groups"] = linear_form(output.groups, arrays, "output.groups")
    return form
