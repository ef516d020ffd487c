"""The one file of an estimator that reads texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from textseq.estimators.base import arrays_of, header_of
from textseq.estimators.encoding.pretrained_transformer import PretrainedTransformer, part_of
from textseq.estimators.encoding.text import TextEncoding
from textseq.estimators.sequence.wide_estimator import WideEstimator
from textseq.files import ModelFileError, StrPath, write_model


class TextModelFile(WideEstimator):
    """Part of the estimators that read texts: what their file holds, and what it leaves out."""

    pretrained: Any

    @property
    def _frozen(self) -> bool:
        """Whether a transformer stays as it is."""
        of_transformer = self.architecture_.get("transformer") is not None
        return of_transformer and self.fitted_parameters_["unfreeze"] == "none"

    def _own_to_json(self) -> dict[str, Any]:
        targets = self._targets_to_json() if self.architecture_["n_outputs"] else None
        own = {"encoding": self.encoding_.to_dict(), "targets": targets}
        return own | super()._own_to_json()

    def _own_from_file(
        self, header: dict[str, Any], arrays: dict[str, np.ndarray], code: dict[str, Any]
    ) -> None:
        self.encoding_ = TextEncoding.from_dict(header["encoding"], code["tokenizer"])
        if header["network"]["n_tokens"] != self.encoding_.n_ids:
            raise ModelFileError("the network and the vocabulary differ in their number of tokens")
        if header["network"].get("n_columns", 0) != self.encoding_.n_columns:
            raise ModelFileError("the network and the encoding differ in their number of columns")
        if header["targets"] is not None:
            self._targets_from_json(header["targets"])
        super()._own_from_file(header, arrays, code)

    def save(
        self,
        path: StrPath | BinaryIO,
        features_only: bool = False,
        *,
        pretrained_weights: bool = True,
    ) -> Path | None:
        """Write the whole model to one file; ``load_model`` opens it.

        Parameters
        ----------
        path : path-like, or file open for writing bytes
            A file of that name is replaced; it stays whole if writing fails.
        features_only : bool, default False
            Leave out the head and what it says of labels or numbers. What ``load_model`` opens
            can ``transform``, and be another model's ``pretrained``, but not predict.
        pretrained_weights : bool, default True
            False leaves out the weights of a frozen transformer: the file then names its folder
            and their SHA-256, and ``load_model`` reads them there, and checks them.

        Returns
        -------
        Path or None
            None for an open file.

        Raises
        ------
        ValueError
            If weights are to be left out that are no longer those of a folder.
        """
        check_is_fitted(self, "network_")
        bare = self.without_head() if features_only else self
        if pretrained_weights:
            return super(TextModelFile, bare).save(path)
        if not self._frozen:
            raise ValueError(
                "pretrained_weights=False leaves out a transformer that stays as it is in its "
                "folder, and this model has none: it holds weights that a fit has changed; leave "
                "pretrained_weights out, or fit with unfreeze='none'"
            )
        part = f"{part_of(bare.network_)}."
        arrays = {
            name: array
            for name, array in arrays_of(bare).items()
            if name != "inputs.weight" and not name.startswith(part)
        }
        source, sha256 = str(self.pretrained), self.fitted_parameters_["pretrained"]
        header = header_of(bare) | {"pretrained": {"source": source, "sha256": sha256}}
        return write_model(path, type(self).__name__, header, arrays)

    def _weights_elsewhere(self, header: dict[str, Any], code: dict[str, Any]) -> dict[str, Tensor]:
        if header.get("pretrained") is None:
            return {}
        source = code["pretrained"] or header["pretrained"]["source"]
        try:
            opened = PretrainedTransformer.open(source)
        except ValueError as error:
            raise ModelFileError(
                f"the file leaves out the weights of its transformer, and {error}; or pass "
                "load_model(path, pretrained=FOLDER)"
            ) from error
        if opened.folder.sha256 != header["pretrained"]["sha256"]:
            raise ModelFileError(
                f"the files of {str(source)!r} are others than those this model was fitted with; "
                "pass load_model(path, pretrained=FOLDER) with those"
            )
        network = header["network"]
        part = "contextual" if network["representation"] == "transformer" else "encoder"
        return opened.weights(network["n_tokens"], part)
