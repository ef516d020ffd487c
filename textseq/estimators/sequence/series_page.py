"""The page of an estimator that reads whole series."""

from __future__ import annotations

from typing import Any

from textseq.estimators.encoding.series import SeriesEncoding
from textseq.estimators.page import PageEstimator, own_series
from textseq.estimators.sequence.answer_form import answer_form, shown_answers, shown_examples
from textseq.estimators.sequence.estimator import SequenceEstimator
from textseq.json_values import plain_values
from textseq.playground.arrays import Arrays
from textseq.playground.examples import MOST_READ
from textseq.playground.exported import Exported
from textseq.playground.layers import network_form
from textseq.series.inputs import series_rows


class SeriesPage(PageEstimator, SequenceEstimator):
    """Part of the estimators that read whole series: what a page holds of them."""

    encoding_: SeriesEncoding

    def _exported(self, X: Any, y: Any, max_words: int | None) -> Exported:
        rows = series_rows(own_series(self.encoding_) if X is None else X)
        n_read = min(len(rows), MOST_READ)
        given = [rows[row].T for row in range(n_read)]
        answered = shown_answers(self, given, None if y is None else y[:n_read], n_read)
        arrays = Arrays()
        form = {
            "estimator": type(self).__name__,
            "task": self.target_kind()[0],
            "reads": "series",
            "encoder": self.architecture_["encoder"],
            "network": network_form(self.network_, arrays),
            "scaling": self.encoding_.to_dict(),
            "answer": answer_form(self),
            "examples": shown_examples([plain_values(one) for one in given], answered)[1],
            "wide": None,
        }
        title = f"{type(self).__name__} with encoder={self.architecture_['encoder']!r}"
        return Exported(title, form, arrays, self.receipt_)
