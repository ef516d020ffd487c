"""What is learned of sources and their targets, whatever the sources are."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from sklearn.utils.validation import check_is_fitted

from textseq.batches import SequenceData
from textseq.estimators.base import Prepared
from textseq.estimators.seq2seq.answers import TargetAnswers, warn_of_cuts
from textseq.estimators.seq2seq.encoding import (
    ReadPairs,
    Seq2SeqEncoding,
    Source,
    SourceEncoding,
    learn_target,
)
from textseq.estimators.seq2seq.pairs import CutPairs, GivenPairs, StoredPairs
from textseq.files import ModelFileError
from textseq.ragged import Ragged
from textseq.text.inputs import one_or_more
from textseq.text.row_forms import Field
from textseq.text.tokenizer import Tokenizer
from textseq.text.vocabulary import Vocabulary
from textseq.training.objectives import LIKELIHOOD, Objective


class PairEstimator(TargetAnswers):
    """Part of the encoder-decoders: how they learn from sources and their targets."""

    argument_names: ClassVar[tuple[str, str]] = ("src", "tgt")
    """What messages call sources and targets."""

    encoding_: Seq2SeqEncoding
    validation_fraction: float
    max_length: int | None
    min_df: int | float
    max_features: int | None

    def prepare(
        self, X: Any, y: Any = None, validation_data: tuple[Any, Any] | None = None
    ) -> Prepared:
        """Check, decide on "auto", learn the encoding and build the network: all but training.

        Parameters
        ----------
        X, y, validation_data
            Sources and targets, as ``fit`` takes them.
        """
        encoder, bidirectional = self._resolved(self._given())
        pairs = X if isinstance(X, StoredPairs) else self._pairs(X, y)
        seed = self._seed()
        rng = np.random.default_rng(seed)
        fraction = 0.0 if validation_data is not None else float(self.validation_fraction)
        rows, others = pairs.split(fraction, rng)
        learned = self._learn(pairs.to_learn(rows))
        data = learned.data
        checked = None
        if validation_data is not None:
            checked = self.encoding_.read(*self._read(*validation_data, "the validation "))
        self._build(encoder, bidirectional, data, rng)
        if len(others):
            checked = pairs.read(self.encoding_, others)
        cuts = [learned.cuts] if checked is None else [learned.cuts, checked.cuts]
        warn_of_cuts(self.encoding_, *cuts)
        return Prepared(
            self.network_,
            data,
            None if checked is None else checked.data,
            self.objective(),
            seed,
            notes={"data_sha256": pairs.sha256},
        )

    def rows(self, X: Any, y: Any = None) -> SequenceData:
        """Return what the fitted network reads of sources, and with y what it should say."""
        check_is_fitted(self, "network_")
        if y is None:
            return self.encoding_.data(self.encoding_.read_source(self.source, one_or_more(X)))
        return self.encoding_.data(*self._read(one_or_more(X), one_or_more(y)))

    def shuffled_rows(self, X: Any, y: Any, rng: np.random.Generator) -> SequenceData:
        """Return what ``rows`` does, with each source's steps in random order."""
        rows = self.rows(X, y)
        source, *target = rows.fields
        source = Ragged(source.values[source.shuffled_places(rng)], source.offsets)
        return replace(rows, fields=(source, *target))

    def _read(self, src: Any, tgt: Any, which: str = "") -> tuple[Source, Field]:
        names = tuple(f"{which}{name}" for name in self.argument_names)
        source = self.encoding_.read_source(self.source, src, names[0])
        target = self.encoding_.read_target(tgt, names[1])
        check_lengths(source, target, which, self.argument_names)
        return source, target

    def _learn(self, pairs: CutPairs) -> ReadPairs:
        """Learn vocabularies and scales from training rows; return those."""
        source, of_targets = self._learn_source(pairs), pairs.tokenizers[1]
        longest = int(pairs.target.lengths.max())
        if self.max_length is not None:
            longest = min(longest, int(self.max_length))
        learned = Seq2SeqEncoding(
            source,
            learn_target(pairs.target, of_targets, self.max_length, **self._tokens_kept),
            pairs.symbols,
            longest,
            pairs.form,
            spacing=pairs.spacing,
        )
        both = learned.read_cut(pairs.source, pairs.target)
        self.encoding_ = learned.with_facts_of(pairs.target, both)
        return both

    @property
    def _tokens_kept(self) -> dict[str, Any]:
        """Which tokens are in a vocabulary."""
        return {"min_df": self.min_df, "max_features": self.max_features}

    @abstractmethod
    def _learn_source(self, pairs: CutPairs) -> SourceEncoding:
        """Return the encoding of sources, learned from training rows."""

    @abstractmethod
    def _pairs(self, X: Any, y: Any) -> GivenPairs:
        """Return sources and targets in memory, as they can be learned from."""

    @abstractmethod
    def _build(
        self, encoder: Any, bidirectional: bool, data: SequenceData, rng: np.random.Generator
    ) -> None:
        """Decide on "auto" and build the network.

        Parameters
        ----------
        encoder : str or class
            Without shorthand.
        bidirectional : bool
        data : SequenceData
            The training rows.
        rng : numpy Generator
        """

    def objective(self) -> Objective:
        """Return what training minimises and validation scores."""
        return LIKELIHOOD

    @property
    def target_tokenizer_(self) -> Tokenizer:
        """The targets' fitted tokenizer."""
        return self.encoding_.target.tokenizer

    @property
    def target_vocabulary_(self) -> Vocabulary:
        """The targets' vocabulary, with the marks ``<bos>`` and ``<eos>``."""
        return self.encoding_.target.vocabulary

    def _own_to_json(self) -> dict[str, Any]:
        return {"encoding": self.encoding_.to_dict()}

    def _own_from_file(
        self, header: dict[str, Any], arrays: dict[str, np.ndarray], code: dict[str, Any]
    ) -> None:
        self.encoding_ = Seq2SeqEncoding.from_dict(
            header["encoding"], code["tokenizer"], code["target_tokenizer"]
        )
        if header["network"]["n_target_tokens"] != self.encoding_.target.n_ids:
            raise ModelFileError("the network and the vocabulary differ in their number of tokens")


def check_lengths(
    source: Source, target: Field, which: str = "", names: tuple[str, str] = ("src", "tgt")
) -> None:
    """Refuse more sources than targets, or fewer; ``names`` are the arguments'."""
    if len(source) != len(target):
        raise ValueError(
            f"{which}{names[0]} has {len(source)} rows but {names[1]} has {len(target)}; pass one "
            "target for each source"
        )
