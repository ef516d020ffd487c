"""Open a model file as the estimator it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

from torch import nn

from textseq.estimators.forecaster import Forecaster
from textseq.estimators.language_model import LanguageModel
from textseq.estimators.saved_model import read_parameters, restore
from textseq.estimators.seq2seq import Seq2Seq
from textseq.estimators.sequence_tagger import SequenceTagger
from textseq.estimators.series_classifier import SeriesClassifier
from textseq.estimators.series_regressor import SeriesRegressor
from textseq.estimators.text_classifier import TextClassifier
from textseq.estimators.text_regressor import TextRegressor
from textseq.estimators.trained_estimator import TrainedEstimator
from textseq.files import ModelFileError, StrPath, name_of, read_model

# A closed list: a file can name nothing else.
KINDS: dict[str, type[TrainedEstimator]] = {
    "SeriesClassifier": SeriesClassifier,
    "SeriesRegressor": SeriesRegressor,
    "Forecaster": Forecaster,
    "LanguageModel": LanguageModel,
    "SequenceTagger": SequenceTagger,
    "Seq2Seq": Seq2Seq,
    "TextClassifier": TextClassifier,
    "TextRegressor": TextRegressor,
}


def load_model(
    path: StrPath | bytes | BinaryIO,
    *,
    tokenizer: Callable[[str], list[str]] | None = None,
    target_tokenizer: Callable[[str], list[str]] | None = None,
    encoder: type[nn.Module] | None = None,
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
        parameters = read_parameters(header["parameters"])
        own = {"tokenizer": tokenizer, "encoder": encoder, "target_tokenizer": target_tokenizer}
        given = {
            name: code for name, code in own.items() if code is not None and name in parameters
        }
        estimator = KINDS[kind](**parameters | given)
        restore(estimator, header, arrays, own)
    except ModelFileError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError, OverflowError) as error:
        raise ModelFileError(f"{name_of(path)} can't be rebuilt: {error}") from error
    return estimator
