"""Language models side by side: how likely each text is to them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl
from sklearn.base import BaseEstimator

from textseq.comparison.scores.run import Run
from textseq.comparison.sequences.baselines import SharedNgrams
from textseq.comparison.sequences.data import ComparedSequences
from textseq.comparison.sequences.measures import Measure, bits, perplexity, share
from textseq.estimators.base import TrainedEstimator
from textseq.estimators.language.likelihood import BITS_OF_BYTE, TextLikelihood
from textseq.estimators.language.model import LanguageModel
from textseq.estimators.language.texts import read_texts
from textseq.text.tokens import Tokens
from textseq.text.vocabulary import SPECIALS, UNKNOWN_ID, Vocabulary

BITS = Measure("bits_per_character", bits(3, 2))
NATS = Measure("nats_per_token", share(0, 1))
PERPLEXITY = Measure("perplexity", perplexity(0, 1))
# With fewer texts than these, or one that makes up more of all, long ones are cut.
FEW_TEXTS = 20
# Characters of a passage: there should be some hundreds, each long enough to have a beginning.
LONGEST_PASSAGE, SHORTEST_PASSAGE, PASSAGES = 2_000, 200, 400


@dataclass(frozen=True, eq=False)
class RunningTexts(ComparedSequences):
    """Texts, each of which says what comes next in it.

    Parameters
    ----------
    texts : Series
    in_order : bool
        Whether they are passages of longer ones, of which the last are tested on.
    """

    task = "language"
    estimator = LanguageModel
    encoders = ("gru", "lstm")
    method = "score_samples"

    texts: pl.Series
    in_order: bool = False

    @classmethod
    def read(cls, X: Any, y: Any, estimator: TrainedEstimator, name: str = "") -> Self:
        """Check texts, and cut those that are too long, or too few, to be drawn."""
        if y is not None:
            raise ValueError(
                "y is of no use to language models, whose texts are their own targets; leave it out"
            )
        texts = read_texts([X] if isinstance(X, str) else X)
        passages = cut_into_passages(texts)
        return cls(passages, len(passages) > len(texts))

    @property
    def unit(self) -> str:
        """What one row is called."""
        return "passage" if self.in_order else "text"

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: np.ndarray) -> Self:
        """Return some of the texts."""
        return type(self)(self.texts.gather(rows), self.in_order)

    @property
    def given(self) -> tuple[Any, ...]:
        """The texts."""
        return (self.texts,)

    def shown(self) -> list[str]:
        """Return the texts."""
        return self.texts.to_list()

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Bits a character, and nats and perplexity a token."""
        return BITS, NATS, PERPLEXITY

    def baselines(self, template: TrainedEstimator) -> Mapping[str, BaseEstimator]:
        """Return n-grams of the tokens that the networks read."""
        assert isinstance(template, LanguageModel)
        return {"Kneser-Ney n-grams": SharedNgrams(template)}

    def answers(self, model: Any, X: Any) -> np.ndarray:
        """Return the log-probability of each text."""
        return np.asarray(model.score_samples(X), dtype=np.float64)

    def about(self, model: Any, X: Any) -> dict[str, Any]:
        """Count the tokens of each text, its end among them, and spell those that are unknown."""
        if not isinstance(model, TextLikelihood):
            return {}
        tokens = model.tokenizer_.tokenize(self.texts)
        return {"token_counts": tokens.lengths + 1, "spelt": _spelt(tokens, model.vocabulary_)}

    def counts(self, run: Run, settings: Mapping[str, Any]) -> np.ndarray:
        """Return nats, tokens, characters, and nats with those of unknown tokens, (n, 4)."""
        tokens = np.zeros(len(self)) if run.token_counts is None else run.token_counts
        characters = self.texts.str.len_chars().to_numpy()
        columns = [-run.predictions, tokens, characters, -self.predictions(run)]
        return np.column_stack(columns).astype(np.float64)

    def predictions(self, run: Run) -> np.ndarray:
        """Return the log-probability of each text, its unknown tokens spelt."""
        return run.predictions if run.spelt is None else run.predictions - run.spelt

    def targets(self) -> np.ndarray:
        """Return the characters of each text."""
        return self.texts.str.len_chars().to_numpy().astype(np.int64)

    def splits(self, test: float) -> list[tuple[np.ndarray, np.ndarray]] | None:
        """Test passages of longer texts on the last of them."""
        if not self.in_order:
            return None
        n_test = min(max(round(test * len(self)), 1), len(self) - 1)
        return [(np.arange(len(self) - n_test), np.arange(len(self) - n_test, len(self)))]

    def warnings(self, models: Mapping[str, list[Run]]) -> list[str]:
        """Say so where rows do not read the same tokens, or do not know the same."""
        read = {
            (run.token_counts.tobytes(), run.spelt.tobytes())
            for runs in models.values()
            for run in runs
            if run.token_counts is not None and run.spelt is not None
        }
        if len(read) < 2:
            return []
        return [
            "rows read other tokens, or know other words, so that nats a token and perplexity do "
            "not compare; bits a character do: unknown words are spelt there, by 8 bits a byte"
        ]


def _spelt(tokens: Tokens, vocabulary: Vocabulary) -> np.ndarray:
    """Return the nats (n,) that ``TextLikelihood.score`` adds for the unknown tokens of a text."""
    is_unknown = vocabulary.ids_of(tokens.distinct) == UNKNOWN_ID
    is_unknown &= (tokens.distinct != SPECIALS[UNKNOWN_ID]).to_numpy()
    n_bytes = (tokens.distinct.str.len_bytes().to_numpy().astype(np.int64) + 1) * is_unknown
    sums = np.concatenate([[0], np.cumsum(n_bytes[tokens.codes.values])])
    spelt: np.ndarray = np.diff(sums[tokens.codes.offsets]) * BITS_OF_BYTE * math.log(2)
    return spelt


def cut_into_passages(texts: pl.Series) -> pl.Series:
    r"""Cut long texts at line ends, or else at spaces, where there are too few to be drawn.

    Examples
    --------
    >>> book = cut_into_passages(pl.Series(["a line of a book\n" * 500]))
    >>> len(book), book[0].count("\n"), "".join(book) == "a line of a book\n" * 500
    (46, 11, True)
    >>> len(cut_into_passages(pl.Series(["a message"] * 30)))
    30
    """
    lengths = texts.str.len_chars()
    n_characters = int(lengths.sum())
    if len(texts) >= FEW_TEXTS and FEW_TEXTS * int(lengths.max()) <= n_characters:  # type: ignore[arg-type]
        return texts
    most = min(max(n_characters // PASSAGES, SHORTEST_PASSAGE), LONGEST_PASSAGE)
    return pl.Series([part for text in texts for part in _passages(text, most)], dtype=pl.String)


def _passages(text: str, most: int) -> list[str]:
    parts, start = [], 0
    while len(text) - start > most:
        # Not behind so little that the rest of a paragraph would make a passage of a word.
        least, end = start + most // 2, start + most
        place = text.rfind("\n", least, end) + 1
        place = place or text.rfind(" ", least, end) + 1 or end
        parts.append(text[start:place])
        start = place
    return [*parts, text[start:]] if start < len(text) or not parts else parts
