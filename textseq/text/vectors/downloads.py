"""Pretrained word vectors on the web, fetched by name and checked."""

from __future__ import annotations

import difflib
import logging
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from textseq.atomic import whole_file
from textseq.text.vectors.cache import cache_folder


@dataclass(frozen=True)
class Download:
    """A file of word vectors on the web.

    Parameters
    ----------
    url : str
    sha256 : str
        Of the file at ``url``.
    megabytes : int or None
        Its size in millions of bytes, where it is known.
    member : str, default ""
        The file to unpack, where ``url`` is a zip archive.
    """

    url: str
    sha256: str
    megabytes: int | None = None
    member: str = ""


@dataclass(frozen=True)
class FolderDownload:
    """A table of subwords on the web: several files, which make one folder.

    Parameters
    ----------
    url : str
        What the files' names follow; of one revision, which never changes.
    sha256 : mapping of str to str
        Of each file, by its name.
    megabytes : int
        What they come to, in millions of bytes.
    """

    url: str
    sha256: Mapping[str, str]
    megabytes: int


_GLOVE = "https://nlp.stanford.edu/data/"
_FASTTEXT = "https://dl.fbaipublicfiles.com/fasttext/"
_GLOVE_6B = (
    f"{_GLOVE}glove.6B.zip",
    "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb",
    862,
)
_GLOVE_TWITTER = (
    f"{_GLOVE}glove.twitter.27B.zip",
    "792af52f795d1a32c9842a3240f5f3fe5e941a8ff6df5eb0f9d668092ebc019c",
    1520,
)

#: The names that ``download`` knows: only files whose SHA-256 others have published (GloVe:
#: torchtext's experimental/vectors.py and Embeddings.jl; wiki-news and crawl: Embeddings.jl;
#: wiki.*: torchtext; potion: a dozen projects that pin this revision of it, all alike).
DOWNLOADS: dict[str, Download | FolderDownload] = {
    **{
        f"glove.6B.{dim}d": Download(*_GLOVE_6B, member=f"glove.6B.{dim}d.txt")
        for dim in (50, 100, 200, 300)
    },
    **{
        f"glove.twitter.27B.{dim}d": Download(
            *_GLOVE_TWITTER, member=f"glove.twitter.27B.{dim}d.txt"
        )
        for dim in (25, 50, 100, 200)
    },
    "glove.42B.300d": Download(
        f"{_GLOVE}glove.42B.300d.zip",
        "03d5d7fa28e58762ace4b85fb71fe86a345ef0b5ff39f5390c14869da0fc1970",
        1878,
        "glove.42B.300d.txt",
    ),
    "glove.840B.300d": Download(
        f"{_GLOVE}glove.840B.300d.zip",
        "c06db255e65095393609f19a4cfca20bf3a71e20cc53e892aafa490347e3849f",
        2177,
        "glove.840B.300d.txt",
    ),
    "wiki-news-300d-1M": Download(
        f"{_FASTTEXT}vectors-english/wiki-news-300d-1M.vec.zip",
        "bdeb85f44892c505953e3654183e9cb0d792ee51be0992460593e27198d746f8",
        682,
        "wiki-news-300d-1M.vec",
    ),
    "crawl-300d-2M": Download(
        f"{_FASTTEXT}vectors-english/crawl-300d-2M.vec.zip",
        "5bfffffbabdab299d4c9165c47275e8f982807a6eaca37ee1f71d3a79ddb544d",
        1524,
        "crawl-300d-2M.vec",
    ),
    "wiki.de": Download(
        f"{_FASTTEXT}vectors-wiki/wiki.de.vec",
        "3020c26e32238ba95a933926763b5c693bf7793bf0c722055cecda1e0283578c",
    ),
    "wiki.es": Download(
        f"{_FASTTEXT}vectors-wiki/wiki.es.vec",
        "cf2e9a1976055a18ad358fb0331bc5f9b2e8541d6d4903b562a63b60f3ae392e",
        2594,
    ),
    "wiki.fr": Download(
        f"{_FASTTEXT}vectors-wiki/wiki.fr.vec",
        "bc68b0703375da9e81c3c11d0c28f3f8375dd944c209e697c4075e579455ac2a",
    ),
    "wiki.it": Download(
        f"{_FASTTEXT}vectors-wiki/wiki.it.vec",
        "5a9d111edd3f199e7379373ba18f4e5317c6c6c5053a9d6d0a56f32298d3bde4",
    ),
    "wiki.pt": Download(
        f"{_FASTTEXT}vectors-wiki/wiki.pt.vec",
        "bffbfcafb9f004f13f1be12fa0201c5011324b14a52c2996ae2b97f268819e0c",
    ),
    "potion-base-8m": FolderDownload(
        "https://huggingface.co/minishlab/potion-base-8M/resolve/"
        "bf8b056651a2c21b8d2565580b8569da283cab23",
        {
            "config.json": "2a6ac0e9aaa356a68a5688070db78fc3a464fefe85d2f06a1905ce3718687553",
            "tokenizer.json": "e67e803f624fb4d67dea1c730d06e1067e1b14d830e2c2202569e3ef0f70bb50",
            "model.safetensors": "f65d0f325faadc1e121c319e2faa41170d3fa07d8c89abd48ca5358d9a223de2",
        },
        31,
    ),
}


