"""Translators side by side: a text, or symbols, for each source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator

from textseq.comparison.scores.run import Run
from textseq.comparison.sequences.baselines import CommonestTarget, CopySource, NearestSource
from textseq.comparison.sequences.data import ComparedSequences
from textseq.comparison.sequences.measures import Measure, bleu, chrf, share
from textseq.estimators.base import TrainedEstimator
from textseq.estimators.encoding.text_rows import Field, TextRows, take_field
from textseq.estimators.seq2seq.encoding import (
    Source,
    groups_of,
    one_target,
    read_source,
)
from textseq.estimators.seq2seq.model import Seq2Seq
from textseq.estimators.seq2seq.scores import corpus_score, plain_text
from textseq.message_language import number_of
from textseq.ragged import Ragged
from textseq.text.row_forms import read_rows
from textseq.text.tokens import Tokens

# Where the counts of each score stand.
_EXACT, _BLEU, _CHRF = slice(0, 2), slice(2, 12), slice(12, 30)
EXACT = Measure("exact_match", share(0, 1))
CHRF = Measure("chrf", lambda counts: chrf(counts[..., _CHRF]))
# Of shorter targets, on average, few have runs of four words for BLEU to look at.
FEW_WORDS = 4


@dataclass(frozen=True, eq=False)
class SequencePairs(ComparedSequences):
    """Sources and their targets.

    Parameters
    ----------
    source : Series, Tokens or Ragged
        Texts, tokens, or the numbers of series or vectors.
    target : Series or Tokens
    kind : {"text", "series", "vector"}
        As ``Seq2Seq.source`` has it.
    """

    task = "texts"
    estimator = Seq2Seq
    encoders = ("lstm", "bilstm")

    source: Source
    target: Field
    kind: str

    @classmethod
    def read(cls, X: Any, y: Any, estimator: TrainedEstimator, name: str = "") -> Self:
        """Check sources and targets."""
        kind = str(estimator.get_params(deep=False).get("source", "text"))
        source = read_source(kind, X, f"{name}X")
        target = one_target(read_rows(y, f"{name}y"), f"{name}y")
        if len(source) != len(target):
            raise ValueError(
                f"{name}X has {len(source)} rows but {name}y has {len(target)}; pass one target "
                "for each source"
            )
        return cls(source, target, kind)

    @property
    def unit(self) -> str:
        """What one row is called."""
        return "pair"

    def __len__(self) -> int:
        return len(self.target)

    def take(self, rows: np.ndarray) -> Self:
        """Return some of the pairs."""
        return type(self)(self.source.take(rows), take_field(self.target, rows), self.kind)

    @property
    def given(self) -> tuple[Any, ...]:
        """Sources and targets as ``Seq2Seq`` reads them."""
        return self._numbers if isinstance(self.source, Ragged) else self._texts, self.target

    @property
    def _texts(self) -> Any:
        """Sources that are texts, or tokens; of two texts a row the pairs."""
        assert isinstance(self.source, TextRows)
        fields = self.source.fields
        return fields[0] if len(fields) == 1 else list(zip(*fields, strict=True))

    @property
    def _numbers(self) -> Any:
        assert isinstance(self.source, Ragged)
        if self.kind == "vector":
            return self.source.values.reshape(len(self), -1)
        return [self.source[row].T for row in range(len(self))]

    def groups(self) -> np.ndarray | None:
        """Return a number for each source; None where none has several targets."""
        numbers = groups_of(self.source)
        return numbers if int(numbers.max()) + 1 < len(numbers) else None

    def shown(self) -> list[str]:
        """Return the sources, tokens apart by spaces; of numbers their places."""
        if isinstance(self.source, Ragged):
            return [f"{self.kind} {number_of(row)}" for row in range(len(self))]
        parts = [_written(field) for field in self.source.fields]
        return [" / ".join(row) for row in zip(*parts, strict=True)]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """BLEU, chrF and the share of exact answers; of very short targets chrF comes first."""
        effective = self._signature["eff"] == "yes"
        of_words = Measure("bleu", lambda counts: bleu(counts[..., _BLEU], effective))
        n_words = sum(len(text.split()) for text in _written(self.target))
        long = n_words >= FEW_WORDS * len(self)
        return (of_words, CHRF, EXACT) if long else (CHRF, EXACT, of_words)

    @cached_property
    def _signature(self) -> dict[str, str]:
        """How ``Seq2Seq.bleu`` scores answers to these targets, as its signature says."""
        targets = self.target.to_lists() if isinstance(self.target, Tokens) else self.target
        signature = corpus_score("bleu", list(targets), list(targets), lowercase=False).signature
        return dict(part.split(":", 1) for part in signature.split("|"))

    def baselines(self, template: TrainedEstimator) -> Mapping[str, BaseEstimator]:
        """Return the source as it is, where it can be an answer, and the nearest source's target.

        Of numbers the commonest target.
        """
        if isinstance(self.source, Ragged):
            return {"commonest target": CommonestTarget()}
        if len(self.source.fields) > 1:
            return {"commonest target": CommonestTarget()}
        alike = isinstance(self.source.fields[0], Tokens) == isinstance(self.target, Tokens)
        copied: dict[str, BaseEstimator] = {"copy of the source": CopySource()} if alike else {}
        return copied | {"nearest source": NearestSource()}

    def answers(self, model: Any, X: Any) -> np.ndarray:
        """Return the texts said; symbols are put apart by spaces."""
        return np.array([_one_text(said) for said in model.predict(X)], dtype=object)

    def about(self, model: Any, X: Any) -> dict[str, Any]:
        """Tell whether the model's answers have lost their capitals."""
        if not isinstance(model, Seq2Seq) or model.encoding_.symbols:
            return {}
        return {"notes": {"lowercase": bool(model.target_tokenizer_.lowercase)}}

    def settings(self, runs: list[Run]) -> dict[str, Any]:
        """Let case count for nothing in any row where one answers in lower case alone."""
        return {"lowercase": any(run.notes.get("lowercase", False) for run in runs)}

    def counts(self, run: Run, settings: Mapping[str, Any]) -> np.ndarray:
        """Return exact answers and all; sacrebleu's counts for BLEU and chrF, (n, 30)."""
        from sacrebleu.metrics import BLEU as Bleu
        from sacrebleu.metrics import CHRF as Chrf

        said, targets = run.predictions.tolist(), _written(self.target)
        lower = bool(settings["lowercase"])
        exact = [
            plain_text(one, lower) == plain_text(other, lower)
            for one, other in zip(said, targets, strict=True)
        ]
        tokenize, symbols = self._signature["tok"], isinstance(self.target, Tokens)
        scorers = Bleu(lower, tokenize=tokenize, force=symbols), Chrf(lowercase=lower)
        found = [scorer._extract_corpus_statistics(said, [targets]) for scorer in scorers]
        parts = (np.array(exact)[:, None], np.ones((len(said), 1)), *map(np.array, found))
        return np.concatenate(parts, axis=1, dtype=np.float64)

    def targets(self) -> np.ndarray:
        """Return the targets as texts."""
        return np.array(_written(self.target), dtype=object)


def _written(field: Field) -> list[str]:
    texts = field.joined(" ") if isinstance(field, Tokens) else field
    return texts.to_list()


def _one_text(said: Any) -> str:
    return said if isinstance(said, str) else " ".join(said)
