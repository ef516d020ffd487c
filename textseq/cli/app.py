"""All commands under one name."""

from __future__ import annotations

import os
from typing import Annotated

import typer

import textseq
from textseq.cli import (
    answer,
    compare,
    compare_series,
    evaluate,
    fit,
    forecast,
    generate,
    inspect,
    lab,
    lm,
    page,
    predict,
    tag,
    tokenize,
    transcribe,
    translate,
    vectors,
)

app = typer.Typer(
    name="textseq",
    help="Sequence models for text and time series, trained, compared and explained on a laptop.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"textseq {textseq.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Print it."),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option("--debug", envvar="TEXTSEQ_DEBUG", help="Show where an error came from."),
    ] = False,
) -> None:
    """Set what holds for all commands."""
    if debug:
        os.environ["TEXTSEQ_DEBUG"] = "1"


app.command("compare", epilog=compare.EXAMPLES)(compare.compare)
app.command("compare-series", epilog=compare_series.EXAMPLES)(compare_series.compare_series)
app.command("fit", epilog=fit.EXAMPLES)(fit.fit)
app.command("predict", epilog=predict.EXAMPLES)(predict.predict)
app.command("evaluate", epilog=evaluate.EXAMPLES)(evaluate.evaluate)
app.command("inspect", epilog=inspect.EXAMPLES)(inspect.inspect)
app.command("page", epilog=page.EXAMPLES)(page.page)
app.command("lab", epilog=lab.EXAMPLES)(lab.lab)
app.command("forecast", epilog=forecast.EXAMPLES)(forecast.forecast)
app.command("lm", epilog=lm.EXAMPLES)(lm.lm)
app.command("generate", epilog=generate.EXAMPLES)(generate.generate)
app.command("tag", epilog=tag.EXAMPLES)(tag.tag)
app.command("transcribe", epilog=transcribe.EXAMPLES)(transcribe.transcribe)
app.command("translate", epilog=translate.EXAMPLES)(translate.translate)
app.command("answer", epilog=answer.EXAMPLES)(answer.answer)
app.command("tokenize", epilog=tokenize.EXAMPLES)(tokenize.tokenize)
app.add_typer(vectors.app, name="vectors")