def download_path(
    name: str,
    folder: str | Path | None = None,
    known: Mapping[str, Download | FolderDownload] = DOWNLOADS,
) -> Path:
    """Return where ``download`` puts a file or a folder, whether it is there yet or not.

    Raises
    ------
    ValueError
        If the name is not known.
    """
    if name not in known:
        close = difflib.get_close_matches(name, known, n=3) or sorted(known)
        raise ValueError(f"no download is called {name!r}; known are {', '.join(close)}")
    entry = known[name]
    root = cache_folder() / "downloads" if folder is None else Path(folder)
    if isinstance(entry, FolderDownload):
        return root / name
    return root / (entry.member or _last(entry.url))


def download(
    name: str,
    folder: str | Path | None = None,
    *,
    base_url: str | None = None,
    progress: bool = False,
    known: Mapping[str, Download | FolderDownload] = DOWNLOADS,
) -> Path:
    """Fetch pretrained vectors by name, unless they are there already.

    Files are checked by their SHA-256, and what was asked for appears under its name only when it
    is complete. Archives that hold several sizes (``glove.6B.*``) are kept beside what was
    unpacked.

    Parameters
    ----------
    name : str
        A key of ``DOWNLOADS``, for example ``"glove.6B.100d"``.
    folder : str or Path, optional
        Where to put the file, or the folder of a table; by default ``downloads`` in the cache
        folder (``TEXTSEQ_CACHE``), where ``load_vectors(name)`` finds it.
    base_url : str, optional
        A mirror that holds the same files under the same names, those of a table in a folder
        called ``name``, in place of the official address; by default the environment variable
        ``TEXTSEQ_VECTORS_URL``, if it is set.
    progress : bool, default False
        Show a progress bar on standard error.
    known : mapping of str to Download or FolderDownload, default DOWNLOADS
        The files that have names.

    Returns
    -------
    Path
        The unpacked file, or the folder, ready for ``load_vectors``.

    Raises
    ------
    ValueError
        If the name is not known, or a file is not the one expected (nothing is kept of it).
    ConnectionError
        If the server cannot be reached, does not have the file, or stops within it.
    """
    target = download_path(name, folder, known)
    if target.exists():
        return target
    entry = known[name]
    target.parent.mkdir(parents=True, exist_ok=True)
    base_url = (base_url or os.environ.get("TEXTSEQ_VECTORS_URL") or "").rstrip("/")
    if isinstance(entry, FolderDownload):
        address = f"{base_url}/{name}" if base_url else entry.url
        _fetch_folder(address, entry.sha256, target, progress)
        return target
    file_name = _last(entry.url)
    url = f"{base_url}/{file_name}" if base_url else entry.url
    fetched = _fetch(url, target.parent / file_name, entry.sha256, progress)
    if entry.member:
        _unpack(fetched, entry.member, target)
        others = [other for other in known.values() if isinstance(other, Download)]
        if sum(other.url == entry.url for other in others) == 1:
            fetched.unlink()
    return target


def _last(url: str) -> str:
    """Return the name of the file at an address."""
    return url.rpartition("/")[2]


def _fetch_folder(url: str, files: Mapping[str, str], target: Path, progress: bool) -> None:
    """Download the files of a folder, which takes its name when all of them are there."""
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as waiting:
        place = Path(waiting) / target.name
        place.mkdir()
        for name, sha256 in files.items():
            _fetch(f"{url}/{name}", place / name, sha256, progress)
        try:
            place.rename(target)
        except OSError:
            if not target.is_dir():  # which another process has just put there
                raise


def _fetch(url: str, target: Path, sha256: str, progress: bool) -> Path:
    """Download one file through pooch, which writes to a temporary file and then renames."""
    import pooch
    import requests

    # It reports each download as a log message on standard error.
    pooch.get_logger().setLevel(logging.WARNING)
    try:
        pooch.retrieve(
            url,
            known_hash=f"sha256:{sha256}",
            fname=target.name,
            path=target.parent,
            downloader=pooch.HTTPDownloader(progressbar=progress, timeout=30),
        )
    except requests.RequestException as error:
        raise ConnectionError(
            f"could not download {url}: {error}; try again, or name a mirror in TEXTSEQ_VECTORS_URL"
        ) from None
    except ValueError:
        raise ValueError(
            f"{url} is not the file expected: its SHA-256 is not {sha256}, so nothing was kept; "
            "the download was altered on its way, or the file was replaced"
        ) from None
    return target


def _unpack(archive: Path, member: str, target: Path) -> None:
    """Unpack one file of a zip archive; it takes its name when it is complete."""
    with (
        whole_file(target) as file,
        zipfile.ZipFile(archive) as packed,
        packed.open(member) as stream,
    ):
        shutil.copyfileobj(stream, file, 2**20)
