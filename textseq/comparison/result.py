"""What every comparison returns: models side by side, tested pair by pair."""

from __future__ import annotations

import io
import json
import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import pandas as pd

from textseq.atomic import write_text
from textseq.comparison.model import Model
from textseq.json_values import plain_values

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console

ModelT = TypeVar("ModelT", bound=Model)


class Result(ABC, Generic[ModelT]):
    """Models side by side.

    The fields are those of a dataclass below, in its own order.

    Attributes
    ----------
    models : tuple of Model
    pairs : DataFrame
        One row a pair, as ``textseq.comparison.statistics.compare_pairs`` returns them.
    warnings : tuple of str
    receipt : dict
    """

    models: tuple[ModelT, ...]
    pairs: pd.DataFrame
    warnings: tuple[str, ...]
    receipt: dict[str, Any]

    _text_width: ClassVar[int]  # characters of a line of its text
    _json_indent: ClassVar[int | None]

    @property
    @abstractmethod
    def ranked(self) -> list[ModelT]:
        """The models, best first."""

    @property
    def best(self) -> ModelT:
        """The first of ``ranked``."""
        return self.ranked[0]

    @property
    @abstractmethod
    def n_seeds(self) -> int:
        """Number of seeds; models without randomness were fitted once."""

    @property
    @abstractmethod
    def headline(self) -> tuple[str, ...]:
        """Plain sentences: which model is best, and how sure that is."""

    @abstractmethod
    def plot(self) -> Figure:
        """Draw every model's score with its interval over seeds."""

    @abstractmethod
    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Write the comparison as one HTML page that needs no other file."""

    @abstractmethod
    def _repr_html_(self) -> str: ...

    @abstractmethod
    def _print(self, console: Console) -> None:
        """Print verdict, tables and warnings."""

    @property
    @abstractmethod
    def _measure(self) -> str:
        """What models were compared by, as ``repr`` has it."""

    @abstractmethod
    def _stored(self) -> dict[str, Any]:
        """Return what the JSON form holds."""

    def __str__(self) -> str:
        from rich.console import Console

        written = io.StringIO()
        self._print(Console(file=written, width=self._text_width, color_system=None))
        return written.getvalue().rstrip("\n")

    def __repr__(self) -> str:
        names = ", ".join(model.name for model in self.models)
        return f"<{type(self).__name__} of {names} by {self._measure}>"

    def to_json(self, path: str | os.PathLike[str]) -> Path:
        """Write the comparison as JSON, which ``from_json`` reads back.

        Parameters
        ----------
        path : path-like
            A file of that name is replaced; it stays whole if writing fails.

        Returns
        -------
        Path
            Where it was written.
        """
        text = json.dumps(
            plain_values(self._stored()),
            ensure_ascii=False,
            allow_nan=False,
            indent=self._json_indent,
        )
        return write_text(path, text + "\n")
