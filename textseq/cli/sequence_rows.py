"""What ``textseq compare --task`` reads: tagged tokens, pairs of texts, running texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from textseq.cli import options
from textseq.cli.lm import read_running
from textseq.cli.tag import read_tagged

if TYPE_CHECKING:
    from textseq.estimators.base import TrainedEstimator

# Named as the commands that fit one such model.
TASKS = ("tag", "translate", "lm")
LINES_OF_TOKENS = (".conll", ".conllu", ".iob", ".bio")
# Options that only some tasks have, beside that of classes and numbers.
_HAVE = {
    "tag": ("vectors",),
    "translate": ("tokenizer", "text", "label"),
    "lm": ("vectors", "tokenizer", "text"),
}


def task_of(task: str | None, data: str, given: Mapping[str, Any]) -> str | None:
    """Return the task that is named, or told by a file of tagged tokens; None is classes.

    Parameters
    ----------
    task : str or None
    data : str
        Where rows are read from.
    given : dict of an option's name to its value
        Those that some tasks lack; what was not given has no truth.

    Raises
    ------
    ValueError
        If there is no such task, or it lacks one of the options.
    """
    if task is None and data.lower().removesuffix(".gz").endswith(LINES_OF_TOKENS):
        task = "tag"
    if task is None:
        return None
    if task not in TASKS:
        raise ValueError(f"--task {task}: choose from {', '.join(TASKS)}; without, classes")
    lacking = [name for name, value in given.items() if value and name not in _HAVE[task]]
    if lacking:
        raise ValueError(f"--{lacking[0].replace('_', '-')} is not for --task {task}; leave it out")
    return task


def read_rows(
    task: str, source: str, text: list[str] | None, label: str | None, form: options.TableForm
) -> tuple[Any, Any]:
    """Read X and y of a task; a language model has no y."""
    if task == "tag":
        return read_tagged(source, form.encoding)
    if task == "lm":
        return read_running(source, text, form), None
    columns = text or ["source"]
    if len(columns) > 1:
        raise ValueError("--text is given more than once; a translator reads one column")
    return options.read_xy(source, columns, label or "target", form)


def sequence_estimator(
    task: str, *, tokenizer: str | None, epochs: int | None, **parameters: Any
) -> TrainedEstimator:
    """Build an unfitted estimator of a task; what was not given stays for it to decide."""
    from textseq.estimators.language.model import LanguageModel
    from textseq.estimators.seq2seq.model import Seq2Seq
    from textseq.estimators.tagging.tagger import SequenceTagger

    if epochs is not None:
        parameters["max_epochs"] = epochs
    if task == "tag":
        return SequenceTagger(**parameters)
    if task == "translate":
        return Seq2Seq(tokenizer=tokenizer or "word", **parameters)
    return LanguageModel(tokenizer or "word", **parameters)
