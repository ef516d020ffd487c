"""Plain, gzip, xz and zip files of word vectors, opened alike."""

from __future__ import annotations

import gzip
import lzma
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

from textseq.text.vectors.files import VectorFileError

_DAMAGE = (EOFError, gzip.BadGzipFile, lzma.LZMAError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True)
class VectorSource:
    """An open file of word vectors, still packed.

    Parameters
    ----------
    path : Path
        As the caller gave it.
    file : binary file
    member : str, default ""
        Name of the file within a zip archive, where the path goes on into the archive.
    """

    path: Path
    file: BufferedReader
    member: str = ""

    @property
    def stamp(self) -> list[int]:
        """What changes when somebody writes to the file."""
        state = os.fstat(self.file.fileno())
        return [state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino]


@contextmanager
def open_source(path: Path) -> Iterator[VectorSource]:
    """Open a file, or a file within a zip archive: ``glove.6B.zip/glove.6B.50d.txt``.

    Raises
    ------
    VectorFileError
        If there is no such file, or it cannot be read.
    """
    archive = path
    if not path.exists():
        archive = next((parent for parent in path.parents if parent.is_file()), path)
    member = "" if archive == path else path.relative_to(archive).as_posix()
    try:
        file = archive.open("rb")
    except FileNotFoundError:
        raise VectorFileError(
            f"there is no file {path}; `textseq vectors download glove.6B.100d` fetches one"
        ) from None
    except IsADirectoryError:
        raise VectorFileError(
            f"{path} is a folder; name the file of word vectors in it; what opens a table of "
            "subwords, a folder of model2vec, is textseq.load_vectors"
        ) from None
    except OSError as error:
        raise VectorFileError(f"{path} cannot be read: {error.strerror}") from None
    with file:
        yield VectorSource(path, file, member)


@contextmanager
def unpacked(source: VectorSource) -> Iterator[tuple[BinaryIO, int | None]]:
    """Yield the unpacked stream and, where it is known beforehand, its number of bytes.

    How the file is packed is told from its first bytes, whatever its name.

    Raises
    ------
    VectorFileError
        If the file turns out to be damaged, also while the caller reads from the stream.
    """
    file = source.file
    file.seek(0)
    magic = file.read(6)
    file.seek(0)
    try:
        if magic.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(file) as archive:
                info = _member(archive, source.member)
                with archive.open(info) as stream:
                    yield cast(BinaryIO, stream), info.file_size
        elif source.member:
            raise VectorFileError("is not in a zip archive")
        elif magic.startswith(b"\x1f\x8b"):
            with gzip.open(file) as packed:
                yield cast(BinaryIO, packed), None
        elif magic == b"\xfd7zXZ\x00":
            with lzma.open(file) as packed:
                yield cast(BinaryIO, packed), None
        else:
            yield file, os.fstat(file.fileno()).st_size
    except _DAMAGE as error:
        raise VectorFileError(f"is damaged or cut short: {error}") from None


def _member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """Choose the file to read from an archive."""
    members = [info for info in archive.infolist() if not info.is_dir()]
    chosen = [info for info in members if name in ("", info.filename)]
    if len(chosen) != 1:
        names = ", ".join(info.filename for info in members[:10])
        raise VectorFileError(
            f"holds {len(members)} files ({names}); name the one to read after the archive, "
            "as in archive.zip/vectors.txt"
        )
    if chosen[0].flag_bits & 1:
        raise VectorFileError("is encrypted; unpack it first")
    if chosen[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise VectorFileError("is compressed in a way that only other programs read; unpack it")
    return chosen[0]
