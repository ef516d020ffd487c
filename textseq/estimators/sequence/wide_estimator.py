"""What the estimators of texts share that may have a wide path beside their network."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from textseq.batches import SequenceData
from textseq.corpus.source import is_text_source, open_source
from textseq.estimators.base import arrays_of, copied
from textseq.estimators.encoding.text import TextEncoding
from textseq.estimators.encoding.text_rows import TextRows
from textseq.estimators.sequence.estimator import SequenceEstimator
from textseq.estimators.sequence.fit_rows import ValidationRows
from textseq.estimators.sequence.members import JudgedMembers
from textseq.estimators.sequence.wide_path import (
    LONGEST_OF_CHARACTERS,
    LONGEST_OF_WORDS,
    Shares,
    WidePath,
    WideRows,
    fit_beside,
)
from textseq.files import weights_checksum
from textseq.nn.heads import Head
from textseq.ragged import Ragged
from textseq.text.inputs import one_or_more
from textseq.training.objectives import Objective
from textseq.training.threads import ThreadTeam, thread_count


@dataclass(frozen=True, eq=False)
class PreparedTexts(JudgedMembers):
    """All that a fit to texts has decided.

    Parameters
    ----------
    labelled : ndarray
        Numbers of the rows of X that it learns from.
    wide : WideRows, optional
        What a wide path is fitted to, where one is to be.
    """

    labelled: np.ndarray = field(kw_only=True)
    wide: WideRows | None = field(kw_only=True, default=None)


class WideEstimator(SequenceEstimator):
    """Base of the estimators whose outputs are those of a network and of a wide path together."""

    text_columns: Any
    encoding_: TextEncoding
    wide_: WidePath | None

    def _given_rows(self, X: Any) -> TextRows:
        """Read what ``fit`` was given, as the fit did from which this one goes on."""
        return self.encoding_.rows(X) if self._goes_on else TextRows.read(X, "X", self.text_columns)

    def _with_wide(
        self,
        prepared: JudgedMembers,
        whole: SequenceData,
        parts: Sequence[tuple[np.ndarray, np.ndarray]],
        given: ValidationRows | None,
        labelled: np.ndarray,
    ) -> PreparedTexts:
        """Add what a wide path is fitted to, where one is to be.

        Parameters
        ----------
        prepared : JudgedMembers
        whole : SequenceData
            All rows of X, uncut.
        parts : sequence of (ndarray, ndarray)
            Numbers of the rows that each network learns from, and of those split off.
        given : ValidationRows, optional
            Those that the caller gave instead.
        labelled : ndarray
            As ``PreparedTexts`` has them.
        """
        if self.fitted_parameters_["wide"] is None or (self._goes_on and self.wide_ is None):
            self.wide_ = None
            return PreparedTexts(**vars(prepared), labelled=labelled)
        # A path that goes on has learned of the rows that chose its shares: the same rows again
        # would tell it what it knows.
        if not self._goes_on or self._learned_of(prepared):
            self.wide_ = None
        if len(whole.fields) > 1:
            raise ValueError(
                "wide='ngrams' reads one text a row, and X has pairs of them; set wide=None"
            )
        wide = WideRows.within(whole, parts, self._longest_ngram)
        if given is not None:
            ids = self.whole_ids(given.X, "the validation X")
            behind = np.arange(len(wide.data), len(wide.data) + len(given))
            every = wide.data.followed_by(replace(given.data, fields=ids))
            (rows, _), *_ = wide.parts
            wide = WideRows(every, ((rows, behind),), own_validation=False)
        return PreparedTexts(**vars(prepared), labelled=labelled, wide=wide)

    @property
    def _longest_ngram(self) -> int:
        """Most tokens in an n-gram of the wide path."""
        characters = self.encoding_.tokenizer.kind == "char"
        return LONGEST_OF_CHARACTERS if characters else LONGEST_OF_WORDS

    def _fit_beside(
        self, prepared: JudgedMembers, objective: Objective, outputs: np.ndarray | None
    ) -> np.ndarray | None:
        if not isinstance(prepared, PreparedTexts) or prepared.wide is None:
            return outputs
        # Ctrl-C may have kept networks from learning.
        rows = replace(prepared.wide, parts=prepared.wide.parts[: 1 + len(prepared.others)])
        self.wide_, outputs = fit_beside(
            rows,
            outputs,
            *self.target_kind(),
            n_tokens=len(self.encoding_.vocabulary),
            longest=self._longest_ngram,
            objective=objective,
            label_weights=self._label_weights,
            n_threads=thread_count(self.n_threads),
            start=self.wide_,
        )
        self._scale_head(self.wide_.shares.network)
        self.receipt_ |= {
            "weights_sha256": weights_checksum(arrays_of(self)),
            "wide": {"features": len(self.wide_.features), **self.wide_.shares._asdict()},
        }
        if outputs is not None:
            assert prepared.judged is not None and prepared.judged.data.targets is not None
            truth = prepared.judged.data.targets, prepared.judged.data.weights
            self.receipt_["validation_score"] = objective.score(outputs, *truth)
        return outputs

    def _scale_outputs(self, factor: float) -> None:
        if self.wide_ is not None:
            self.wide_ = self.wide_.sharing(Shares(factor, factor))
        super()._scale_outputs(factor)

    def _go_on(self, parameters: dict[str, Any]) -> None:
        super()._go_on(parameters)
        if self.wide_ is not None:  # the network learns with its outputs as they were
            temperature = self.receipt_.get("temperature", 1.0)
            self.wide_ = self.wide_.sharing(Shares(temperature, temperature))
            self._scale_head(1 / self.wide_.shares.network)

    def _grow_outputs(self, places: np.ndarray, n_outputs: int) -> None:
        super()._grow_outputs(places, n_outputs)
        if self.wide_ is not None:
            self.wide_ = self.wide_.grown(places, n_outputs)

    def outputs_of(
        self, fields: tuple[Ragged, ...], columns: np.ndarray | None = None
    ) -> np.ndarray:
        """Return the outputs of the network, and of a wide path, (1 or 2, n, n_outputs)."""
        data = SequenceData(tuple(map(self.encoding_.shortened, fields)), columns=columns)
        parts = [self._network_outputs(data)]
        if self.wide_ is not None:
            (whole,) = fields
            parts.append(self.wide_.outputs(whole))
        return np.stack(parts)

    def _outputs(self, X: Any) -> np.ndarray:
        if is_text_source(X):
            if self.encoding_.beside is not None:
                raise ValueError(
                    "the model reads columns beside its texts, and of a file texts alone are read; "
                    "pass frames of some rows at a time"
                )
            source = open_source(X, self.encoding_.columns)
            frames = (frame.select(source.texts) for frame in source.batches())
            return np.concatenate([self._outputs(frame) for frame in frames])
        rows = self.encoding_.rows(one_or_more(X))
        parts = self.outputs_of(self.whole_ids(rows), self.encoding_.numbers(rows))
        together: np.ndarray = parts.sum(0)
        return together

    def without_wide(self) -> Self:
        """Return the fitted network alone, as it was before it shared with the wide path.

        Examples
        --------
        >>> from textseq import TextClassifier
        >>> model = TextClassifier(encoder="mean", wide="ngrams", max_epochs=2, random_state=0)
        >>> model = model.fit(["so good", "so bad"] * 20, [1, 0] * 20)
        >>> model.wide_ is not None, model.without_wide().wide_ is None
        (True, True)
        """
        check_is_fitted(self, "network_")
        if self.wide_ is None:
            return copy(self)
        alone = copy(self)
        alone._forget_calibration()
        alone.network_, *others = map(copied, self.networks)
        alone.others_ = tuple(others)
        alone._scale_head(1 / self.wide_.shares.network)
        alone.wide_ = None
        return alone

    def without_head(self) -> Self:
        """Return what gives features alone: nothing to predict with, nor a wide path."""
        bare = copy(self)
        bare._forget_calibration()
        bare.architecture_ = self.architecture_ | {"n_outputs": 0, "head_sizes": []}
        bare.network_, *others = map(copied, self.networks)
        bare.others_ = tuple(others)
        with ThreadTeam(1):
            for network in bare.networks:
                head = network.head
                network.head = Head(head.in_features, 0, n_columns=head.n_columns)
                network.head.requires_grad_(False)
        bare.wide_ = None
        return bare

    @property
    def n_parameters_(self) -> int:
        """Number of weights that training could change, words beyond its texts left out."""
        n_network = super().n_parameters_
        if self.wide_ is None:
            return n_network
        return n_network + self.wide_.weights.size + self.wide_.bias.size

    def whole_ids(self, X: Any, name: str = "X") -> tuple[Ragged, ...]:
        """Return the ids of whole texts, of one column or two; ``X`` is ``name`` in errors."""
        fields = self.encoding_.rows(one_or_more(X), name).fields
        return tuple(map(self.encoding_.vocabulary.encode, self.encoding_.tokens(fields)))

    def _own_to_json(self) -> dict[str, Any]:
        return {} if self.wide_ is None else {"wide": self.wide_.to_dict()}

    def _own_arrays(self) -> dict[str, np.ndarray]:
        return super()._own_arrays() | ({} if self.wide_ is None else self.wide_.arrays())

    def _own_from_file(
        self, header: dict[str, Any], arrays: dict[str, np.ndarray], code: dict[str, Any]
    ) -> None:
        super()._own_from_file(header, arrays, code)
        self.wide_ = None
        if header.get("wide") is not None:
            n_outputs = header["network"]["n_outputs"]
            self.wide_ = WidePath.from_file(header["wide"], arrays, n_outputs)
