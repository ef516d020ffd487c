"""The page of an encoder-decoder."""

from __future__ import annotations

from typing import Any

import numpy as np

from textseq.estimators.encoding.series import SeriesEncoding
from textseq.estimators.page import PageEstimator, commonest, own_series
from textseq.estimators.seq2seq.encoding import LENGTH_FACTOR, Seq2SeqEncoding
from textseq.json_values import plain_values
from textseq.nn.attention import Attention
from textseq.nn.encoder_decoder import Seq2SeqNetwork
from textseq.nn.token_decoder import TokenDecoder
from textseq.playground.arrays import Arrays
from textseq.playground.examples import MOST_READ, chosen_rows, example_forms
from textseq.playground.exported import Exported, Limit
from textseq.playground.layers import (
    encoder_form,
    inputs_form,
    linear_form,
    pooling_form,
    stack_form,
)
from textseq.playground.tokenization import (
    is_own,
    kept_ids,
    tokenizer_form,
    vocabulary_form,
    vocabulary_limits,
)
from textseq.text.inputs import one_or_more
from textseq.text.row_forms import TOKENS


class Seq2SeqPage(PageEstimator):
    """Part of the encoder-decoder: what a page holds of it."""

    encoding_: Seq2SeqEncoding
    network_: Seq2SeqNetwork

    def _exported(self: Any, X: Any, y: Any, max_words: int | None) -> Exported:
        encoding, arrays, network = self.encoding_, Arrays(), self.network_
        if encoding.source_form == "pairs":
            raise ValueError(
                "a page shows what becomes of one text, and this model reads two; look at it by "
                "`explain`"
            )
        sources, examples = self._examples(self._own_sources() if X is None else X, y)
        limits: list[Limit] = []
        if self.beam_size > 1:
            limits.append({"key": "greedy", "beams": int(self.beam_size)})
        form: dict[str, Any] = {
            "estimator": type(self).__name__,
            "task": "translation",
            "encoder": self.architecture_["encoder"],
            "examples": examples,
            "target": {"longest": encoding.longest, "grows": 0.0},
        }
        if encoding.tokens_per_step is not None:
            form["target"]["grows"] = LENGTH_FACTOR * encoding.tokens_per_step
        ids, n_words = None, 0
        if isinstance(encoding.source, SeriesEncoding):
            form |= {"reads": "series", "scaling": encoding.source.to_dict()}
        else:
            vocabulary, tokenizer = encoding.source.vocabulary, encoding.source.tokenizer
            ids = kept_ids(vocabulary, max_words, [encoding.data(sources).fields[0].values])
            limits += vocabulary_limits(vocabulary, ids)
            n_words += len(vocabulary) if ids is None else len(ids)
            form |= {
                "reads": "text",
                "tokenizer": tokenizer_form(tokenizer),
                "vocabulary": vocabulary_form(vocabulary, ids),
                "longest": encoding.source.n_read,
            }
            if is_own(tokenizer):
                limits.append({"key": "tokenizer"})
        target = encoding.target.vocabulary
        target_ids = kept_ids(target, max_words, self._said(sources))
        limits += vocabulary_limits(target, target_ids)
        n_words += len(target) if target_ids is None else len(target_ids)
        form["target"] |= {"vocabulary": vocabulary_form(target, target_ids)}
        form["target"] |= {"tokenizer": tokenizer_form(encoding.target.tokenizer)}
        form["network"] = {
            "inputs": inputs_form(network.inputs, arrays, "embedding", ids),
            "encoder": encoder_form(network.encoder, arrays),
            "pooling": pooling_form(network.pooling, arrays),
            "decoder": decoder_form(network.decoder, arrays, target_ids),
        }
        title = f"{type(self).__name__} with encoder={self.architecture_['encoder']!r}"
        return Exported(title, form, arrays, self.receipt_, limits, n_words)

    def _own_sources(self: Any) -> Any:
        """Return a source of what the training sources have most often."""
        encoding = self.encoding_.source
        if isinstance(encoding, SeriesEncoding):
            if self.source == "vector":
                return encoding.mean[None]
            return own_series(encoding)
        words = commonest(encoding.vocabulary)
        if self.encoding_.source_form == TOKENS or is_own(encoding.tokenizer):
            return [words]
        return [encoding.tokenizer.join(words)]

    def _examples(self: Any, X: Any, y: Any) -> tuple[Any, list[dict[str, Any]]]:
        """Choose the sources that the page brings along, and what the model says of them."""
        sources = self.encoding_.read_source(self.source, one_or_more(X))
        sources = sources.take(np.arange(min(len(sources), MOST_READ)))
        shown = self._shown(sources)
        predicted = self._predicted(sources)
        targets = None if y is None else list(one_or_more(y))[: len(predicted)]
        wrong = np.zeros(len(predicted), dtype=bool)
        if targets is not None:
            expected = self.encoding_.references(targets, predicted)
            wrong = np.array(
                [own != true for own, true in zip(predicted, expected, strict=True)], dtype=bool
            )
            targets = expected
        rows = chosen_rows(wrong)
        inputs = [plain_values(shown[row]) for row in rows.tolist()]
        if self.encoding_.source_form == "vector":
            inputs = [[[value] for value in one] for one in inputs]
        kept = sources.take(rows)
        if not isinstance(self.encoding_.source, SeriesEncoding) and is_own(
            self.encoding_.source.tokenizer
        ):
            inputs = self.encoding_.source_tokens(kept).to_lists()
        return kept, example_forms(
            inputs,
            [predicted[row] for row in rows.tolist()],
            None if targets is None else [targets[row] for row in rows.tolist()],
            wrong[rows],
        )

    def _predicted(self: Any, sources: Any) -> list[Any]:
        """Return what ``predict`` says, without a word of what is cut short."""
        read, unknown = self.encoding_.read(sources), self._unknown(None)
        said, places = self._say(read, self._search(None), 1, None, unknown)
        predicted: list[Any] = self._written(read, said, places, unknown)
        return predicted

    def _said(self: Any, sources: Any) -> list[np.ndarray]:
        """Return the ids of what the page says of the sources that it brings along."""
        rows = self.answered_rows(self.encoding_.data(sources))
        return [rows.fields[1].values]

    def _shown(self: Any, sources: Any) -> list[Any]:
        """Return sources as a caller has them."""
        if not isinstance(self.encoding_.source, SeriesEncoding):
            shown: list[Any] = sources.shown()
            return shown
        if self.source == "vector":
            return [sources[row][0] for row in range(len(sources))]
        return [sources[row].T for row in range(len(sources))]


