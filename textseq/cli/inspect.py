"""``textseq inspect``: what a fitted network does as it reads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textseq.cli import options
from textseq.cli.columns import as_fitted, columns_of, texts_of_model
from textseq.cli.model_kinds import not_for
from textseq.cli.options import examples
from textseq.cli.receipts import best_epochs

if TYPE_CHECKING:
    from rich.console import Console

    from textseq.inspection.page import Group
    from textseq.inspection.result import Inspection

    Instruments = dict[str, Callable[[], Inspection]]
    LookedAt = tuple[str, str | None, Instruments]

# These need states that are carried from step to step.
_OF_RECURRENT_NETWORKS = ("recurrent spectrum", "gradient flow", "saturation")

EXAMPLES = examples(
    "textseq inspect stars.textseq",
    "textseq inspect stars.textseq test.csv --text review --label stars --out page.html",
    "textseq inspect stars.textseq --explain 'not a good film' --explain 'good , and not long'",
)


def inspect(
    model: options.Model,
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="DATA",
            help="Texts with their labels, best such as the model was not fitted to: CSV, TSV, "
            "Parquet or JSON lines (also .gz); - reads standard input.",
            show_default=False,
        ),
    ] = None,
    text: options.MaybeText = None,
    label: Annotated[
        str | None,
        typer.Option(
            "--label", "-l", metavar="COLUMN", help="Column to check.", show_default="label"
        ),
    ] = None,
    explain: Annotated[
        list[str],
        typer.Option("--explain", "-e", metavar="TEXT", help="Text to follow token by token."),
    ] = [],  # noqa: B006
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="HTML page to write.")
    ] = None,
    threads: options.Threads = None,
    encoding: options.Encoding = "utf-8",
    separator: options.Separator = None,
    empty: options.Empty = "error",
) -> None:
    """Print what the instruments find in a model: its weights, its gradients, how it reads.

    The recurrent weights need nothing but the model. With DATA, the gradient
    through time, saturated units and the worth of word order are measured, too;
    with --explain, what each token of a text adds to the answer.
    """
    options.check_outputs(out, None)
    form = options.TableForm(encoding, separator, empty).check()
    options.check_model_file(model)
    if data is None and (text or label):
        raise ValueError(
            "--text and --label name columns of DATA, which is missing; "
            "a text to follow goes to --explain"
        )
    estimator = options.load_model(model, threads)
    _check_texts(estimator, model, explain)
    labelled = None
    if data is not None:
        columns = texts_of_model(estimator, text)
        labelled = _labelled(estimator, model, data, columns, label or "label", form)
    summary = _summary(estimator, Path(model).name)
    plan, left_out = _fitting(estimator, _plan(estimator, data, labelled, explain))
    page = None
    if out is not None:
        # Before anything is printed, which a reader that leaves ends.
        from textseq.inspection.page import write_page

        page = [_used(*looked_at) for looked_at in plan]
        write_page(
            out,
            summary,
            page,
            left_out=left_out,
            receipt=estimator.receipt_,
            parameters=estimator.fitted_parameters_,
        )
    console = options.table_console()
    _show(console, "\n".join(summary))
    for group in page if page is not None else starmap(_used, plan):
        _show_group(console, group)
    for line in left_out:
        _show(console, f"\nleft out: {line}")
    if out is not None:
        typer.echo(f"\npage: {out.absolute()}")


def _plan(
    estimator: Any, data: str | None, labelled: tuple[Any, Any] | None, texts: list[str]
) -> list[LookedAt]:
    """List what is looked at: its title, the text if it is one, and the instruments by name."""
    from textseq.inspection.attribution import explain
    from textseq.inspection.by_hand import step_by_step
    from textseq.inspection.gradient_flow import gradient_flow
    from textseq.inspection.hidden_states import hidden_states
    from textseq.inspection.saturation import saturation
    from textseq.inspection.spectrum import recurrent_spectrum
    from textseq.inspection.word_order import order_matters

    plan: list[LookedAt] = [
        ("Its weights", None, {"recurrent spectrum": lambda: recurrent_spectrum(estimator)})
    ]
    if labelled is not None:
        X, y = labelled
        source = "standard input" if data == "-" else Path(str(data)).name
        instruments: Instruments = {
            "gradient flow": lambda: gradient_flow(estimator, X, y),
            "saturation": lambda: saturation(estimator, X),
            "order matters": lambda: order_matters(estimator, X, y),
        }
        plan.append((f"On {len(y):,} texts of {source}", None, instruments))
    for text in texts:
        instruments = {
            "hidden states": partial(hidden_states, estimator, text),
            "explain": partial(explain, estimator, text),
            "step by step": partial(step_by_step, estimator, text),
        }
        plan.append(("Reading", text, instruments))
    return plan


def _fitting(estimator: Any, plan: list[LookedAt]) -> tuple[list[LookedAt], list[str]]:
    """Return the plan without what says nothing about this model, and why that is left out."""
    from textseq.inspection.unroll import recurrent_network, stepwise_network

    unfit: dict[str, str] = {}
    for check, names in (
        (recurrent_network, _OF_RECURRENT_NETWORKS),
        (stepwise_network, ("step by step",)),
    ):
        try:
            check(estimator)
        except ValueError as error:
            unfit |= dict.fromkeys(names, str(error))
    if estimator.encoding_.ngram_range != (1, 1):
        unfit["order matters"] = "the model reads n-grams, which hold the order of words within"
    fitting: list[LookedAt] = []
    left_out: dict[str, list[str]] = {}
    for title, text, instruments in plan:
        chosen = {name: use for name, use in instruments.items() if name not in unfit}
        if chosen:
            fitting.append((title, text, chosen))
        for name in instruments:
            # Instruments for a text come again with the next.
            if name in unfit and name not in left_out.setdefault(unfit[name], []):
                left_out[unfit[name]].append(name)
    return fitting, [f"{', '.join(names)}: {reason}" for reason, names in left_out.items()]


def _used(title: str, text: str | None, instruments: Instruments) -> Group:
    """Use instruments."""
    from textseq.inspection.page import Group

    return Group(title, {name: use() for name, use in instruments.items()}, text)


def _show_group(console: Console, group: Group) -> None:
    """Print what each instrument found."""
    from textseq.figures import short

    quoted = "" if group.text is None else f" “{short(group.text, 80)}”"
    _show(console, f"\n== {group.title}{quoted} ==", "bold")
    for name, found in group.findings.items():
        _show(console, f"\n{name}", "bold")
        _show(console, str(found))


def _check_texts(estimator: Any, model: str, texts: list[str]) -> None:
    """Refuse models of no texts, and texts that can't be followed, before minutes of work."""
    from textseq.estimators.forecasting.forecaster import Forecaster
    from textseq.estimators.sequence.series import SeriesEstimator
    from textseq.estimators.sequence.text import TextEstimator
    from textseq.inspection.reading import read_one

    if isinstance(estimator, SeriesEstimator | Forecaster):
        raise ValueError(
            f"{model} is a {type(estimator).__name__}, which reads no texts; inspect it in "
            f"Python: recurrent_spectrum(load_model({model!r})), gradient_flow(...) and so on"
        )
    if not isinstance(estimator, TextEstimator):
        raise not_for("inspect", model, estimator)
    for text in texts:
        read_one(estimator, text)


