"""``textseq inspect``: what a fitted network does as it reads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textseq.cli import options
from textseq.cli.inspected_rows import InspectedRows, check_model, check_text, read_rows, row_of
from textseq.cli.model_summary import summary_of
from textseq.cli.options import examples

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
    "textseq inspect names.textseq test.conll --explain 'Ana smiled in Lisbon .' --out page.html",
)


def inspect(
    model: options.Model,
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="DATA",
            help="Texts with their labels, best such as the model was not fitted to: CSV, TSV, "
            "Parquet or JSON lines (also .gz); for a tagger tagged tokens, for a language model "
            "running text. - reads standard input.",
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
    with --explain, what each token of a text adds to the answer: of a tagger
    to the tag that it is least sure of, of a language model to what comes
    behind the text, of a translator to the token that it is least sure of.
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
    check_model(estimator, model)
    for followed in explain:
        check_text(estimator, followed)
    rows = None
    if data is not None:
        rows = read_rows(estimator, model, data, text, label, form)
    summary = summary_of(estimator, Path(model).name)
    plan, left_out = _fitting(estimator, _plan(estimator, rows, explain))
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


def _plan(estimator: Any, rows: InspectedRows | None, texts: list[str]) -> list[LookedAt]:
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
    if rows is not None:
        X, y, called = rows
        instruments: Instruments = {
            "gradient flow": lambda: gradient_flow(estimator, X, y),
            "saturation": lambda: saturation(estimator, X),
            "order matters": lambda: order_matters(estimator, X, y),
        }
        plan.append((called, None, instruments))
    for text in texts:
        row = row_of(estimator, text)
        instruments = {
            "hidden states": partial(hidden_states, estimator, row),
            "explain": partial(explain, estimator, row),
            "step by step": partial(step_by_step, estimator, row),
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
    if estimator.network_kind.answers_steps:
        unfit["step by step"] = (
            f"it recomputes the one answer to a whole text, and a {type(estimator).__name__} has "
            "one at each step"
        )
    elif estimator.encoding_.ngram_range != (1, 1):
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
