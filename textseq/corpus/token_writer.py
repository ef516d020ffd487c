"""How the tokens of a corpus come into files: read once, noted as it goes, finished in place."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
import polars as pl

from textseq.atomic import whole_file
from textseq.corpus.source import TextSource
from textseq.corpus.target_codes import TargetCodes
from textseq.corpus.token_numbers import TokenNumbers
from textseq.text.tokenizer import Tokenizer
from textseq.text.vocabulary import SPECIALS, UNKNOWN_ID

# What a kill can lose is at most this many seconds, or a tenth of the time so far.
SAVE_SECONDS = 10.0
VALUES_AT_ONCE = 2**22
_UNKNOWN = SPECIALS[UNKNOWN_ID]
# Numbers of tokens while they are read, lengths of texts, and where texts start.
_NUMBER, _LENGTH, _BOUND = np.dtype("<u4"), np.dtype("<i4"), np.dtype("<i8")

# Called with the rows that are read so far.
OnRows = Callable[[int], Any]


class TokenWriter:
    """An entry of the token cache while it is made, in a folder beside its place.

    Parameters
    ----------
    folder : Path
        What it is named in the end.
    source : TextSource
    tokenizers : sequence of Tokenizer
        What cuts each column of texts.
    numeric : bool
        Whether the targets are numbers, and not labels.
    most_tokens : int
        As ``TokenNumbers`` has it.
    """

    def __init__(
        self,
        folder: Path,
        source: TextSource,
        tokenizers: Sequence[Tokenizer],
        numeric: bool,
        most_tokens: int,
    ) -> None:
        self.folder, self.partial = folder, folder.with_name(f"{folder.name}.partial")
        self.source, self.tokenizers = source, tokenizers
        self.numbers = TokenNumbers(most_tokens)
        self.targets = None
        if source.target is not None:
            self.targets = TargetCodes(source.target, numeric, source.where)
        self.n_rows = self.n_saves = 0
        self.n_tokens = [0 for _ in source.texts]

    def write(self, on_rows: OnRows | None = None) -> None:
        """Write all of it, or what an earlier process left, and let it take its name."""
        self.partial.mkdir(parents=True, exist_ok=True)
        is_read = self._go_on()
        if not is_read:
            self._read(on_rows)
        self._finish()
        os.rename(self.partial, self.folder)

    def _growing(self) -> dict[str, int]:
        """Return the bytes that each file has, by its name, which grows with the rows."""
        sizes = {f"lengths{field}": _LENGTH.itemsize * self.n_rows for field in self._fields}
        sizes |= {
            f"numbers{field}": _NUMBER.itemsize * self.n_tokens[field] for field in self._fields
        }
        if self.targets is not None:
            sizes["targets"] = self.targets.dtype.itemsize * self.n_rows
        return sizes

    @property
    def _fields(self) -> range:
        return range(len(self.n_tokens))

    def _read(self, on_rows: OnRows | None) -> None:
        with ExitStack() as opened:
            files: dict[str, IO[bytes]] = {}
            for name, size in self._growing().items():
                path = self.partial / name
                path.touch()
                files[name] = opened.enter_context(open(path, "r+b"))
                files[name].truncate(size)
                files[name].seek(size)
            started = saved = time.monotonic()
            for frame in self.source.batches(self.n_rows):
                self._append(frame, files)
                now = time.monotonic()
                if now - saved > max(SAVE_SECONDS, (now - started) / 10):
                    self._save(files, is_read=False)
                    saved = time.monotonic()
                if on_rows is not None:
                    on_rows(self.n_rows)
            self._save(files, is_read=True)

    def _append(self, frame: pl.DataFrame, files: dict[str, IO[bytes]]) -> None:
        """Write the tokens and targets of some more rows."""
        for field, name in enumerate(self.source.texts):
            tokens = self.tokenizers[field].tokenize(frame[name])
            counts, _ = tokens.tally()
            numbers = self.numbers.number(tokens.distinct, counts).astype(_NUMBER)
            files[f"numbers{field}"].write(numbers[tokens.codes.values].data)
            files[f"lengths{field}"].write(tokens.lengths.astype(_LENGTH).data)
            self.n_tokens[field] += tokens.codes.n_values
        if self.targets is not None:
            files["targets"].write(self.targets.codes(frame[self.targets.name]).data)
        self.n_rows += frame.height

    def _save(self, files: dict[str, IO[bytes]], is_read: bool) -> None:
        """Note what is on disk by now, so that another process can go on from there."""
        for file in files.values():
            file.flush()
            os.fsync(file.fileno())
        self.n_saves += 1
        with whole_file(self._tokens_path) as file:
            self.numbers.frame().write_parquet(file)
        if self.targets is not None:
            with whole_file(self._labels_path) as file:
                self.targets.labels.to_frame().write_parquet(file)
        noted = {
            "rows": self.n_rows,
            "tokens": self.n_tokens,
            "next_number": self.numbers.next_number,
            "missed": self.numbers.missed,
            "saves": self.n_saves,
            "is_read": is_read,
        }
        with whole_file(self.partial / "noted.json") as file:
            file.write(json.dumps(noted).encode())
        self._forget_older()

    @property
    def _tokens_path(self) -> Path:
        return self.partial / f"tokens{self.n_saves}.parquet"

    @property
    def _labels_path(self) -> Path:
        return self.partial / f"labels{self.n_saves}.parquet"

    def _forget_older(self) -> None:
        """Delete what belongs to no note, or to an older one than the last."""
        kept = {self._tokens_path.name, self._labels_path.name, "noted.json", *self._growing()}
        for path in self.partial.iterdir():
            if path.name not in kept:
                path.unlink()

    def _go_on(self) -> bool:
        """Take up what an earlier process noted; return whether it had read all rows."""
        try:
            noted = json.loads((self.partial / "noted.json").read_bytes())
            self.n_saves = noted["saves"]
            frame = pl.read_parquet(self._tokens_path)
            labels = pl.read_parquet(self._labels_path) if self.targets is not None else None
        except FileNotFoundError:
            self.n_saves = 0
            return False
        self.n_rows, self.n_tokens = noted["rows"], noted["tokens"]
        counted = noted["next_number"], noted["missed"], self.numbers.most
        self.numbers = TokenNumbers.from_frame(frame, *counted)
        if self.targets is not None and labels is not None:
            self.targets.take_up(labels["label"])
        self._forget_older()
        return bool(noted["is_read"])

    def _finish(self) -> None:
        """Write codes for numbers, the commonest token's the smallest, and where texts start."""
        order = np.argsort(-self.numbers.counts, kind="stable")
        words = self.numbers.tokens.gather(pl.Series(order))
        # Forgotten tokens are unknown ones, as a text's own "<unk>" is.
        unknown = words.index_of(_UNKNOWN)
        if self.numbers.missed and unknown is None:
            unknown = len(words)
            words = pl.concat([words, pl.Series("token", [_UNKNOWN])])
        code_of = np.empty(len(order), dtype=np.int64)
        code_of[order] = np.arange(len(order))
        dtype = np.min_scalar_type(max(len(words) - 1, 0)).newbyteorder("<")
        digest = hashlib.sha256()
        for field in self._fields:
            digest.update(self._write_bounds(field))
            self._write_codes(field, code_of, unknown or 0, dtype, digest)
        words.to_frame("token").write_parquet(self.partial / "words.parquet")
        digest.update("\x1e".join(words).encode())
        kind = None if self.targets is None else "numbers" if self.targets.numeric else "labels"
        if self.targets is not None:
            for part in _parts(self.partial / "targets", self.targets.dtype):
                digest.update(part.data)
            self.targets.finished().to_frame().write_parquet(self.partial / "labels.parquet")
        noted = {
            "rows": self.n_rows,
            "n_fields": len(self.n_tokens),
            "type": dtype.str,
            "targets": kind,
            "missed": self.numbers.missed,
            "sha256": digest.hexdigest(),
        }
        with open(self.partial / "corpus.json", "w", encoding="utf-8") as file:
            json.dump(noted, file)
        for path in self.partial.iterdir():
            if path.suffix == ".parquet" or path.name in ("corpus.json", "targets"):
                _to_disk(path)
        made = {"words.parquet", "labels.parquet", "corpus.json", "targets"}
        made |= {f"{what}{field}" for what in ("codes", "bounds") for field in self._fields}
        for path in self.partial.iterdir():
            if path.name not in made:
                path.unlink()

    def _write_bounds(self, field: int) -> bytes:
        """Write where each text starts; return the SHA-256 of it."""
        digest, end = hashlib.sha256(), 0
        with open(self.partial / f"bounds{field}", "wb") as file:
            file.write(np.zeros(1, dtype=_BOUND).data)
            for lengths in _parts(self.partial / f"lengths{field}", _LENGTH):
                bounds = np.cumsum(lengths, dtype=_BOUND) + end
                end = int(bounds[-1])
                file.write(bounds.data)
                digest.update(bounds.data)
            _sync(file)
        return digest.digest()

    def _write_codes(
        self, field: int, code_of: np.ndarray, unknown: int, dtype: np.dtype, digest: Any
    ) -> None:
        numbers, n_known = self.numbers.numbers, len(self.numbers.numbers)
        # Where no token was forgotten they are 0, 1, ...
        is_whole = n_known == self.numbers.next_number
        with open(self.partial / f"codes{field}", "wb") as file:
            for part in _parts(self.partial / f"numbers{field}", _NUMBER):
                if is_whole:
                    codes = code_of[part]
                else:
                    places = np.searchsorted(numbers, part)
                    known = places < n_known
                    known[known] = numbers[places[known]] == part[known]
                    codes = np.full(len(part), unknown)
                    codes[known] = code_of[places[known]]
                written = codes.astype(dtype)
                file.write(written.data)
                digest.update(written.data)
            _sync(file)


def _parts(path: Path, dtype: np.dtype) -> Iterator[np.ndarray]:
    with open(path, "rb") as file:
        while len(part := np.fromfile(file, dtype, VALUES_AT_ONCE)):
            yield part


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _to_disk(path: Path) -> None:
    with suppress(PermissionError), open(path, "r+b") as file:
        _sync(file)