def _labelled(
    estimator: Any, model: str, data: str, text: list[str], label: str, form: options.TableForm
) -> tuple[Any, Any]:
    """Read the texts of a table, and their labels as the model knows them."""
    import numpy as np

    regression = not hasattr(estimator, "classes_")
    if not regression and estimator.multilabel_:
        raise ValueError(
            f"{model} gives each text several labels, but a table has one label column; "
            "inspect it without DATA, or in Python: gradient_flow(load_model(path), X, Y)"
        )
    X, y = options.read_xy(data, text, label, form, regression, columns_of(estimator))
    X = as_fitted(estimator, X, text)
    if regression:
        return X, y.to_numpy()
    # A model fitted in Python may have numbers for labels; a table's are strings.
    known = {str(name): name for name in estimator.classes_}
    foreign = [name for name in y.unique(maintain_order=True) if name not in known]
    if foreign:
        raise ValueError(
            f"the model does not know the label {foreign[0]!r} in column {label!r}; "
            f"it knows {', '.join(map(repr, list(known)[:8]))}"
        )
    return X, np.array([known[name] for name in y], dtype=estimator.classes_.dtype)


def _summary(estimator: Any, name: str) -> list[str]:
    """Tell in lines what the model is, what it reads and how it was fitted."""
    from textseq.comparison.wording import count_text, listed

    built, receipt = estimator.architecture_, estimator.receipt_
    encoder = built["encoder"]
    n_members = len(estimator.networks)
    times = "" if n_members == 1 else f"{n_members} times "
    parts = [f"{name}: {times}{'bi' if built['bidirectional'] else ''}{encoder}"]
    if encoder not in ("mean", "max"):
        layers = f"{built['num_layers']} layer{'s' if built['num_layers'] > 1 else ''}"
        each = " each way" if built["bidirectional"] else ""
        sizes = built["hidden_size"]
        if isinstance(sizes, list):
            sizes = listed([str(size) for size in sizes], most=len(sizes))
        parts.append(f"{layers} of {sizes} units{each}")
    parts.append(f"{count_text(estimator.n_parameters_)} weights")
    length = estimator.encoding_.max_length
    reads = "Reads all" if length is None else f"Reads the first {length:,}"
    reads += f" {estimator.tokenizer_.kind} tokens of a text"
    if hasattr(estimator, "classes_"):
        labels = [str(label) for label in estimator.classes_]
        reads += f"; its labels are {listed(labels, most=6)}"
    score = receipt["validation_score"]
    validated = "" if score is None else f", validation {receipt['score_name']} {score:.3f}"
    epochs = f"epoch{'s' if n_members > 1 else ''} {best_epochs(receipt)}"
    epochs += f" of {receipt['epochs']} kept"
    return [
        ", ".join(parts),
        f"{reads}.",
        f"Fitted on {receipt['rows']:,} texts: {epochs}{validated}.",
    ]


def _show(console: Console, shown: str, style: str = "") -> None:
    """Print lines of words, and below them the lines of a table, which a terminal may cut."""
    from textseq.report.terminal import text_writer

    write = text_writer(console)
    words, _, table = shown.partition("\n\n")
    for line in words.split("\n"):
        console.print(write(line, style), soft_wrap=not console.is_terminal)
    for line in ["", *table.split("\n")] if table else []:
        if console.is_terminal:
            console.print(write(line, ""), no_wrap=True, overflow="ellipsis")
        else:
            console.print(write(line, ""), soft_wrap=True)
