"""What a fitted model takes on disk: all that must be kept to predict with it."""

from __future__ import annotations

import io
import pickle
from typing import Any, BinaryIO, cast

from textseq.comparison.scores.baselines import steps_of
from textseq.estimators.base import TrainedEstimator
from textseq.estimators.transformer_embedder import TransformerEmbedder
from textseq.text.transformer_folder import WEIGHTS, TransformerFolder


def disk_size(model: Any) -> int | None:
    """Return the bytes that a fitted model takes on disk.

    Parameters
    ----------
    model : estimator
        Fitted. A network takes its model file; any other model its pickle, and where it reads
        the vectors of a pretrained transformer, the files of that, too. What an embedding
        service knows stays there, so that its pickle is the model that reads the vectors.

    Returns
    -------
    int or None
        None for a model that can't be pickled.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> disk_size(DummyClassifier().fit([[0], [1]], [0, 1])) < 2_000
    True
    """
    written = _ByteCount()
    if isinstance(model, TrainedEstimator):
        model.save(cast(BinaryIO, written))
        return written.n_bytes
    try:
        pickle.dump(model, written)
    except Exception:
        # Whatever a class of the caller's raises on it: it has no size, and may be compared.
        return None
    embedders = [step for step in steps_of(model) if isinstance(step, TransformerEmbedder)]
    return written.n_bytes + sum(_folder_size(embedder) for embedder in embedders)


def _folder_size(embedder: TransformerEmbedder) -> int:
    """Return the bytes of weights, tokenizer and settings; weights of other forms are not read."""
    path = TransformerFolder.open(embedder.model).path
    files = [path / WEIGHTS, *path.glob("*.json"), *path.glob("*/config.json")]
    return sum(file.stat().st_size for file in files)


class _ByteCount(io.RawIOBase):
    """A file that keeps nothing of what is written to it but how much it was."""

    n_bytes = 0

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        n_bytes = memoryview(content).nbytes
        self.n_bytes += n_bytes
        return n_bytes
