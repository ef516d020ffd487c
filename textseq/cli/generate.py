"""``textseq generate``: text from a language model, as it is drawn."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textseq.cli import options
from textseq.cli.model_kinds import not_for
from textseq.cli.options import examples

if TYPE_CHECKING:
    from textseq.estimators.language.model import LanguageModel

EXAMPLES = examples(
    'textseq generate shakespeare.textseq --prompt "ROMEO:" --length 500 --temperature 0.8',
    "textseq generate novel.textseq --prompt 'it is a truth' --top-p 0.9 --seed 1",
    'textseq generate novel.textseq --prompt "it was" --drafts 5 --repetition-penalty 1.2',
    "cat begun.txt | textseq generate novel.textseq --prompt -",
)


def generate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="What `textseq lm` wrote.")],
    prompt: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TEXT",
            help="What the text begins with; - reads it; several times for several texts.",
            show_default="nothing",
        ),
    ] = None,
    length: Annotated[
        int, typer.Option(metavar="N", help="Most tokens to draw; a longer text breaks off.")
    ] = 200,
    drafts: Annotated[
        int | None,
        typer.Option(metavar="N", help="Texts to write to each prompt.", show_default="1"),
    ] = None,
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
    repetition_penalty: Annotated[
        float,
        typer.Option(
            metavar="X",
            help="Above 1, 1.2 for example: what was said is less likely to be said again.",
        ),
    ] = 1.0,
    no_repeat_ngram_size: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Say no run of so many tokens twice.", show_default="any may return"
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
    """Go on with a text, and print it as it is drawn; of several each behind its number."""
    options.check_model_file(model)
    estimator = options.load_model(model, None)

    from textseq.estimators.language.model import LanguageModel

    if not isinstance(estimator, LanguageModel):
        raise not_for("generate", model, estimator)
    begun = [sys.stdin.read() if one == "-" else one for one in prompt or [""]]
    sampling: dict[str, Any] = {
        "max_new_tokens": length,
        "temperature": temperature,
        "top_k": top_k,
        "top_p": top_p,
        "repetition_penalty": repetition_penalty,
        "no_repeat_ngram_size": no_repeat_ngram_size,
        "stop": stop,
        "random_state": seed,
    }
    if len(begun) == 1 and drafts in (None, 1):
        print_as_drawn(estimator, begun[0], sampling)
        return
    several = 1 if drafts is None else drafts
    written = estimator.generate(begun, n_drafts=several, **sampling)
    texts = [one + text for one, own in zip(begun, written, strict=True) for text in own]
    for number, text in enumerate(texts, start=1):
        typer.echo(f"--- {number} of {len(texts)}\n{text}")


def print_as_drawn(estimator: LanguageModel, begun: str, sampling: dict[str, Any]) -> None:
    """Print a text piece by piece."""
    # The prompt comes first, but not before the options have been found sound.
    first = iter([begun])

    def say(piece: str) -> None:
        typer.echo(next(first, "") + piece, nl=False)
        sys.stdout.flush()

    estimator.generate(begun, stream=say, **sampling)
    typer.echo(next(first, ""))
