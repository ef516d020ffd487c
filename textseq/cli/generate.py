"""``textseq generate``: text from a language model, as it is drawn."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from textseq.cli import options
from textseq.cli.model_kinds import not_for
from textseq.cli.options import examples

EXAMPLES = examples(
    'textseq generate shakespeare.textseq --prompt "ROMEO:" --length 500 --temperature 0.8',
    "textseq generate novel.textseq --prompt 'it is a truth' --top-p 0.9 --seed 1",
    "cat begun.txt | textseq generate novel.textseq --prompt -",
)


def generate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="What `textseq lm` wrote.")],
    prompt: Annotated[
        str, typer.Option(metavar="TEXT", help="What the text begins with; - reads it.")
    ] = "",
    length: Annotated[int, typer.Option(metavar="N", help="Most tokens to draw.")] = 200,
    temperature: Annotated[
        float, typer.Option(metavar="T", help="Under 1: likely tokens likelier; 0: always.")
    ] = 1.0,
    top_k: Annotated[
        int | None,
        typer.Option(metavar="K", help="Draw from the K likeliest tokens.", show_default="all"),
    ] = None,
    top_p: Annotated[
        float | None,
        typer.Option(
            metavar="P",
            help="Draw from the fewest tokens of this probability together.",
            show_default="all",
        ),
    ] = None,
    stop: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="End before this.", show_default="the text's own end"),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", help="Seed of the draws.", show_default="another each time"),
    ] = None,
) -> None:
    """Go on with a text, and print it as it is drawn."""
    options.check_model_file(model)
    estimator = options.load_model(model, None)

    from textseq.estimators.language.model import LanguageModel

    if not isinstance(estimator, LanguageModel):
        raise not_for("generate", model, estimator)
    begun = sys.stdin.read() if prompt == "-" else prompt

    # The prompt comes first, but not before the options have been found sound.
    first = iter([begun])

    def say(piece: str) -> None:
        typer.echo(next(first, "") + piece, nl=False)
        sys.stdout.flush()

    estimator.generate(
        begun,
        length,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        stop=stop,
        random_state=seed,
        stream=say,
    )
    typer.echo(next(first, ""))
