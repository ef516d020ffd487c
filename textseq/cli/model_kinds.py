"""Which command takes which kind of model."""

from __future__ import annotations

from typing import Any

_COMMANDS = {
    "SequenceTagger": "`textseq tag {path} TEXTS` tags with it, `textseq evaluate` scores it, "
    "`textseq inspect` looks into it",
    "LanguageModel": "`textseq generate {path}` writes with it, `textseq evaluate` scores it, "
    "`textseq inspect` looks into it",
    "Seq2Seq": "`textseq predict` and `textseq translate {path}` translate with it if it reads "
    "texts, `textseq evaluate` scores it, and `textseq inspect` looks into it",
    "Transcriber": "`textseq transcribe {path} FILES` transcribes with it",
    "Captioner": "it says what images show in Python: load_model({path!r}).predict(images)",
    "QuestionAnswerer": "`textseq answer {path} QUESTION` answers with it",
    "Forecaster": "`textseq predict` forecasts with it, `textseq forecast` compares others like it",
}
_TEXTS = "`textseq predict`, `evaluate` and `inspect` take it"
_SERIES = "`textseq predict` and `evaluate` take it"


def not_for(command: str, path: str, estimator: Any) -> ValueError:
    """Return the error of a model that a command has no use for; it names those that have.

    Examples
    --------
    >>> from textseq import TextClassifier
    >>> str(not_for("generate", "m.textseq", TextClassifier())).split(": ")[1]
    '`textseq predict`, `evaluate` and `inspect` take it'
    """
    kind = type(estimator).__name__
    way = _COMMANDS.get(kind, _SERIES if kind.startswith("Series") else _TEXTS).format(path=path)
    return ValueError(f"{path} is a {kind}, which `textseq {command}` has no use for: {way}")
