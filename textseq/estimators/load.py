"""Open a model file as the estimator it was."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from textseq.estimators.base import OWN, TrainedEstimator, member_mark
from textseq.estimators.declared import parameters_of
from textseq.files import ModelFileError, StrPath, name_of, read_model
from textseq.nn.initialization import without_values
from textseq.nn.trainable import Trainable
from textseq.training.threads import ThreadTeam

N = TypeVar("N", bound=Trainable)

# A closed list: a file can name nothing else. Modules are named, since estimators that start from
# a saved one import this file.
KINDS = {
    "Captioner": "textseq.estimators.captioning.captioner",
    "SeriesClassifier": "textseq.estimators.sequence.series",
    "SeriesRegressor": "textseq.estimators.sequence.series",
    "Forecaster": "textseq.estimators.forecasting.forecaster",
    "LanguageModel": "textseq.estimators.language.model",
    "SequenceTagger": "textseq.estimators.tagging.tagger",
    "Seq2Seq": "textseq.estimators.seq2seq.model",
    "QuestionAnswerer": "textseq.estimators.answering.answerer",
    "TextClassifier": "textseq.estimators.sequence.text",
    "TextRegressor": "textseq.estimators.sequence.text",
    "Transcriber": "textseq.estimators.transcription.transcriber",
}


def kind_named(name: str) -> type[TrainedEstimator]:
    """Return the estimator of one of the names in ``KINDS``."""
    kind: type[TrainedEstimator] = getattr(importlib.import_module(KINDS[name]), name)
    return kind


def load_model(
    path: StrPath | bytes | BinaryIO,
    *,
    tokenizer: Callable[[str], list[str]] | None = None,
    target_tokenizer: Callable[[str], list[str]] | None = None,
    encoder: type[nn.Module] | None = None,
    pretrained: StrPath | None = None,
) -> Any:
    """Open a model file as a fitted estimator.

    Parameters
    ----------
    path : path-like, bytes, or file open for reading bytes
        What ``save`` wrote.
    tokenizer : callable, optional
        The caller's own tokenizer, if the model was fitted with one: a model
        file holds no code.
    target_tokenizer : callable, optional
        Of a Seq2Seq's targets, if that is another one.
    encoder : nn.Module subclass, optional
        The caller's own encoder, likewise.
    pretrained : path-like, optional
        The folder of the transformer whose weights the file leaves out, if it is no longer where
        it was.

    Returns
    -------
    estimator
        Of the kind that was saved.

    Raises
    ------
    ModelFileError
        If the file is missing, damaged, no textseq model, or needs ``tokenizer``
        or ``encoder``.

    Examples
    --------
    >>> import tempfile
    >>> from textseq import TextClassifier
    >>> texts, labels = ["good film", "bad film"] * 20, ["pos", "neg"] * 20
    >>> model = TextClassifier(encoder="mean", random_state=0).fit(texts, labels)
    >>> path = model.save(f"{tempfile.mkdtemp()}/film.textseq")
    >>> load_model(path).predict(["a good film"]).tolist()
    ['pos']
    """
    kind, header, arrays = read_model(path)
    try:
        if kind not in KINDS:
            raise ModelFileError(f"unknown model kind {kind!r}; upgrade textseq")
        parameters = _as_given(kind_named(kind), header["parameters"])
        own = {
            "tokenizer": tokenizer,
            "encoder": encoder,
            "target_tokenizer": target_tokenizer,
            "pretrained": pretrained,
        }
        given = {
            name: code for name, code in own.items() if code is not None and name in parameters
        }
        estimator = kind_named(kind)(**parameters | given)
        _restore(estimator, header, arrays, own)
    except ModelFileError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError, OverflowError) as error:
        raise ModelFileError(f"{name_of(path)} can't be rebuilt: {error}") from error
    return estimator


def _restore(
    estimator: TrainedEstimator,
    header: dict[str, Any],
    arrays: dict[str, np.ndarray],
    code: dict[str, Any],
) -> None:
    """Fill a new estimator from a model file's header and arrays.

    Parameters
    ----------
    estimator : TrainedEstimator
    header : dict
    arrays : dict of str to ndarray
    code : dict
        The caller's own "tokenizer", "target_tokenizer", "encoder" and "pretrained", which no
        file holds; None where there is none.
    """
    own = {name.removeprefix(OWN): arrays[name] for name in arrays if name.startswith(OWN)}
    arrays = {name: array for name, array in arrays.items() if not name.startswith(OWN)}
    estimator._own_from_file(header, own, code)
    architecture = dict(header["network"])
    if code["encoder"] is not None:
        architecture["encoder"] = code["encoder"]
    elif str(architecture["encoder"]).startswith("class "):
        raise ModelFileError(
            f"the model uses the caller's own encoder ({architecture['encoder']}), and a model "
            "file holds no code: pass load_model(path, encoder=...)"
        )
    weights = {name: torch.from_numpy(array) for name, array in arrays.items()}
    weights |= estimator._weights_elsewhere(header, code)
    n_members, others = 1, []
    while mine := _marked(weights, member_mark(n_members + 1)):
        others.append(mine)
        n_members += 1
    estimator.others_ = tuple(_network(estimator.network_kind, architecture, own) for own in others)
    estimator.network_ = _network(estimator.network_kind, architecture, weights)
    estimator.architecture_ = architecture
    estimator.fitted_parameters_ = _as_given(type(estimator), header["fitted_parameters"])
    estimator.history_ = pd.DataFrame(header["history"])
    estimator.interrupted_ = header["interrupted"]
    estimator.receipt_ = header["receipt"]


def _marked(weights: dict[str, Tensor], mark: str) -> dict[str, Tensor]:
    """Take the weights out whose names begin so, and return them by the rest of their names."""
    names = [name for name in weights if name.startswith(mark)]
    return {name.removeprefix(mark): weights.pop(name) for name in names}


def _network(kind: type[N], architecture: dict[str, Any], weights: dict[str, Tensor]) -> N:
    """Build a fitted network."""
    transformer = architecture.get("transformer") or {"n_layers": 0}
    n_layers = architecture["num_layers"] + len(architecture.get("head_sizes", ()))
    n_layers = max(n_layers, transformer["n_layers"])
    if n_layers > len(weights):  # refuse before building that many
        raise ModelFileError(f"{n_layers} layers, but {len(weights)} arrays")
    # On the "meta" device nothing is allocated, whatever sizes the header claims.
    with ThreadTeam(1), without_values(), torch.device("meta"):
        network = kind(**architecture)
    network.load_state_dict(weights, strict=True, assign=True)
    return network.requires_grad_(False).eval()


def _as_given(kind: type, stored: dict[str, Any]) -> dict[str, Any]:
    """Return parameters as they were; JSON has no tuples."""
    several = {name for name, one in parameters_of(kind).items() if one.rule.several}
    return {
        name: tuple(value) if name in several and isinstance(value, list) else value
        for name, value in stored.items()
    }
