"""Tiny models that answer step by step, which several tests look at."""

import numpy as np

from textseq import LanguageModel, Seq2Seq, SequenceTagger, Transcriber

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


def tones(n=24, seed=0):
    """Waves of 8,000 samples a second, each of a low and a high tone, in either order."""
    rng = np.random.default_rng(seed)
    orders = [("low", "high") if row % 2 else ("high", "low") for row in range(n)]
    hertz, silence = {"low": 500, "high": 1500}, np.zeros(400)
    waves = []
    for order in orders:
        parts = [silence]
        for word in order:
            at = 2 * np.pi * hertz[word] * np.arange(1600) / 8000
            parts += [np.sin(at + rng.uniform(0, 6)), silence]
        waves.append(np.concatenate(parts))
    return waves, [" ".join(order) for order in orders]


def transcriber(**parameters):
    quick = dict(symbol="word", sample_rate=8000, stride=3, hidden_size=8, num_layers=1,
                 learning_rate=0.02, batch_size=4, max_epochs=30, masks=0, noise=False)  # fmt: skip
    return Transcriber(**SMALL | quick | parameters).fit(*tones())
