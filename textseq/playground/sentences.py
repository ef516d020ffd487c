"""Short sentences of film reviews, as the lab's page learns sentiment from them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl

from textseq.data_files import data_file

# Of these lengths, in words: short enough to learn while one looks on.
SHORTEST, LONGEST = 4, 12
# Sentences that hold a rarer word are left out.
_LEAST_COUNT = 3
# Every fifth sentence is never trained on.
_FOLDS = 5


def sentences_form() -> dict[str, Any]:
    """Return sentences as ids of words, each with its class, in the JSON of the page.

    Returns
    -------
    dict
        ``words``, and ``training`` and ``validation``: lists of a sentence's ids and its class,
        1 for praise and 0 for blame.

    References
    ----------
    Pang & Lee (2005), "Seeing Stars: Exploiting Class Relationships for Sentiment Categorization
    with Respect to Rating Scales"; the data's README has the licence.

    Examples
    --------
    >>> form = sentences_form()
    >>> ids, target = form["training"][1]
    >>> " ".join(form["words"][number] for number in ids), target
    ('a masterpiece four years in the making .', 1)
    """
    table = pl.read_csv(data_file("mr.csv.gz"))
    rows = [(text.split(), int(label == "pos")) for label, text in table.rows()]
    counts = Counter(word for words, _ in rows for word in set(words))
    kept = [
        (words, target)
        for words, target in rows
        if SHORTEST <= len(words) <= LONGEST and all(counts[word] >= _LEAST_COUNT for word in words)
    ]
    ids = {word: number for number, word in enumerate(sorted({w for ws, _ in kept for w in ws}))}
    coded = [[[ids[word] for word in words], target] for words, target in kept]
    return {
        "words": list(ids),
        "training": [row for number, row in enumerate(coded) if number % _FOLDS],
        "validation": coded[::_FOLDS],
    }
