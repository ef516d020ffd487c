"""Training word vectors with gensim."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

# fastText's default of 2,000,000 rows for pieces of words takes 800 MB at 100 dimensions.
_FASTTEXT_BUCKETS = 200_000


def train_vectors(
    tokens: list[list[str]],
    method: str,
    dim: int,
    min_count: int,
    epochs: int,
    random_state: int | None,
    n_threads: int,
) -> Any:
    """Train skip-gram vectors; the parameters are those of ``WordVectors.train``.

    Returns
    -------
    KeyedVectors
        gensim's, the most frequent word first.
    """
    if method not in ("word2vec", "fasttext"):
        raise ValueError(f"method={method!r} is unknown; use 'word2vec' or 'fasttext'")
    for name, value in (("dim", dim), ("epochs", epochs), ("n_threads", n_threads)):
        if value < 1:
            raise ValueError(f"{name}={value} is too low; use 1 or more")
    flat = pl.Series("token", [token for text in tokens for token in text], dtype=pl.String)
    if not (flat.value_counts()["count"] >= min_count).any():
        raise ValueError(
            f"no word occurs {min_count} times in {len(tokens)} texts; lower min_count or pass "
            "more texts"
        )
    from gensim.models import FastText, Word2Vec

    if random_state is None:
        random_state = int(np.random.SeedSequence().generate_state(1)[0])
    options: dict[str, Any] = {
        "vector_size": int(dim),
        "min_count": int(min_count),
        "epochs": int(epochs),
        "sg": 1,
        "seed": int(random_state),
        "workers": int(n_threads),
    }
    if method == "word2vec":
        return Word2Vec(tokens, **options).wv
    return FastText(tokens, bucket=_FASTTEXT_BUCKETS, **options).wv
