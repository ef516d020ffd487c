"""``textseq lm``: texts to a language model's file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textseq.cli import options
from textseq.cli.checkpoints import CheckpointFile
from textseq.cli.options import examples
from textseq.cli.streamed import Stream, check_streamed

if TYPE_CHECKING:
    import polars as pl

_LINES_OR_TEXT = "--lines and --text exclude each other: a table has a text a row"
EXAMPLES = examples(
    "textseq lm shakespeare.txt --level char -o shakespeare.textseq",
    "textseq lm novel.txt --encoder gru --epochs 5 -o novel.textseq",
    "textseq lm novel.txt --mogrifier 4 --averaging exponential -o novel.textseq",
    "textseq lm novel.txt --vectors glove.6B.50d.top20k -o novel.textseq",
    "textseq lm reviews.csv --text review --pretrained novel.textseq -o reviews.textseq",
    "textseq lm 'books/*.txt' --stream --checkpoint run.ckpt -o books.textseq",
)


def lm(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="A .txt file (also .gz) or -, which is one text unless --lines is given; "
            "or a table.",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where the model goes.")],
    text: Annotated[
        str | None,
        typer.Option(
            "--text", "-t", metavar="COLUMN", help="Text column of a table.", show_default="text"
        ),
    ] = None,
    lines: Annotated[
        bool, typer.Option("--lines", help="Each line of DATA is a text of its own.")
    ] = False,
    level: Annotated[
        str | None,
        typer.Option(
            metavar="KIND", help="What a token is: word, char or bpe.", show_default="word"
        ),
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="lstm, gru, rnn, janet or tcn.", show_default="lstm"),
    ] = None,
    hidden_size: Annotated[
        int | None,
        typer.Option(metavar="N", help="Units of a layer.", show_default="by the data"),
    ] = None,
    layers: Annotated[
        int | None,
        typer.Option(metavar="N", help="Layers of the encoder.", show_default="by the data"),
    ] = None,
    mogrifier: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Rounds in which an lstm's input and state scale each other before each step.",
            show_default="none",
        ),
    ] = None,
    averaging: Annotated[
        str | None,
        typer.Option(
            metavar="KIND",
            help="Which average of the weights is kept: exponential or triggered.",
            show_default="none",
        ),
    ] = None,
    epochs: options.Epochs = None,
    recipe: options.Recipe = "tuned",
    validation: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Texts, as in DATA, that choose the best epoch.",
            show_default="the last tenth of DATA",
        ),
    ] = None,
    pretrained: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Model of `textseq lm` to go on from, with its tokens, encoder and sizes.",
            show_default="none",
        ),
    ] = None,
    vectors: options.Vectors = None,
    stream: Stream = False,
    checkpoint: CheckpointFile = None,
    threads: options.Threads = None,
    seed: options.Seed = 0,
    encoding: options.Encoding = "utf-8",
    separator: options.Separator = None,
    empty: options.Empty = "error",
) -> None:
    """Fit a language model, which says what comes next in a text, and write it to a file."""
    options.model_out(out)
    form = options.TableForm(encoding, separator, empty).check()
    columns = None if text is None else [text]
    of_network: dict[str, Any] = {
        "level": level, "encoder": encoder, "hidden_size": hidden_size, "num_layers": layers,
        "mogrifier": mogrifier,
    }  # fmt: skip
    given = {name: value for name, value in of_network.items() if value is not None}
    if pretrained is not None:
        check_start(pretrained, given)
    texts: Any
    column = None
    if stream:
        check_streamed(form, {})
        if data == "-":
            raise ValueError("--stream reads files, and DATA is -; leave one of the two out")
        if lines and text:
            raise ValueError(_LINES_OR_TEXT)
        column = "line" if lines else text
        # A path alone is told from a text by its ending, or by a column.
        texts = Path(data)
    else:
        texts = read_running(data, columns, form, lines)
    held_out = None if validation is None else read_running(validation, columns, form, lines)

    from textseq.estimators.language.model import LanguageModel

    if epochs is not None:
        given["max_epochs"] = epochs
    model = LanguageModel(
        recipe=recipe,
        averaging=averaging,
        pretrained=pretrained,
        vectors=None if vectors is None else options.load_vectors(vectors),
        n_threads=threads,
        random_state=seed,
        verbose=1,
        **given,
    ).fit(texts, text=column, validation_data=held_out, checkpoint=checkpoint)
    model.save(out)
    receipt, chosen = model.receipt_, model.fitted_parameters_
    validated = "no validation text"
    if receipt["validation_score"] is not None:
        loss = -receipt["validation_score"]
        validated = (
            f"validation loss {loss:.3f} nats a token (perplexity {math.exp(loss):.1f}) "
            f"on {receipt['validation_tokens']} tokens"
        )
    typer.echo(
        f"{out}: {chosen['encoder']}, {receipt['tokens']} tokens, "
        f"{len(model.vocabulary_)} distinct, {validated}, "
        f"best of {receipt['epochs']} epochs: {receipt['best_epoch']}, "
        f"{model.history_['seconds'].sum():.1f} s, seed {receipt['seed']}, "
        f"{receipt['n_threads']} threads"
    )
    if model.interrupted_:
        raise typer.Exit(130)


def check_start(path: str, given: dict[str, Any]) -> None:
    """Refuse what is no model to go on from, and options that say otherwise, defaults too."""
    options.check_model_file(path)

    from textseq.estimators.encoding.pretrained import refuse_contradictions
    from textseq.estimators.language.model import LanguageModel
    from textseq.estimators.language.start import decided_by, open_pretrained

    refuse_contradictions(given, decided_by(open_pretrained(path, LanguageModel)))


def read_running(
    source: str, text: list[str] | None, form: options.TableForm, lines: bool = False
) -> pl.Series:
    """Read a whole file as one text, its lines, or a column of a table."""
    import polars as pl

    from textseq.tables import read_lines

    of_lines = options.are_lines(source, text, form.separator)
    if of_lines and not lines:
        return pl.Series(["\n".join(read_lines(source, encoding=form.encoding))])
    if lines and text:
        raise ValueError(_LINES_OR_TEXT)
    if lines and not of_lines:
        raise ValueError(f"--lines goes with a .txt file or -, not with {source}")
    frame, columns = options.read_texts(source, text, form)
    if len(columns) > 1:
        raise ValueError("--text is given more than once; a language model reads one column")
    return frame[columns[0]]
