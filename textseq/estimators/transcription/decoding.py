"""A language model's say in what a transcriber hears."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted

from textseq.estimators.language.model import LanguageModel
from textseq.estimators.language.texts import EOS
from textseq.nn.prefix_beam_search import Prefix
from textseq.nn.stateful_run import States


class SymbolLikelihood:
    """Log-probabilities of what comes behind symbols, by a language model of the same symbols.

    Parameters
    ----------
    model : LanguageModel
        Fitted, of characters for a transcriber of characters, and of words for one of words.
    symbols : sequence of str
        Of the transcriber, the first being number 1.

    Raises
    ------
    ValueError
        If the model has no token for a symbol.
    """

    def __init__(self, model: LanguageModel, symbols: Sequence[str]) -> None:
        check_is_fitted(model, "network_")
        self._network = model.network_
        known = {token: number for number, token in enumerate(model.vocabulary_.tokens)}
        missing = [symbol for symbol in symbols if symbol not in known]
        if missing:
            raise ValueError(
                f"the language model has no token for {missing[0]!r}, which the transcriber "
                "says; fit it on texts of the same characters or words, with "
                "level='char' or 'word' as the transcriber's symbol is, and lowercase=False if "
                "there are capitals"
            )
        self._end = model.vocabulary_.mark_id(EOS)
        self._ids = [known[symbol] for symbol in symbols]
        # Of each beginning that was met: what comes next, and where reading stopped.
        self._met: dict[Prefix, tuple[np.ndarray, States]] = {}

    def __call__(self, prefix: Prefix) -> np.ndarray:
        """Return log p (K + 1,) of the blank (0), of each symbol, and of the end."""
        return self._after(prefix)[0]

    def _after(self, prefix: Prefix) -> tuple[np.ndarray, States]:
        if prefix not in self._met:
            before = self._after(prefix[:-1])[1] if prefix else None
            read = self._ids[prefix[-1] - 1] if prefix else self._end
            with torch.inference_mode():
                log_p, states = self._network.next_token(torch.tensor([[read]]), before)
            row = log_p[0].double().numpy()
            found = np.concatenate([[0.0], row[self._ids], row[[self._end]]])
            self._met[prefix] = found, states
        return self._met[prefix]
