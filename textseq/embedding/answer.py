"""What a service answers, checked before anything of it is believed."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

import numpy as np


class AnswerError(ValueError):
    """An answer that is not what the protocol says.

    Parameters
    ----------
    said : str
        What the service did.
    n_tokens : int, optional
        That it counted all the same.
    """

    def __init__(self, said: str, n_tokens: int | None = None) -> None:
        super().__init__(said)
        self.n_tokens = n_tokens


@dataclass(frozen=True)
class Answer:
    """The vectors of one request.

    Parameters
    ----------
    vectors : ndarray of shape (n, D), float32
        In the order of the texts. Rows may hold what is not a number.
    n_tokens : int or None
        As the service counted them; None if it does not tell.
    """

    vectors: np.ndarray
    n_tokens: int | None

    @classmethod
    def read(cls, content: bytes, n_texts: int) -> Answer:
        """Read the body of an answer.

        Which text a vector belongs to is known by its index alone, so an answer of too few or
        too many vectors is refused whole.

        Parameters
        ----------
        content : bytes
        n_texts : int
            How many were sent.

        Raises
        ------
        AnswerError
        """
        try:
            body = json.loads(content)
        except ValueError:
            raise AnswerError(f"answered with {len(content):,} bytes that are no JSON") from None
        body = body if isinstance(body, dict) else {}
        n_tokens = _n_tokens(body.get("usage"))
        try:
            return cls(_vectors(body.get("data"), n_texts), n_tokens)
        except AnswerError as error:
            raise AnswerError(str(error), n_tokens) from None


def _vectors(rows: Any, n_texts: int) -> np.ndarray:
    """Return the vectors (n_texts, D) of an answer's rows, in the order of their indices."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise AnswerError("answered without the list of vectors that the protocol has")
    if len(rows) != n_texts:
        raise AnswerError(f"answered with {len(rows):,} vectors for {n_texts:,} texts")
    by_index = {row["index"]: row for row in rows if type(row.get("index")) is int}
    if by_index.keys() != set(range(n_texts)):
        raise AnswerError(f"numbered the vectors of {n_texts:,} texts otherwise than 0, 1, ...")
    vectors = [_vector(by_index[index].get("embedding")) for index in range(n_texts)]
    widths = sorted({len(vector) for vector in vectors})
    if len(widths) > 1:
        raise AnswerError(f"answered with vectors of {widths[0]} and of {widths[-1]} numbers")
    return np.stack(vectors)


def _vector(embedding: Any) -> np.ndarray:
    """Return one vector (D,) from the list of its numbers, or their bytes in base64."""
    try:
        if isinstance(embedding, str):
            vector = np.frombuffer(base64.b64decode(embedding, validate=True), "<f4")
        else:
            vector = np.array(embedding, dtype=np.float64)
        # A number beyond float32 becomes infinite, and is then asked for again.
        with np.errstate(over="ignore"):
            vector = vector.astype(np.float32)
    except (TypeError, ValueError):
        raise AnswerError("answered with a vector that is neither numbers nor base64") from None
    if vector.ndim != 1 or not vector.size:
        raise AnswerError("answered with an empty vector")
    return vector


def _n_tokens(usage: Any) -> int | None:
    counts = usage if isinstance(usage, dict) else {}
    found = [counts.get(name) for name in ("total_tokens", "prompt_tokens")]
    return next((count for count in found if type(count) is int and count >= 0), None)
