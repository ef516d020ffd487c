"""What a model costs beside its time, where a row of a comparison tells: encoding, disk, price."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from textseq.comparison.scores.model import ComparedModel
from textseq.comparison.wording import bytes_text, dollars_text


@dataclass(frozen=True)
class Cost:
    """A column of the tables of a comparison.

    Parameters
    ----------
    name : str
        Of the field of ``ComparedModel``, and of the column of ``Comparison.table``.
    header : str
        Of the column on a terminal and in a notebook.
    title : tuple of str
        Of the column on the page, line by line; ``{unit}`` and ``{units}`` are filled in.
    meaning : str
        A sentence of it for the page, filled in likewise.
    written : callable
        Writes a value.
    dtype : str
        Of the column, with a value for those that are missing.
    """

    name: str
    header: str
    title: tuple[str, ...]
    meaning: str
    written: Callable[[float], str]
    dtype: str

    def value(self, model: ComparedModel) -> float | None:
        """Return what it is of a model; None where that does not tell."""
        value: float | None = getattr(model, self.name)
        return value

    def column(self, models: Sequence[ComparedModel]) -> pd.Series:
        """Return it of every model."""
        return pd.Series([self.value(model) for model in models], dtype=self.dtype)

    def text(self, model: ComparedModel) -> str:
        """Write what it is of a model."""
        value = self.value(model)
        return "–" if value is None else self.written(value)


COSTS = (
    Cost(
        "encode_microseconds",
        "encode µs",
        ("Encoding,", "µs a {unit}"),
        "Encoding is the part of prediction that makes a {unit} its vector, before the linear "
        "model reads it.",
        "{:,.0f}".format,
        "float64",
    ),
    Cost(
        "disk_bytes",
        "disk",
        ("On disk",),
        "On disk is what must be kept to predict: a network’s model file; of a pretrained "
        "transformer its files and the linear model; of an embedding service the linear model "
        "alone.",
        bytes_text,
        "Int64",
    ),
    Cost(
        "dollars_per_1000",
        "$/1,000",
        ("Price of", "1,000 {units}"),
        "The price is in US dollars, by the tokens that the embedding service counted; for "
        "{units} from the cache, what they were paid with.",
        dollars_text,
        "float64",
    ),
)


def costs_of(models: Sequence[ComparedModel]) -> list[Cost]:
    """Return those of the costs that at least one of the models tells."""
    return [cost for cost in COSTS if any(cost.value(model) is not None for model in models)]
