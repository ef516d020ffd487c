"""``textseq tag``: a tagger fitted to tagged tokens, and tags for new ones."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textseq.cli import options
from textseq.cli.checkpoints import CheckpointFile
from textseq.cli.members import Members
from textseq.cli.model_kinds import not_for
from textseq.cli.options import examples
from textseq.cli.receipts import best_epochs, validated

if TYPE_CHECKING:
    from textseq.estimators.tagging.tagger import SequenceTagger
    from textseq.labels.spans import ProbableSpan

# Places of the columns of tokens and of tags; None is the usual one.
Places = tuple[int | None, int | None]
FORMATS = ("auto", "conll", "text")

EXAMPLES = examples(
    "textseq tag train.conll -o names.textseq",
    "textseq tag ner.tsv --columns 1,3 -o names.textseq",
    "textseq tag names.textseq new.txt",
    "textseq tag names.textseq new.txt --spans",
    "echo 'Ana smiled in Lisbon .' | textseq tag names.textseq",
)


def tag(
    source: Annotated[
        str,
        typer.Argument(
            metavar="TRAIN|MODEL",
            help="To fit, a file of tagged tokens; to tag, what a fit wrote.",
        ),
    ],
    data: Annotated[
        str,
        typer.Argument(
            metavar="TEXTS",
            help="To tag: one sentence a line, or one token a line, with or without tags; "
            "- is standard input.",
        ),
    ] = "-",
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="NAME",
            help="conll: one token a line, and columns beside it; text: one sentence a line; "
            "auto: what the lines look like.",
        ),
    ] = "auto",
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="TOKEN,TAG",
            help="Places of the columns, from 0; -1 is the last. To tag, the token's is enough.",
            show_default="0,-1; 1,3 of CoNLL-U",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="To fit: where the model goes."),
    ] = None,
    head: Annotated[
        str, typer.Option(metavar="NAME", help="crf: a sentence's tags together; linear: apart.")
    ] = "crf",
    encoder: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="rnn, lstm, gru, janet or tcn; birnn, bilstm ...",
            show_default="bilstm",
        ),
    ] = None,
    members: Members = 1,
    vectors: options.Vectors = None,
    pretrained: options.Pretrained = None,
    lowercase: Annotated[
        bool | None,
        typer.Option(
            "--lowercase/--keep-case",
            help="Look words up in lower case, as most vectors are, or as they stand.",
            show_default="lower case where characters are read",
        ),
    ] = None,
    epochs: options.Epochs = None,
    recipe: options.Recipe = "tuned",
    validation: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Tagged tokens that choose the best epoch.",
            show_default="a tenth of TRAIN",
        ),
    ] = None,
    spans: Annotated[
        bool,
        typer.Option(
            "--spans",
            help="To tag: print the spans that the tags mark, such as names, a line each: "
            "sentence, first and last token, counted from 1, type and tokens, apart by tabs.",
        ),
    ] = False,
    checkpoint: CheckpointFile = None,
    threads: options.Threads = None,
    seed: options.Seed = 0,
    encoding: options.Encoding = "utf-8",
) -> None:
    """Fit a tagger to TRAIN and write it to --out; or, without --out, tag TEXTS by MODEL.

    A line of TRAIN is a token and its tag, apart by a tab or spaces (of more columns the first
    and the last count, or --columns); an empty line ends a sentence. TEXTS are read likewise if
    they look so, and else cut at spaces, so commas need some around them. What is printed is what
    TRAIN may be: token, tab, tag.
    """
    places = _places(columns)
    if form not in FORMATS:
        raise ValueError(f"--format {form}: choose from {', '.join(FORMATS)}")
    if form == "text" and columns is not None:
        raise ValueError("--format text has no columns; leave --columns out")
    if out is None:
        _apply(source, data, threads, encoding, form, places, spans)
        return
    if spans:
        raise ValueError("--spans is for tagging TEXTS by a MODEL; leave it or --out out")
    if form == "text":
        raise ValueError("--format text has no tags to learn from; put a token and its tag a line")
    if data != "-":
        raise ValueError(f"--out is for a fit, which reads {source} alone; leave {data} out")
    options.model_out(out)
    network = options.encoder_of(encoder, pretrained)
    from textseq.estimators.tagging.tagger import SequenceTagger

    X, y = read_tagged(source, encoding, places)
    held_out = None if validation is None else read_tagged(str(validation), encoding, places)
    given: dict[str, Any] = {} if epochs is None else {"max_epochs": epochs}
    model = SequenceTagger(
        head,
        vectors=None if vectors is None else options.load_vectors(vectors),
        lowercase="auto" if lowercase is None else lowercase,
        n_members=members,
        recipe=recipe,
        n_threads=threads,
        random_state=seed,
        verbose=1,
        **network | given,
    ).fit(X, y, validation_data=held_out, checkpoint=checkpoint)
    model.save(out)
    typer.echo(_told(model, out))
    if model.interrupted_:
        raise typer.Exit(130)


def _places(columns: str | None) -> Places:
    """Return the places of the columns of tokens and tags, as far as they are given."""
    if columns is None:
        return None, None
    try:
        token, *more = map(int, columns.split(","))
        (tag,) = more or (None,)
    except ValueError:
        raise ValueError(
            f"--columns {columns}: give the place of the token's column and that of the tag's, "
            "from 0, for example 0,3"
        ) from None
    return token, tag


def read_tagged(
    source: str, encoding: str, places: Places = (None, None)
) -> tuple[list[list[str]], list[list[str]]]:
    """Read tagged tokens; errors name the file."""
    from textseq.tables import read_lines
    from textseq.text.conll import read_conll

    lines = read_lines(source, encoding=encoding)
    try:
        return read_conll(lines, token_col=places[0], tag_col=places[1])
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from None


def _told(model: SequenceTagger, out: Path) -> str:
    receipt = model.receipt_
    seconds = model.history_["seconds"].sum()
    times = "" if len(model.networks) == 1 else f"{len(model.networks)} times "
    return (
        f"{out}: {times}{model.fitted_parameters_['encoder']}, {model.head}, "
        f"{receipt['rows']} rows, {len(model.classes_)} tags, {validated(receipt)}, "
        f"best of {receipt['epochs']} epochs: {best_epochs(receipt)}, {seconds:.1f} s, "
        f"seed {receipt['seed']}, {receipt['n_threads']} threads"
    )


def _apply(
    path: str,
    data: str,
    threads: int | None,
    encoding: str,
    form: str,
    places: Places,
    spans: bool,
) -> None:
    from textseq.estimators.tagging.tagger import SequenceTagger
    from textseq.tables import read_lines
    from textseq.text.token_lines import tokens_of_lines
    from textseq.text.tokens import Tokens

    if not Path(path).is_file():
        raise ValueError(f"no model file at {path!r}; `textseq tag TRAIN -o {path}` writes one")
    model = options.load_model(path, threads)
    if not isinstance(model, SequenceTagger):
        raise not_for("tag", path, model)
    lines = read_lines(data, encoding=encoding)
    if form == "conll" or (form == "auto" and _of_tokens(lines, data, places, model)):
        X = tokens_of_lines(lines, places[0])
    else:
        X = [line.split() for line in lines]
    if spans:
        _write_spans(X, model.predict_spans(Tokens.from_lists(X)))
        return
    for row, tags in zip(X, model.predict(Tokens.from_lists(X)), strict=True):
        pairs = zip(row, tags, strict=True)
        sys.stdout.write("".join(f"{token}\t{tag}\n" for token, tag in pairs) + "\n")


def _write_spans(X: list[list[str]], found: list[list[ProbableSpan]]) -> None:
    sys.stdout.write("sentence\tfirst\tlast\ttype\tprobability\ttokens\n")
    for number, (row, spans) in enumerate(zip(X, found, strict=True), 1):
        for span in spans:
            tokens = " ".join(row[span.start : span.end])
            places = f"{number}\t{span.start + 1}\t{span.end}\t{span.type}"
            sys.stdout.write(f"{places}\t{span.probability:.4f}\t{tokens}\n")


def _of_tokens(lines: list[str], data: str, places: Places, model: SequenceTagger) -> bool:
    """Tell whether lines are tokens, and say so where it can't be told."""
    from textseq.text.token_lines import are_token_lines

    if places[0] is not None or data.lower().removesuffix(".gz").endswith((".conll", ".conllu")):
        return True
    if are_token_lines(lines, set(map(str, model.classes_.tolist()))):
        return True
    if len(lines) > 1 and all(len(line.split()) == 1 for line in lines):
        typer.echo(
            "each line is one word, and read as a sentence; if they are the tokens of one, add "
            "--format conll",
            err=True,
        )
    return False
