"""Tokens of a text as a service counts them: by tiktoken, or estimated from the characters."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

#: Of UTF-8, for a token of cl100k_base: 3.6 to 3.9 in Portuguese and 3.8 to 4.6 in English
#: corpora, so that an estimate is rather too high than too low.
BYTES_PER_TOKEN = 3.5
# The encoding of all embedding models that tiktoken knows, and what it calls its file on disk.
_ENCODING = "cl100k_base"
_ENCODING_FILE = "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"


@dataclass(frozen=True)
class TokenCounter:
    """Counts tokens.

    Parameters
    ----------
    encoding : tiktoken.Encoding, optional
        None estimates tokens from the characters' bytes.

    Examples
    --------
    >>> counter = TokenCounter()
    >>> counter.count(["", "a good film"]).tolist()
    [0, 4]
    >>> counter.cut("a good film", 2)
    'a good '
    """

    encoding: Any = None

    @property
    def method(self) -> str:
        """Return how it counts: "tiktoken" or "characters"."""
        return "characters" if self.encoding is None else "tiktoken"

    def count(self, texts: Sequence[str]) -> np.ndarray:
        """Return the number of tokens of each text, shape (n,), int64."""
        if self.encoding is None:
            sizes = np.array([len(text.encode()) for text in texts], dtype=np.float64)
            return np.ceil(sizes / BYTES_PER_TOKEN).astype(np.int64)
        ids = self.encoding.encode_ordinary_batch(list(texts))
        return np.array([len(row) for row in ids], dtype=np.int64)

    def cut(self, text: str, most: int) -> str:
        """Return the start of a text that has at most so many tokens."""
        if self.encoding is None:
            return text.encode()[: int(most * BYTES_PER_TOKEN)].decode(errors="ignore")
        ids = self.encoding.encode_ordinary(text)[:most]
        while True:
            # The last token may end within a character; and what is left may be other tokens.
            start = self.encoding.decode_bytes(ids).decode(errors="ignore")
            if len(self.encoding.encode_ordinary(start)) <= most:
                return start
            ids = ids[:-1]


def find_counter(model: str) -> TokenCounter:
    """Return what counts a model's tokens: tiktoken, if it can without the network.

    tiktoken fetches its vocabulary on first use; it is left aside unless the file is there.

    Parameters
    ----------
    model : str
    """
    try:
        import tiktoken

        known = tiktoken.encoding_name_for_model(model) == _ENCODING
    except (ImportError, KeyError):
        return TokenCounter()
    if not known or not (_tiktoken_folder() / _ENCODING_FILE).is_file():
        return TokenCounter()
    return TokenCounter(tiktoken.get_encoding(_ENCODING))


def _tiktoken_folder() -> Path:
    """Return where tiktoken keeps its vocabularies."""
    for name in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        if name in os.environ:
            return Path(os.environ[name])
    return Path(tempfile.gettempdir()) / "data-gym-cache"
