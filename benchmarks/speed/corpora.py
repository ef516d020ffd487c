"""The corpora as contestants read them: shuffled texts, ids of one vocabulary, GloVe unpacked.

Written once a run by ``python corpora.py DATA FOLDER``, where textseq is installed; read by
all, so that every network trains on the same ids.
"""

from __future__ import annotations

import csv
import gzip
import json
import lzma
import random
import shutil
import sys
from pathlib import Path
from typing import Any

GLOVE = "glove.6B.50d.txt"
SETS = ("imdb", "sst2", "ag_news10k", "banking77")
WITH_IDS = ("imdb", "sst2")
WORDS = 30_000


def texts(folder: Path, corpus: str, split: str = "train") -> tuple[list[str], list[str]]:
    """Return texts and labels, shuffled."""
    return tuple(json.loads((folder / f"{corpus}_{split}.json").read_text()))


def cut_texts(folder: Path, corpus: str, split: str = "train") -> tuple[list[str], list[str]]:
    """Return texts cut into textseq's tokens, joined by spaces, and labels."""
    return tuple(json.loads((folder / f"{corpus}_{split}_cut.json").read_text()))


def padded_ids(folder: Path, corpus: str, split: str, longest: int) -> tuple[Any, Any]:
    """Return ids (n, T) padded with 0 on the right to the longest text, and labels as numbers."""
    import numpy as np

    stored = np.load(folder / f"{corpus}_{split}.npz")
    offsets = stored["offsets"]
    lengths = np.minimum(np.diff(offsets), longest)
    columns = np.arange(lengths.max())
    real = columns < lengths[:, None]
    ids = np.zeros(real.shape, dtype=np.int64)
    ids[real] = stored["values"][(offsets[:-1, None] + columns)[real]]
    return ids, stored["labels"]


def n_tokens(folder: Path, corpus: str) -> int:
    """Return how many ids the vocabulary has, <pad> and <unk> among them."""
    return len(json.loads((folder / f"{corpus}_vocabulary.json").read_text()))


def prepare(data: Path, folder: Path) -> None:
    from textseq import Tokenizer

    csv.field_size_limit(10**9)
    for corpus in SETS:
        for split in ("train", "test"):
            with gzip.open(data / "classification" / corpus / f"{split}.csv.gz", "rt") as file:
                rows = [(row["text"], row["label"]) for row in csv.DictReader(file)]
            random.Random(0).shuffle(rows)
            X, y = zip(*rows, strict=True)
            (folder / f"{corpus}_{split}.json").write_text(json.dumps([X, y]))
            cut = [" ".join(tokens) for tokens in Tokenizer().tokenize(X).to_lists()]
            (folder / f"{corpus}_{split}_cut.json").write_text(json.dumps([cut, y]))
    for corpus in WITH_IDS:
        _write_ids(data, folder, corpus)
    packed = data / "glove" / f"{GLOVE}.xz"
    with lzma.open(packed) as source, (folder / GLOVE).open("wb") as target:
        shutil.copyfileobj(source, target, 2**20)


def _write_ids(data: Path, folder: Path, corpus: str) -> None:
    import numpy as np

    from textseq import Tokenizer, Vocabulary, WordVectors

    vocabulary = None
    for split in ("train", "test"):
        X, y = texts(folder, corpus, split)
        tokens = Tokenizer().tokenize(X)
        if vocabulary is None:
            vocabulary = Vocabulary.from_tokens(tokens, max_features=WORDS)
        ids = vocabulary.encode(tokens)
        labels = np.unique(y, return_inverse=True)[1]
        np.savez(
            folder / f"{corpus}_{split}.npz", values=ids.values, offsets=ids.offsets, labels=labels
        )
    (folder / f"{corpus}_vocabulary.json").write_text(json.dumps(vocabulary.tokens))
    if corpus == "sst2":
        vectors = WordVectors.load(data / "glove" / "glove.6B.100d.top100k.txt.xz")
        np.savez(folder / "glove_100d.npz", words=np.array(vectors.words), matrix=vectors.matrix)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), Path(sys.argv[2]))
