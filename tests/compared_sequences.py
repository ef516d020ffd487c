"""Small rows of each task, and estimators that are fitted to them at once."""

import numpy as np

from textseq import LanguageModel, Seq2Seq, SequenceTagger

RNG = np.random.default_rng(0)
QUICK = {"max_epochs": 2, "hidden_size": 8, "n_threads": 1}
PEOPLE, PLACES, OTHERS = ["Ana", "Bob"], ["Rio", "Lima"], ["went", "to", "saw", "the"]


def tagged(n=80):
    """Rows of names and words; "Silva" has its tag by what stands before it."""
    X, y = [], []
    for _ in range(n):
        words, tags = [], []
        for kind in RNG.integers(0, 4, RNG.integers(1, 5)):
            names, tag = [(PEOPLE, "per"), (PLACES, "loc"), (OTHERS, None), (OTHERS, None)][kind]
            words.append(str(RNG.choice(names)))
            tags.append("O" if tag is None else f"B-{tag}")
            if tag and RNG.random() < 0.4:
                words.append("Silva")
                tags.append(f"I-{tag}")
        X.append(words)
        y.append(tags)
    return X, y


NUMBERS = {"one": "um", "two": "dois", "three": "tres", "four": "quatro", "five": "cinco"}


def pairs(n=80):
    """Numbers in English and in Portuguese, the second of them first."""
    sources = [" ".join(RNG.choice(list(NUMBERS), RNG.integers(4, 7))) for _ in range(n)]
    return sources, [" ".join(NUMBERS[word] for word in text.split()[::-1]) for text in sources]


def texts(n=80):
    """Sentences of a few words."""
    return [f"{RNG.choice(PEOPLE)} {RNG.choice(OTHERS)} {RNG.choice(PLACES)}." for _ in range(n)]


TAGGER = SequenceTagger(embedding_dim=8, **QUICK)
TRANSLATOR = Seq2Seq(embedding_dim=8, beam_size=1, **QUICK)
LANGUAGE = LanguageModel("char", embedding_dim=8, **QUICK)
