"""What all estimators share that a page can show."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from textseq.checks import check_count
from textseq.files import StrPath
from textseq.playground.exported import Exported
from textseq.text.vocabulary import Vocabulary

# Of the row that a page has of its own: its tokens, or its steps and those of a wave in it.
OWN_TOKENS = 12
OWN_STEPS, OWN_WAVE = 48, 12


class PageEstimator(ABC):
    """Part of the estimators: the page in which a fitted model can be played with."""

    def to_page(
        self,
        path: StrPath,
        X: Any = None,
        y: Any = None,
        *,
        precision: str = "auto",
        max_words: int | None = None,
        title: str | None = None,
    ) -> Path:
        """Write one HTML page that holds the fitted model, and computes with it in the browser.

        It asks for nothing from the network: type or choose a row, and see step by step what
        becomes of it.

        Parameters
        ----------
        path : path-like
            A file of that name is replaced; it stays whole if writing fails.
        X, y : as ``fit`` takes them, optional
            Rows to choose from on the page, best such that the model did not learn from; with
            ``y`` those that it answers wrong are among them. Twenty are brought along at most.
            Without, the page has a row of its own making.
        precision : {"auto", "float32", "float16"}, default "auto"
            Of the weights; "auto" takes float16 where float32 would be over 20 MB.
        max_words : int, optional
            Keep so many of the commonest words, and n-grams of a wide path, and those of the rows
            that the page brings along. The page says so; other words are unknown to it.
        title : str, optional

        Returns
        -------
        Path
            Where it was written.

        Raises
        ------
        ValueError
            If a page can't show the model, or it is over 20 MB; the message says what to do.

        Examples
        --------
        >>> import tempfile
        >>> from textseq import TextClassifier
        >>> texts, labels = ["so good", "so bad"] * 10, ["pos", "neg"] * 10
        >>> model = TextClassifier(encoder="gru", hidden_size=4, max_epochs=1, random_state=0)
        >>> path = Path(tempfile.mkdtemp()) / "page.html"
        >>> model.fit(texts, labels).to_page(path, texts, labels).name
        'page.html'
        """
        from textseq.playground.page import write_page

        check_is_fitted(self, "network_")
        if max_words is not None:
            check_count("max_words", max_words)
        return write_page(path, self._of_first(X, y, max_words), precision, title)

    def _of_first(self: Any, X: Any, y: Any, max_words: int | None) -> Exported:
        """Return what a page holds of the model: of several networks the first."""
        if not self.others_:
            return self._exported(X, y, max_words)
        exported = self.member(0)._exported(X, y, max_words)
        exported.limits.append({"key": "members", "n": len(self.networks)})
        return exported

    @abstractmethod
    def _exported(self, X: Any, y: Any, max_words: int | None) -> Exported:
        """Return the fitted model as a page holds it, and rows to choose from."""


def commonest(vocabulary: Vocabulary) -> list[str]:
    """Return a row of the tokens that the training texts have most often."""
    n_special = len(vocabulary.specials)
    order = np.argsort(-vocabulary.counts[n_special:], kind="stable")[:OWN_TOKENS] + n_special
    return [vocabulary.tokens[k] for k in order.tolist()]


def own_series(encoding: Any) -> list[np.ndarray]:
    """Return a wave in each channel, as high as the training series are spread.

    Parameters
    ----------
    encoding : SeriesEncoding
    """
    wave = np.sin(2 * np.pi * np.arange(OWN_STEPS) / OWN_WAVE)
    return [encoding.mean[:, None] + encoding.scale[:, None] * wave]
