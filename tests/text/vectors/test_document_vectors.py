"""Vectors of texts, learned from the texts alone."""

import numpy as np
from topics import two_topics

from textseq.text.vectors.documents import train_document_vectors


def test_texts_of_one_topic_lie_together():
    tokens, topics = two_topics(200)
    vectors = train_document_vectors(tokens, random_state=0)
    assert vectors.shape == (200, 100) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    nearest = np.argmax(vectors @ vectors.T - 2 * np.eye(200), axis=1)
    assert (topics[nearest] == topics).mean() > 0.98


def test_the_same_seed_gives_the_same_vectors():
    tokens, _ = two_topics(20)
    first, again, other = (train_document_vectors(tokens, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
