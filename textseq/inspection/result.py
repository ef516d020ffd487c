"""What every instrument returns: a table, a figure and a verdict in one line."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Inspection(ABC):
    """What an instrument found.

    Parameters
    ----------
    table : DataFrame
        The figures measured; each instrument tells its columns.
    verdict : str
        What they mean, in one line, and what to do about it.
    """

    table: pd.DataFrame
    verdict: str

    @abstractmethod
    def plot(self) -> Figure:
        """Draw the table."""

    @abstractmethod
    def message(self) -> str:
        """Return what the figure says."""

    def __str__(self) -> str:
        rows = self.table.to_string(index=False, max_rows=12, float_format="{:.4g}".format)
        return f"{self.verdict}\n\n{rows}"

    __repr__ = __str__
