"""How likely texts are, by whatever says their tokens: sums, perplexity, bits of a character."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from textseq.corpus.running_text import is_running_source, open_as_fitted, whole_texts
from textseq.estimators.encoding.text import TextEncoding
from textseq.estimators.language.texts import read_texts, read_tokens
from textseq.text.inputs import one_or_more
from textseq.text.tokenizer import Tokenizer
from textseq.text.vocabulary import SPECIALS, UNKNOWN_ID, Vocabulary

BITS_OF_BYTE = 8.0
# Returns log p (n,) of each text in nats, and the tokens of all, ends included.
Reader = Callable[[Any], tuple[np.ndarray, int]]


class TextLikelihood(ABC):
    """Base of the models that tell how likely texts are, token after token."""

    encoding_: TextEncoding

    @abstractmethod
    def _read(self, texts: Any) -> tuple[np.ndarray, int]:
        """Return log p (n,) of each text in nats, and the tokens of all, ends included."""

    @property
    def vocabulary_(self) -> Vocabulary:
        """The training texts' vocabulary; ``<eos>``, which ends every text, is id 2."""
        return self.encoding_.vocabulary

    @property
    def tokenizer_(self) -> Tokenizer:
        """The fitted tokenizer."""
        return self.encoding_.tokenizer

    def _reader(self, adapt: bool, cache: int | None) -> Reader:
        """Return what reads texts, some at a time, as ``_read`` does.

        Raises
        ------
        ValueError
            If it should learn from what it has read, and can't.
        """
        if adapt or cache is not None:
            raise ValueError(
                f"a {type(self).__name__} has no weights or states that could learn from what is "
                "read; leave adapt and cache out"
            )
        return self._read

    def score_samples(
        self, texts: Any, *, adapt: bool = False, cache: int | None = None
    ) -> np.ndarray:
        """Return the log-probability of each text, the end included.

        Parameters
        ----------
        texts : list, Series or array of n str, or what is read some at a time, as ``fit`` takes it
        adapt : bool, default False
            Whether a copy of the network goes on learning while it reads, from what it has scored
            already (dynamic evaluation). Texts are read one by one in their order, so that what
            one is scored depends on those before it; the fitted model stays as it is.
        cache : int, optional
            Tokens, the last that were read, that are likelier again in like states. Texts are
            read one by one as with ``adapt``.

        Returns
        -------
        ndarray of shape (n,)
            In nats. A word that the vocabulary lacks counts as ``<unk>``, whichever it is.

        References
        ----------
        ``adapt``: Krause et al. (2018), "Dynamic Evaluation of Neural Sequence Models"; ``cache``:
        Grave, Joulin & Usunier (2017), "Improving Neural Language Models with a Continuous Cache".
        """
        read = self._reader(adapt, cache)
        return np.concatenate([read(some)[0] for some in self._some_at_a_time(texts)])

    def perplexity(self, texts: Any, *, adapt: bool = False, cache: int | None = None) -> float:
        """Return exp of the mean -log p of a token, in nats, the texts' ends included.

        Comparable between models of the same tokens and vocabulary only.

        Parameters
        ----------
        texts, adapt, cache
            As ``score_samples`` takes them.

        Examples
        --------
        >>> from textseq import LanguageModel
        >>> model = LanguageModel("char", encoder="gru", hidden_size=8, max_epochs=1,
        ...                       random_state=0).fit(["abc" * 9])
        >>> model.perplexity(["abcab"]) < len(model.vocabulary_)
        True
        """
        read = self._reader(adapt, cache)
        total, n_tokens = 0.0, 0
        for some in self._some_at_a_time(texts):
            scores, n_own = read(some)
            total, n_tokens = total + float(scores.sum()), n_tokens + n_own
        return math.exp(-total / n_tokens)

    def bits_per_character(
        self, texts: Any, *, adapt: bool = False, cache: int | None = None
    ) -> float:
        """Return -log2 p of all texts, over their number of characters.

        Comparable between characters, words and pieces, where words are all known.

        Parameters
        ----------
        texts, adapt, cache
            As ``score_samples`` takes them.
        """
        read = self._reader(adapt, cache)
        return self._per_character(texts, lambda some: _bits(read(some)[0]))

    def score(
        self, texts: Any, y: Any = None, *, adapt: bool = False, cache: int | None = None
    ) -> float:
        """Return the mean log2 p of a character, with the letters of unknown words; 0 is best.

        That is ``-bits_per_character`` of texts whose tokens are all known. Beyond it every
        unknown token is spelt, by the 8 bits of each byte (UTF-8) and of its end, so that a
        model gains nothing by knowing fewer words: models of characters, words and pieces, and
        of vocabularies of any size, can be chosen between by ``GridSearchCV``. Capitals and white
        space that the tokens have lost are not counted.

        Parameters
        ----------
        texts : list, Series or array of str, or what is read some at a time, as ``fit`` takes it
            Of plain text files memory holds one at a time.
        y : None
            Left out: texts are their own targets.
        adapt, cache
            As ``score_samples`` takes them.

        References
        ----------
        Unknown words by their letters: Mielke (2019), "Can you compare perplexity across
        different segmentations?"

        Examples
        --------
        >>> from textseq import LanguageModel
        >>> model = LanguageModel("char", encoder="gru", hidden_size=8, max_epochs=1,
        ...                       random_state=0).fit(["abc" * 9])
        >>> model.score(["abcab"]) == -model.bits_per_character(["abcab"])
        True
        """
        read = self._reader(adapt, cache)
        return -self._per_character(
            texts, lambda some: _bits(read(some)[0]) + self._bits_of_unknown(some)
        )

    def _some_at_a_time(self, texts: Any) -> Iterator[Any]:
        """Yield texts in memory as they are, and those of a source some at a time."""
        if not is_running_source(texts):
            yield texts
            return
        check_is_fitted(self, "encoding_")
        yield from whole_texts(open_as_fitted(texts, self.encoding_.columns))

    def _per_character(self, texts: Any, bits_of: Callable[[Any], float]) -> float:
        """Return the bits of all texts, by what counts those of some, over their characters."""
        bits, n_characters = 0.0, 0
        for some in self._some_at_a_time(texts):
            bits += bits_of(some)
            n_characters += int(read_texts(one_or_more(some)).str.len_chars().sum())
        if not n_characters:
            raise ValueError("the texts hold no characters; pass one that does")
        return bits / n_characters

    def _bits_of_unknown(self, texts: Any) -> float:
        """Return what it takes to spell all tokens that the vocabulary lacks."""
        vocabulary = self.vocabulary_
        tokens = read_tokens(self.encoding_, texts)
        is_unknown = vocabulary.ids_of(tokens.distinct) == UNKNOWN_ID
        # Corpora that are published with their rare words cut out say <unk> themselves.
        is_unknown &= (tokens.distinct != SPECIALS[UNKNOWN_ID]).to_numpy()
        lengths = tokens.distinct.str.len_bytes().to_numpy()[is_unknown].astype(np.int64)
        n_bytes = int((tokens.tally()[0][is_unknown] * (lengths + 1)).sum())
        return n_bytes * BITS_OF_BYTE


def _bits(log_p: np.ndarray) -> float:
    """Return -log2 p of all texts, of log p (n,) in nats."""
    return -float(log_p.sum()) / math.log(2)
