"""A fit that goes on where a process was ended: what is kept of it, in one file."""

from __future__ import annotations

import glob
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from textseq.checks import check_flag, check_number, seed_of
from textseq.estimators.identity import difference
from textseq.files import ModelFileError, StrPath, read_model, write_model
from textseq.training.run_state import SavedState

KIND = "Checkpoint"
# Writing takes a twentieth of the time at most, where epochs are short.
COST = 20


@dataclass(frozen=True)
class Checkpoint:
    """Where a fit is kept while it goes on, and how often.

    Parameters
    ----------
    path : path-like
        Of a file that is made if it is not there. After each epoch, and within an epoch, all that
        the fit needs to go on is written there: at once, in place of what was there before.
    every_minutes : float, default 5.0
        How often it is written within an epoch.
    any_threads : bool, default False
        Whether a fit may go on with another number of threads, to weights that differ from those
        of a fit that was not ended as sums do that are added in another order.

    Examples
    --------
    >>> from textseq import TextClassifier
    >>> texts, labels = ["so good", "so bad"] * 20, ["pos", "neg"] * 20
    >>> path = getfixture("tmp_path") / "run.ckpt"
    >>> model = TextClassifier(encoder="mean", max_epochs=2, random_state=0)
    >>> model = model.fit(texts, labels, checkpoint=Checkpoint(path, every_minutes=1))
    >>> path.exists()
    True
    """

    path: StrPath
    every_minutes: float = 5.0
    any_threads: bool = False

    def __post_init__(self) -> None:
        check_number("every_minutes", self.every_minutes, above=True)
        check_flag("any_threads", self.any_threads)

    def after_writing(self) -> None:
        """Hear that the file was written; all processes that share a fit do, at the same point."""

    @classmethod
    def of(cls, given: Any, kind: str = "a file") -> Self:
        """Return what a caller means who names a file (or what ``kind`` says), or says more."""
        if isinstance(given, cls):
            return given
        if not isinstance(given, str | os.PathLike):
            raise ValueError(
                f"checkpoint must be the path of {kind}, or a Checkpoint, got {given!r:.60}"
            )
        return cls(given)


class FitCheckpoint:
    """What a fit keeps of the training of its networks, one after the other: a ``Saver`` of each.

    Parameters
    ----------
    chosen : Checkpoint
    writes : bool, default True
        Whether this process, of several that share a fit, is the one that writes.

    Raises
    ------
    ValueError
        If there is a file of that name that is damaged or none of ours.
    FileNotFoundError
        If its folder is not there.
    """

    def __init__(self, chosen: Checkpoint, writes: bool = True) -> None:
        self.chosen, self.path, self.writes = chosen, Path(chosen.path), writes
        if not self.path.absolute().parent.is_dir():
            raise FileNotFoundError(
                f"'{self.path}' can't be written: there is no folder '{self.path.parent}'; make it"
            )
        # What a kill left while the file was written.
        if writes:
            for left in self.path.absolute().parent.glob(f".{glob.escape(self.path.name)}.*.tmp"):
                left.unlink(missing_ok=True)
        # Of each network whose training began: what tells the fit, and the last state.
        self.kept: list[tuple[dict[str, Any], SavedState]] = []
        self.seed: int | None = None
        self.number = -1
        self.identity: dict[str, Any] = {}
        self.written, self.cost = time.monotonic(), 0.0
        self.began = self.written
        if self.path.exists():
            self._read()

    def _read(self) -> None:
        try:
            kind, header, arrays = read_model(self.path)
        except ModelFileError as error:
            raise ValueError(
                f"no fit can go on from '{self.path}': {error}; delete it to start anew"
            ) from None
        if kind != KIND:
            raise ValueError(
                f"'{self.path}' is a model of the kind {kind}, not a checkpoint; name another file"
            )
        self.seed = header["seed"]
        self.began -= header["seconds"]
        for number, (identity, facts) in enumerate(header["kept"]):
            mark = f"{number}/"
            own = {
                name.removeprefix(mark): array
                for name, array in arrays.items()
                if name.startswith(mark)
            }
            self.kept.append((identity, SavedState(facts, own)))

    def seed_of(self, random_state: Any) -> int:
        """Return the seed of the fit: where none was chosen, that of the process before."""
        if random_state is not None or self.seed is None:
            self.seed = seed_of(random_state)
        return self.seed

    def begin(self, identity: dict[str, Any]) -> Self:
        """Begin with the training of the next network.

        Parameters
        ----------
        identity : dict
            What must be as it was, JSON-able.

        Raises
        ------
        ValueError
            If it is not; the message says what differs.
        """
        self.number += 1
        self.identity = identity
        if self.number < len(self.kept):
            before = self.kept[self.number][0]
            if (told := difference(before, identity, self.chosen.any_threads)) is not None:
                raise ValueError(
                    f"'{self.path}' is of another fit: {told}; name another file, or delete this "
                    "one to start anew"
                )
        return self

    def restored(self) -> SavedState | None:
        """Return where an earlier process was, if there was one."""
        return self.kept[self.number][1] if self.number < len(self.kept) else None

    def is_due(self, epoch_ended: bool) -> bool:
        """Whether the state should be kept now."""
        if not self.writes:
            return False  # another says when
        since = time.monotonic() - self.written
        if epoch_ended:
            return since >= COST * self.cost
        return since >= max(60 * self.chosen.every_minutes, COST * self.cost)

    def save(self, state: SavedState) -> None:
        """Keep a state; it is on disk when this returns."""
        kept = [*self.kept[: self.number], (self.identity, state)]
        if self.writes:
            self._write(kept)
        self.chosen.after_writing()
        if state.facts.get("finished"):
            # The network changes on: its head is scaled, or takes a mean and spread in.
            copies = {name: array.copy() for name, array in state.arrays.items()}
            self.kept = [*kept[:-1], (self.identity, state._replace(arrays=copies))]

    def _write(self, kept: list[tuple[dict[str, Any], SavedState]]) -> None:
        started = time.monotonic()
        arrays: dict[str, np.ndarray] = {}
        for number, (_, own) in enumerate(kept):
            arrays |= {f"{number}/{name}": array for name, array in own.arrays.items()}
        header = {
            "seed": self.seed,
            "seconds": time.monotonic() - self.began,
            "kept": [(identity, own.facts) for identity, own in kept],
        }
        write_model(self.path, KIND, header, arrays)
        self.written = time.monotonic()
        self.cost = self.written - started


def seconds_before(path: StrPath) -> float:
    """Return the seconds that a fit had taken when it was kept last; 0 if there is no such file."""
    return float(read_model(path)[1]["seconds"]) if os.path.exists(path) else 0.0
