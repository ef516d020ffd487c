"""Where the tokens of a text stand in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np

from textseq.text.spacing import aligned, clusters


def token_places(text: str, tokens: Sequence[str], *, lowercase: bool) -> np.ndarray | None:
    """Return where each token starts and ends in the text it was cut from.

    Parameters
    ----------
    text : str
    tokens : sequence of n str
        In their order.
    lowercase : bool
        Whether the text was turned to lower case before the cut.

    Returns
    -------
    ndarray of shape (n, 2), int64, or None
        Characters: ``text[start:end]`` is what a token was made of. None if the tokens are not
        found in the text in their order, as those of a function that rewrites it.

    Examples
    --------
    >>> token_places("Don’t go!", ["do", "n't", "go", "!"], lowercase=True).tolist()
    [[0, 2], [2, 5], [6, 8], [8, 9]]
    """
    written = text.lower() if lowercase else text
    composed = unicodedata.normalize("NFC", written)
    found = aligned(composed, tokens)
    if found is None:
        return None
    ends = np.cumsum([[len(gap), len(own)] for gap, own in found[:-1]]).reshape(-1, 2)
    if len(composed) != len(text):
        ends = _origins(text, lowercase)[ends]
    return ends


def _origins(text: str, lowercase: bool) -> np.ndarray:
    """Return where in a text each place of its composed form stands, its end included."""
    origins, place = [0], 0
    for cluster in clusters(text):
        written = unicodedata.normalize("NFC", cluster.lower() if lowercase else cluster)
        place += len(cluster)
        # Behind the last sign of a cluster it is over, and within it has just begun.
        origins += [place - len(cluster)] * (len(written) - 1) + [place]
    return np.array(origins)