def decoder_form(decoder: TokenDecoder, arrays: Arrays, rows: np.ndarray | None) -> dict[str, Any]:
    """Describe a decoder; its rows are those of the tokens that the page knows."""
    n_tokens = len(decoder.bias)
    rows = np.arange(n_tokens) if rows is None else rows
    form = {
        "inputs": inputs_form(decoder.inputs, arrays, "target.embedding", rows),
        "layers": stack_form(decoder.layers, arrays, "decoder."),
        "sizes": list(decoder.sizes),
        "start": linear_form(decoder.of_source, arrays, "decoder.start"),
        "combine": linear_form(decoder.combine, arrays, "decoder.combine"),
        "bias": arrays.add("target.bias", decoder.bias.detach().numpy()[rows]),
        "table": {"array": "target.embedding"},
        "attention": None,
        "attends_first": decoder.attends_first,
    }
    if decoder.output is not None:
        form["table"] = arrays.add("output.table", decoder.output.detach().numpy()[rows])
    if decoder.attention is not None:
        form["attention"] = attention_form(decoder.attention, arrays)
    return form


def attention_form(attention: Attention, arrays: Arrays) -> dict[str, Any]:
    """Describe how a decoder's state is compared with those of the source."""
    form = {"keys": linear_form(attention.of_source, arrays, "attention.keys")}
    if attention.of_query is not None:
        form["query"] = linear_form(attention.of_query, arrays, "attention.query")
        form["direction"] = arrays.add("attention.v", attention.direction.detach().numpy())
    return form
