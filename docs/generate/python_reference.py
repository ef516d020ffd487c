"""The reference of the Python package: a page for each public name, made from its docstrings."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import textseq

TOPICS: dict[str, tuple[str, ...]] = {
    "Classes and numbers": (
        "TextClassifier",
        "TextRegressor",
        "SeriesClassifier",
        "SeriesRegressor",
    ),
    "Forecasts": ("Forecaster", "forecast_plot"),
    "Sequences out": (
        "LanguageModel",
        "SequenceTagger",
        "Seq2Seq",
        "Captioner",
        "QuestionAnswerer",
        "Transcriber",
        "spans_of",
    ),
    "Side by side": ("compare", "compare_forecasts", "Comparison", "ForecastComparison"),
    "Instruments": (
        "gradient_flow",
        "recurrent_spectrum",
        "saturation",
        "hidden_states",
        "explain",
        "order_matters",
        "step_by_step",
        "find_learning_rate",
    ),
    "Text as data": (
        "Tokenizer",
        "Tokens",
        "Vocabulary",
        "IntegerEncoder",
        "OneHotEncoder",
        "MeanEmbedder",
        "TransformerEmbedder",
        "ApiEmbedder",
        "Ragged",
    ),
    "Word vectors": ("WordVectors", "SubwordTable", "load_vectors", "VectorFileError"),
    "Files and data": (
        "load_model",
        "ModelFileError",
        "load_sample",
        "make_shapes",
        "make_stories",
        "read_conll",
        "write_conll",
        "read_ts",
        "read_long_series",
    ),
    "Long fits": ("Checkpoint", "Distributed"),
}
"""Topics of the navigation, with the public names that belong to each."""

# What the parts of the package ask of each other: without an underscore, but not for callers.
BETWEEN_PARTS = {
    "after_writing",
    "answered_rows",
    "answers",
    "check_parameters",
    "copied",
    "fit_panel",
    "fitting",
    "forecast_panel",
    "network_kind",
    "networks",
    "new_tokenizer",
    "objective",
    "of",
    "outputs_of",
    "read",
    "reads",
    "rows_by_steps",
    "running_join",
    "shuffled_rows",
    "stream_tokenizer",
    "target_kind",
    "training_form",
    "training_options",
    "whole_ids",
    "without_head",
}


def placed_names() -> list[tuple[str, tuple[str, ...]]]:
    """Return topics and their names; a public name without a topic stands under "More".

    Examples
    --------
    >>> dict(placed_names())["Forecasts"]
    ('Forecaster', 'forecast_plot')
    """
    public = [name for name in textseq.__all__ if not name.startswith("_")]
    placed = {name for names in TOPICS.values() for name in names}
    more = tuple(name for name in public if name not in placed)
    return [*TOPICS.items(), *([("More", more)] if more else [])]


def members(value: Any) -> list[str]:
    """Return the documented methods and properties that callers of a class use."""
    found = []
    for name in dir(value):
        owner = next((one for one in value.__mro__ if name in one.__dict__), None)
        if name.startswith("_") or name in BETWEEN_PARTS or owner is None:
            continue
        member = owner.__dict__[name]
        member = getattr(member, "__func__", member)
        described = inspect.isroutine(member) or isinstance(member, property)
        if described and owner.__module__.startswith("textseq") and inspect.getdoc(member):
            found.append(name)
    # As a user meets them: fit first.
    first = [name for name in ("fit", "predict", "predict_proba", "score") if name in found]
    return [*first, *(name for name in found if name not in first)]


def call(name: str, value: Any) -> str:
    """Return how a function is called, a parameter a line where one line is not enough.

    Examples
    --------
    >>> call("load_sample", textseq.load_sample)
    'load_sample(name)'
    """
    signature = inspect.signature(value)
    bare = [one.replace(annotation=one.empty) for one in signature.parameters.values()]
    shown = str(signature.replace(parameters=bare, return_annotation=signature.empty))
    if len(name + shown) <= 88:
        return name + shown
    lines, star = [], False
    for one in bare:
        if one.kind is one.KEYWORD_ONLY and not star:
            lines, star = [*lines, "*"], True
        lines.append(str(one))
    return "\n".join([f"{name}(", *(f"    {line}," for line in lines), ")"])


def page(name: str) -> str:
    """Return the page of one public name, in Markdown that mkdocstrings fills."""
    value = getattr(textseq, name)
    home = f"{value.__module__}.{value.__qualname__}"
    code = f"from textseq import {name}"
    if not inspect.isclass(value):
        code += f"\n\n{call(name, value)}"
    lines = [f"# {name}", "", f"```python\n{code}\n```", "", f"::: {home}"]
    if inspect.isclass(value):
        lines += ["    options:", "      members:"]
        lines += [f"        - {member}" for member in members(value)] or ["        []"]
        if not members(value):
            lines[-2:] = ["      members: []"]
    return "\n".join(lines) + "\n"


def index(folder_titles: list[tuple[str, tuple[str, ...]]]) -> str:
    """Return the page that lists all public names with their first sentences."""
    lines = [
        "# Python reference",
        "",
        "Every public name of `textseq`, with its parameters, what it returns and an example that "
        'the tests run. Parameters of `"auto"` are decided from the data; `fitted_parameters_` '
        "tells what was decided.",
    ]
    for topic, names in folder_titles:
        lines += ["", f"## {topic}", "", "| name | what it is |", "|---|---|"]
        for name in names:
            text = (inspect.getdoc(getattr(textseq, name)) or "").split("\n\n")[0]
            lines.append(f"| [`{name}`]({name}.md) | {' '.join(text.split())} |")
    return "\n".join(lines) + "\n"


def write(folder: Path) -> list[Any]:
    """Write the pages into ``folder``/python and return their part of the navigation."""
    pages = folder / "python"
    pages.mkdir()
    (pages / "index.md").write_text(index(placed_names()))
    navigation: list[Any] = ["python/index.md"]
    for topic, names in placed_names():
        for name in names:
            (pages / f"{name}.md").write_text(page(name))
        navigation.append({topic: [{name: f"python/{name}.md"} for name in names]})
    return navigation
