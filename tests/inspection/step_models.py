"""Tiny models that answer step by step, which several tests look at."""

import numpy as np

from textseq import LanguageModel, Seq2Seq, SequenceTagger

TEXTS = ["a b c d e f", "b c a f", "c a", "a b f d"] * 10
ROWS = [text.split() for text in TEXTS]
# The tag of a word is told by the word before it, but for the row's first.
TAGS = [["A" if before == "c" else "O" for before in ["", *row[:-1]]] for row in ROWS]
OWN_TAGS = [[word.upper() for word in row] for row in ROWS]
SMALL = dict(hidden_size=3, max_epochs=1, random_state=0, n_threads=1, validation_fraction=0.0,
             learning_rate=1e-9)  # fmt: skip


def tagger(rows=ROWS, tags=TAGS, **parameters):
    return SequenceTagger(**SMALL | dict(embedding_dim=4, num_layers=1) | parameters).fit(
        rows, tags
    )


def language_model(texts=TEXTS, **parameters):
    return LanguageModel(**SMALL | dict(embedding_dim=4, num_layers=1) | parameters).fit(texts)


def translator(src=TEXTS, tgt=TEXTS, **parameters):
    return Seq2Seq(**SMALL | dict(embedding_dim=4, num_layers=1) | parameters).fit(src, tgt)


def frames(n=20, seed=0):
    """Series of two channels, with a tag a frame."""
    rng = np.random.default_rng(seed)
    series = [rng.normal(size=(2, rng.integers(3, 7))) for _ in range(n)]
    return series, [["up" if value > 0 else "down" for value in one[0]] for one in series]
