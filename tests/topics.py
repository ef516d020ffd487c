"""Long texts that the tests of document vectors share."""

import numpy as np

from textseq.text.tokens import Tokens


def two_topics(n, seed=0):
    """Texts of 120 words, each word one of its topic's fifty."""
    rng = np.random.default_rng(seed)
    topics = rng.integers(2, size=n)
    words = topics[:, None] * 50 + rng.integers(50, size=(n, 120))
    return Tokens.from_lists([[f"w{word}" for word in row] for row in words]), topics
