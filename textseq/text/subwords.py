"""Pieces of words that a table of vectors was made of: a tokenizer in Hugging Face's format."""

from __future__ import annotations

import json
import os
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from textseq.ragged import Ragged, offsets_of
from textseq.text.tokens import Tokens
from textseq.text.vocabulary import SPECIALS, UNKNOWN_ID

if TYPE_CHECKING:
    import tokenizers

# Texts whose encodings are held at once: each takes some 40 bytes a token beside its ids.
_BATCH = 4_000


class Subwords:
    r"""What a ``tokenizer.json`` says of cutting texts, and the tokens by their ids.

    Texts are cut as the file says, its own lower case and accents among it; marks around a text,
    padding and a limit of length, which are for other models, are left out. A token that is
    spelt like one of a vocabulary's own, ``<pad>`` or ``<unk>``, is written ``\<pad>`` or
    ``\<unk>``. It never changes, and copies (those that scikit-learn's ``clone`` makes, too) are
    the same object.

    Parameters
    ----------
    content : str
        JSON of the package tokenizers, as ``tokenizer.json`` holds it.
    skips_unknown : bool, default False
        Whether what can't be spelt is no token of the table's but a vocabulary's ``<unk>``.

    Raises
    ------
    ValueError
        If it is no such JSON, or its ids are not 0, 1, 2 and so on.

    Examples
    --------
    >>> from tokenizers import Tokenizer, models, pre_tokenizers
    >>> pieces = {"[UNK]": 0, "film": 1, "##s": 2, "good": 3}
    >>> made = Tokenizer(models.WordPiece(pieces, unk_token="[UNK]"))
    >>> made.pre_tokenizer = pre_tokenizers.Whitespace()
    >>> subwords = Subwords(made.to_str(), skips_unknown=True)
    >>> subwords.cut(pl.Series(["good films", "", "bad"])).to_lists()
    [['good', 'film', '##s'], [], ['<unk>']]
    """

    def __init__(self, content: str, *, skips_unknown: bool = False) -> None:
        import tokenizers

        try:
            self._tokenizer = tokenizers.Tokenizer.from_str(content)
        except Exception as error:  # the library raises nothing narrower
            raise ValueError(
                f"this is no tokenizer that the package tokenizers reads: {error}"
            ) from None
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        numbered = self._tokenizer.get_vocab()
        spelt = sorted(numbered, key=numbered.__getitem__)
        if [numbered[token] for token in spelt] != list(range(len(spelt))):
            raise ValueError(
                f"the tokenizer's ids of {len(spelt)} tokens go up to "
                f"{max(numbered.values(), default=0)}; the rows of a table need 0, 1, 2 and so on"
            )
        self._skips_unknown = skips_unknown
        self._unknown = _unknown_of(self._tokenizer, numbered) if skips_unknown else None
        names = [f"\\{token}" if token in SPECIALS else token for token in spelt]
        if self._unknown is not None:
            names[self._unknown] = SPECIALS[UNKNOWN_ID]
        self._names = pl.Series("token", names, dtype=pl.String)

    @property
    def names(self) -> pl.Series:
        """Every token by its id: a Series of dtype String."""
        return self._names

    @property
    def unknown(self) -> int | None:
        """The id of what can't be spelt, if that is no token of the table's."""
        return self._unknown

    def __len__(self) -> int:
        return len(self._names)

    def __copy__(self) -> Subwords:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Subwords:
        return self

    def cut(self, texts: pl.Series) -> Tokens:
        """Cut texts into tokens.

        Parameters
        ----------
        texts : Series of dtype String, length n

        Returns
        -------
        Tokens
            Of n texts.
        """
        ids = encode_ids(self._tokenizer, texts)
        met = np.zeros(len(self), dtype=bool)
        met[ids.values] = True
        codes = (np.cumsum(met, dtype=np.int32) - np.int32(1))[ids.values]
        return Tokens(
            Ragged(codes, ids.offsets), self._names.gather(pl.Series(np.flatnonzero(met)))
        )

    def join(self, tokens: list[str]) -> str:
        """Return the text of tokens, as the file's own decoder puts them together."""
        decoder = self._tokenizer.decoder
        text: str = " ".join(tokens) if decoder is None else decoder.decode(tokens)
        return text

    def to_dict(self) -> dict[str, Any]:
        """Return everything that rebuilds it, ready for JSON."""
        content = json.loads(self._tokenizer.to_str())
        return {"tokenizer": content, "skips_unknown": self._skips_unknown}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Subwords:
        """Rebuild it from ``to_dict``."""
        return cls(json.dumps(state["tokenizer"]), skips_unknown=state["skips_unknown"])


def _unknown_of(tokenizer: tokenizers.Tokenizer, numbered: dict[str, int]) -> int | None:
    """Return the id of a tokenizer's unknown token: by name, or for Unigram by number."""
    model = json.loads(tokenizer.to_str())["model"]
    unknown = numbered.get(model.get("unk_token"), model.get("unk_id"))
    return None if unknown is None else int(unknown)


def encode_ids(tokenizer: tokenizers.Tokenizer, texts: pl.Series) -> Ragged:
    """Return the ids of texts, cut in the threads of the package tokenizers.

    Parameters
    ----------
    tokenizer : tokenizers.Tokenizer
    texts : Series of dtype String, length n

    Returns
    -------
    Ragged of n rows, int64
    """
    use_pool()
    values, lengths = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for start in range(0, len(texts), _BATCH):
        rows = texts.slice(start, _BATCH).to_list()
        found = [e.ids for e in tokenizer.encode_batch_fast(rows, add_special_tokens=False)]
        lengths.append(np.fromiter(map(len, found), np.int64, len(found)))
        values.append(np.fromiter(chain.from_iterable(found), np.int64, lengths[-1].sum()))
    return Ragged(np.concatenate(values), offsets_of(np.concatenate(lengths)))


_SWITCH = "TOKENIZERS_PARALLELISM"
_pool = {"used": False}


def use_pool() -> None:
    """Note that the threads of the package tokenizers start, which no fork survives."""
    _pool["used"] = True


def _leave_pool() -> None:
    """Let a forked process cut texts in one thread.

    The package does so by itself, unless it has been told to use threads: it would then wait for
    ever for those that the fork has left behind.
    """
    if _pool["used"] and _SWITCH in os.environ:
        os.environ[_SWITCH] = "false"


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_pool)
