"""Many fits, as of a comparison: what each gave is kept, so that none is done twice."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from textseq.estimators.checkpoint import Checkpoint, seconds_before
from textseq.estimators.identity import difference
from textseq.estimators.receipt import versions
from textseq.files import ModelFileError, read_model, write_model

KIND = "FinishedFit"


@dataclass(frozen=True)
class KeptFit:
    """One of many fits: its result once it is over, and until then its checkpoint.

    Parameters
    ----------
    path : Path
        Of the result.
    identity : dict
        What must be as it was for the result to be this fit's, JSON-able.
    chosen : Checkpoint
        How often a fit that goes on is kept.
    """

    path: Path
    identity: dict[str, Any]
    chosen: Checkpoint

    @property
    def checkpoint(self) -> Checkpoint:
        """Where the fit is kept while it goes on."""
        return replace(self.chosen, path=self.path.with_suffix(".ckpt"))

    @property
    def seconds_before(self) -> float:
        """Seconds that earlier processes gave to the fit, which is not over."""
        return seconds_before(self.checkpoint.path)

    def result(self) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
        """Return what ``keep`` was given by an earlier process; None if the fit is not over.

        Raises
        ------
        ValueError
            If the file is damaged, or of another fit; the message says what differs.
        """
        if not self.path.exists():
            return None
        try:
            kind, header, arrays = read_model(self.path)
        except ModelFileError as error:
            raise ValueError(f"{error}; delete it, and its fit is done anew") from None
        if kind != KIND:
            raise ValueError(f"'{self.path}' is a file of the kind {kind}; name another folder")
        told = difference(header["identity"], self.identity, self.chosen.any_threads)
        if told is not None:
            raise ValueError(
                f"'{self.path}' is of another fit: {told}; name another folder, or delete this one "
                "to start anew"
            )
        return header["facts"], arrays

    def keep(self, facts: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        """Write what the fit gave, in place of its checkpoint.

        Parameters
        ----------
        facts : dict
            JSON-able.
        arrays : dict of str to ndarray
            Of numbers or flags.
        """
        write_model(self.path, KIND, {"identity": self.identity, "facts": facts}, arrays)
        Path(self.checkpoint.path).unlink(missing_ok=True)


class FinishedFits:
    """The folder in which the fits of a comparison or of a backtest are kept.

    Parameters
    ----------
    chosen : Checkpoint
        Of a folder, which is made if it is not there.
    shared : dict
        What all of the fits have in common, JSON-able: of the data, say.
    """

    def __init__(self, chosen: Checkpoint, **shared: Any) -> None:
        self.chosen, self.folder, self.shared = chosen, Path(chosen.path), shared
        if self.folder.exists() and not self.folder.is_dir():
            raise ValueError(
                f"'{self.folder}' is a file, and fits are kept in a folder, a file each; name one"
            )
        if not self.folder.absolute().parent.is_dir():
            raise FileNotFoundError(
                f"'{self.folder}' can't be made: there is no folder '{self.folder.parent}'; make it"
            )
        self.folder.mkdir(exist_ok=True)
        # What a kill left while a file was written.
        for left in self.folder.glob(".*.tmp"):
            left.unlink(missing_ok=True)

    @classmethod
    def of(cls, checkpoint: Any, **shared: Any) -> Self | None:
        """Return the folder that a caller names, or that a ``Checkpoint`` does; None if none is."""
        if checkpoint is None:
            return None
        return cls(Checkpoint.of(checkpoint, "a folder"), **shared)

    def fit(self, name: str, places: Mapping[str, int], **identity: Any) -> KeptFit:
        """Return one of the fits.

        Parameters
        ----------
        name : str
            Of its row.
        places : dict of str to int
            Its seed, fold or cutoff, which tell the fits of a row apart.
        **identity
            What tells it from other fits, JSON-able.
        """
        plain = re.sub(r"[^\w.+-]", "_", name)[:60]
        if plain != name:
            plain += f"-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        file = "-".join([plain, *(f"{place}{number}" for place, number in places.items())])
        told = {"versions": versions(), **self.shared, **identity}
        # As it is read from a file, in which tuples are lists.
        return KeptFit(self.folder / f"{file}.fit", json.loads(json.dumps(told)), self.chosen)


def shown_again(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return shown parameters as they were before a file kept them, in which tuples are lists.

    Examples
    --------
    >>> shown_again({"hidden_size": [4, 3]})
    {'hidden_size': (4, 3)}
    """
    return {n: tuple(v) if isinstance(v, list) else v for n, v in parameters.items()}
