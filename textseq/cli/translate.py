"""``textseq translate``: a table of pairs to a model file, and texts to their translations."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textseq.cli import options
from textseq.cli.checkpoints import CheckpointFile
from textseq.cli.model_kinds import not_for
from textseq.cli.options import examples
from textseq.cli.streamed import Stream, check_streamed

if TYPE_CHECKING:
    import polars as pl

    from textseq.estimators.seq2seq.model import Seq2Seq

EXAMPLES = examples(
    "textseq translate pairs.csv --source eng --target fra -o m.textseq",
    'textseq translate m.textseq "I am tired." "Go on."',
    "cat english.txt | textseq translate m.textseq --beams 1 > french.txt",
    'textseq translate m.textseq "I am tired." --n-best 3',
    "textseq translate 'pairs/*.parquet' --stream --source eng --target fra -o m.textseq",
)


def translate(
    given: Annotated[
        str,
        typer.Argument(
            metavar="DATA|MODEL",
            help="With --out a table of pairs to fit a model to, as `textseq fit` takes it. "
            "Without, a model.",
            show_default=False,
        ),
    ],
    texts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TEXT]...", help="What MODEL translates.", show_default="standard input"
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Where a fitted model goes."),
    ] = None,
    source: Annotated[
        str, typer.Option(metavar="COLUMN", help="Column to translate from.")
    ] = "source",
    target: Annotated[
        str, typer.Option(metavar="COLUMN", help="Column to translate to.")
    ] = "target",
    encoder: Annotated[
        str, typer.Option(metavar="NAME", help="lstm, gru, rnn, janet, tcn; bilstm, bigru ...")
    ] = "bilstm",
    attention: Annotated[
        str, typer.Option(metavar="KIND", help="additive, dot or none.")
    ] = "additive",
    tokenizer: options.TokenizerKind = "word",
    keep_case: Annotated[
        bool,
        typer.Option(
            "--keep-case", help="Fit to texts as they are, not turned to lower case first."
        ),
    ] = False,
    epochs: options.Epochs = None,
    recipe: options.Recipe = "tuned",
    beams: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Beginnings followed at once.", show_default="5; 1 is greedy"
        ),
    ] = None,
    n_best: Annotated[
        int | None,
        typer.Option(
            "--n-best",
            metavar="N",
            help="Answers to each text, a line each: the text's number, the answer's "
            "log-probability and the answer, with tabs between them.",
            show_default="one alone",
        ),
    ] = None,
    max_new_tokens: Annotated[
        int | None,
        typer.Option(
            "--max-new-tokens",
            "--length",
            metavar="N",
            help="Most tokens of a translation.",
            show_default="by the training pairs and the text's length",
        ),
    ] = None,
    unknown: Annotated[
        str | None,
        typer.Option(
            metavar="HOW",
            help="What is said of words that the model does not know: copy (the word), mark "
            "(<unk>) or never (another word).",
            show_default="copy, or as the model was fitted",
        ),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(
            metavar="T", help="Draw tokens, instead of searching; under 1: likely ones likelier."
        ),
    ] = None,
    top_k: Annotated[
        int | None, typer.Option(metavar="K", help="Draw from the K likeliest tokens.")
    ] = None,
    stream: Stream = False,
    checkpoint: CheckpointFile = None,
    threads: options.Threads = None,
    seed: options.Seed = 0,
    encoding: options.Encoding = "utf-8",
    separator: options.Separator = None,
    empty: options.Empty = "error",
) -> None:
    """Fit a translator to pairs of texts, or translate texts: a line each.

    A model that was fitted to lists of tokens, in Python or R, has texts cut at spaces.
    `textseq predict MODEL DATA` translates a column of a table.
    """
    if out is None:
        _only(out, {"--keep-case": keep_case or None, "--stream": stream or None})
        model = _translator(given, threads)
        sources: list[Any] = texts or _lines(encoding)
        if model.encoding_.source_form == "tokens":
            sources = [text.split() for text in sources]
        answers = model.predict(
            sources,
            beams,
            n_best=n_best,
            max_new_tokens=max_new_tokens,
            unknown=unknown,
            temperature=temperature,
            top_k=top_k,
            random_state=seed,
        )
        sys.stdout.writelines(_printed(answers))
        return
    _only(
        out,
        {
            "--n-best": n_best,
            "--max-new-tokens": max_new_tokens,
            "--temperature": temperature,
            "--top-k": top_k,
        },
    )
    if texts:
        raise ValueError(
            f"--out fits a model to {given}; translate {texts[0]!r} with it afterwards"
        )
    options.model_out(out)
    _fit(
        given,
        out,
        (source, target),
        options.TableForm(encoding, separator, empty).check(),
        checkpoint,
        stream,
        encoder=encoder,
        attention=None if attention == "none" else attention,
        tokenizer=tokenizer,
        lowercase=not keep_case,
        max_epochs="auto" if epochs is None else epochs,
        recipe=recipe,
        beam_size=5 if beams is None else beams,
        unknown="copy" if unknown is None else unknown,
        n_threads=threads,
        random_state=seed,
        verbose=1,
    )


def _fit(
    data: str,
    out: Path,
    columns: tuple[str, str],
    form: options.TableForm,
    checkpoint: Path | None,
    stream: bool,
    **parameters: object,
) -> None:
    from textseq.estimators.seq2seq.model import Seq2Seq

    model = Seq2Seq(**parameters)  # type: ignore[arg-type]
    if stream:
        check_streamed(form, {})
        model.fit(Path(data), text=columns[0], target=columns[1], checkpoint=checkpoint)
    else:
        frame = _pairs(data, columns, form)
        model.fit(frame[columns[0]], frame[columns[1]], checkpoint=checkpoint)
    model.save(out)
    receipt = model.receipt_
    score = receipt["validation_score"]
    validated = (
        "no validation rows"
        if score is None
        else (
            f"validation perplexity {math.exp(-score):.1f} a token on "
            f"{receipt['validation_rows']} rows"
        )
    )
    typer.echo(
        f"{out}: {model.encoder}, attention {model.fitted_parameters_['attention'] or 'none'}, "
        f"{receipt['rows']} pairs, {validated}, best of {receipt['epochs']} epochs: "
        f"{receipt['best_epoch']}, {model.history_['seconds'].sum():.1f} s, "
        f"seed {receipt['seed']}, {receipt['n_threads']} threads"
    )
    if model.interrupted_:
        raise typer.Exit(130)


def _pairs(data: str, columns: tuple[str, str], form: options.TableForm) -> pl.DataFrame:
    from textseq.tables import read_table

    options.check_columns(list(columns))
    return read_table(data, list(columns), None, **form._asdict())


def _translator(path: str, threads: int | None) -> Seq2Seq:
    from textseq.estimators.seq2seq.model import Seq2Seq

    options.check_model_file(path)
    model = options.load_model(path, threads)
    if not isinstance(model, Seq2Seq) or model.source != "text":
        raise not_for("translate", path, model)
    return model


def _lines(encoding: str) -> list[str]:
    from textseq.tables import read_lines

    lines = read_lines("-", encoding=encoding)
    if not lines:
        raise ValueError("there is no text to translate; give one a line, or as an argument")
    return lines


def _only(out: Path | None, given: dict[str, object]) -> None:
    """Refuse options that mean nothing where a model is fitted, or where none is."""
    for name, value in given.items():
        if value is not None:
            what = "translations; leave --out away" if out else "a fit; give it with --out"
            raise ValueError(f"{name} is of {what}")


def _printed(answers: list[Any]) -> Iterator[str]:
    """Yield the lines of translations, or of several to each text."""
    for number, said in enumerate(answers, start=1):
        if isinstance(said, list) and said and isinstance(said[0], tuple):
            for answer, log_probability in said:
                yield f"{number}\t{log_probability:.4f}\t{_on_a_line(answer)}\n"
        else:
            yield f"{_on_a_line(said)}\n"


def _on_a_line(said: str | list[str]) -> str:
    return " ".join(said.split() if isinstance(said, str) else said)
