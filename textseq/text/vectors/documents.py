"""A vector a text, learned from the texts alone, with gensim."""

from __future__ import annotations

import numpy as np

from textseq.text.tokens import Tokens

# The settings of the paper's authors for films' reviews, but for the passes: ten are enough.
DIM, EPOCHS, RATE, NOISE_WORDS, RARE, COMMON = 100, 10, 0.05, 5, 2, 1e-4


def train_document_vectors(tokens: Tokens, random_state: int) -> np.ndarray:
    """Return vectors that tell a text's words from words drawn by luck (PV-DBOW).

    Parameters
    ----------
    tokens : Tokens
        Of n texts: vectors are of these, and of no others.
    random_state : int

    Returns
    -------
    ndarray of shape (n, 100), float32
        Less their mean, of which a short training leaves much, and of length 1.

    References
    ----------
    Le & Mikolov (2014), "Distributed Representations of Sentences and Documents", section 2.3;
    Mesnil et al. (2014), "Ensemble of Generative and Discriminative Techniques for Sentiment
    Analysis of Movie Reviews".

    Examples
    --------
    >>> texts = Tokens.from_lists([["so", "it", "goes"], ["so", "it", "is"]] * 20)
    >>> train_document_vectors(texts, random_state=0).shape
    (40, 100)
    """
    from gensim.models.doc2vec import Doc2Vec, TaggedDocument

    # One worker: several would make the vectors those of the machine's mood.
    model = Doc2Vec(
        [TaggedDocument(words, [row]) for row, words in enumerate(tokens.to_lists())],
        dm=0, vector_size=DIM, epochs=EPOCHS, alpha=RATE, negative=NOISE_WORDS,
        min_count=RARE, sample=COMMON, seed=random_state % 2**32, workers=1,
    )  # fmt: skip
    vectors = model.dv.vectors - model.dv.vectors.mean(0)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
