"""What is to be predicted of the rows of a stream: numbers as they are, labels by their codes."""

from __future__ import annotations

import numpy as np
import polars as pl

# Different labels that a column may have.
MOST_LABELS = 100_000
_WHOLE_NUMBER = r"^(0|-?[1-9]\d{0,17})$"


class TargetCodes:
    """Turn a column of targets into numbers of one size, some rows at a time.

    Parameters
    ----------
    name : str
        Of the column.
    numeric : bool
        Whether it holds numbers to predict, and not labels.
    where : str
        What errors call what it is of.

    Examples
    --------
    >>> targets = TargetCodes("label", numeric=False, where="example")
    >>> targets.codes(pl.Series(["b", "a", "b"])).tolist()
    [0, 1, 0]
    >>> targets.codes(pl.Series(["c", "a"])).tolist(), targets.labels.to_list()
    ([2, 1], ['b', 'a', 'c'])
    """

    def __init__(self, name: str, numeric: bool, where: str) -> None:
        self.name, self.numeric, self.where = name, numeric, where
        self.labels = pl.Series("label", [], dtype=pl.Null)
        self.dtype = np.dtype("<f8" if numeric else "<i4")

    def codes(self, column: pl.Series) -> np.ndarray:
        """Return the numbers of some rows (n,), float64; or their labels' codes, int32.

        Raises
        ------
        ValueError
            If one is no number, or there are very many labels.
        """
        if self.numeric:
            return self._numbers(column)
        if isinstance(column.dtype, pl.Categorical | pl.Enum):
            column = column.cast(pl.String)
        found = column.unique(maintain_order=True).alias("label")
        if self.labels.dtype == pl.Null:
            self.labels = found.clear()
        if found.dtype != self.labels.dtype:
            raise ValueError(
                f"{self.where}: column {self.name!r} holds {found.dtype} in one part and "
                f"{self.labels.dtype} in another; make them one type"
            )
        new = found.filter(~found.is_in(self.labels.implode()))
        if len(new):
            self.labels = pl.concat([self.labels, new])
        if len(self.labels) > MOST_LABELS:
            raise ValueError(
                f"{self.where}: column {self.name!r} has over {MOST_LABELS:,} different labels; "
                "to predict numbers use TextRegressor, else name the column of labels by target="
            )
        places = pl.int_range(len(self.labels), dtype=pl.Int32, eager=True)
        return column.replace_strict(self.labels, places).to_numpy().astype(self.dtype)

    def _numbers(self, column: pl.Series) -> np.ndarray:
        numbers = column.cast(pl.Float64, strict=False)
        finite = numbers.is_finite().fill_null(False)
        if not finite.all():
            odd = column[int((~finite).arg_max() or 0)]
            raise ValueError(
                f"{self.where}: column {self.name!r} holds {odd!r}, which is no finite number; "
                "to predict labels use TextClassifier"
            )
        return numbers.to_numpy().astype(self.dtype)

    def take_up(self, labels: pl.Series) -> None:
        """Go on from the labels that were met before."""
        self.labels = labels

    def finished(self) -> pl.Series:
        """Return the labels by their codes; whole numbers as such where a file has strings."""
        is_text = self.labels.dtype == pl.String
        if is_text and self.labels.str.contains(_WHOLE_NUMBER).all():
            return self.labels.cast(pl.Int64)
        return self.labels
