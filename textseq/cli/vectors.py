"""``textseq vectors``: fetch, look at and train word vectors."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from textseq.cli import options
from textseq.cli.options import examples

app = typer.Typer(help="Fetch, look at, train and distil vectors.", no_args_is_help=True)

File = Annotated[
    str,
    typer.Argument(
        metavar="VECTORS",
        help="A GloVe, word2vec or fastText file, a table's folder, a download's name, or "
        "glove.6B.50d.top20k.",
    ),
]


@app.command(
    "download",
    epilog=examples("textseq vectors download", "textseq vectors download glove.6B.100d"),
)
def download(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Which; without it, all are listed.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where to.", show_default="the user's cache"),
    ] = None,
) -> None:
    """Fetch pretrained vectors from their official address and check them."""
    from textseq.text.vectors import downloads

    if name is None:
        for known, entry in downloads.DOWNLOADS.items():
            size = "" if entry.megabytes is None else f"  {entry.megabytes:,} MB"
            typer.echo(f"{known}{size}")
        return
    path = downloads.download(name, folder, progress=sys.stderr.isatty())
    typer.echo(path)


@app.command("info", epilog=examples("textseq vectors info glove.6B.50d.top20k --near film"))
def info(
    vectors: File,
    near: Annotated[
        list[str], typer.Option("--near", metavar="WORD", help="List the words nearest to this.")
    ] = [],  # noqa: B006
) -> None:
    """Print how many words a file holds, and how wide their vectors are."""
    from textseq.text.vectors.word_vectors import WordVectors

    loaded = options.load_vectors(vectors)
    words = loaded if isinstance(loaded, WordVectors) else loaded.vectors
    unknown = [word for word in near if word not in words]
    if unknown:
        raise ValueError(f"{vectors} has no vector of {unknown[0]!r}")
    typer.echo(loaded)
    for word in near:
        found = words.most_similar(word).itertuples(index=False)
        typer.echo(f"{word}: " + ", ".join(f"{other} {cosine:.2f}" for other, cosine in found))


@app.command(
    "coverage", epilog=examples("textseq vectors coverage glove.6B.100d reviews.csv --text review")
)
def coverage(
    vectors: File,
    data: options.LinesOrData,
    text: options.MaybeText = None,
    encoding: options.Encoding = "utf-8",
    separator: options.Separator = None,
    empty: options.Empty = "error",
) -> None:
    """Print the share of a table's words that have a vector, and the commonest that have none."""
    import polars as pl

    from textseq.text.tokenizer import Tokenizer
    from textseq.text.vectors.word_vectors import WordVectors

    loaded = options.load_vectors(vectors)
    form = options.TableForm(encoding, separator, empty).check()
    frame, columns = options.read_texts(data, text, form)
    if isinstance(loaded, WordVectors):
        words, tokenizer = loaded, Tokenizer()
    else:
        words, tokenizer = loaded.vectors, loaded.tokenizer
    tokens = pl.concat([tokenizer.tokenize(frame[name]).flat for name in columns])
    typer.echo(words.coverage(tokens))


@app.command(
    "distill", epilog=examples("textseq vectors distill all-MiniLM-L6-v2/ --out minilm-256")
)
def distill(
    encoder: Annotated[
        str, typer.Argument(metavar="FOLDER", help="Of a sentence encoder that transformers opens.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder to make.")],
    dim: Annotated[int, typer.Option(metavar="N", help="Numbers a token.")] = 256,
) -> None:
    """Make a table of subwords of a sentence encoder, which needs textseq[distill]."""
    from textseq.checks import check_count
    from textseq.text.vectors.distillation import distill_encoder
    from textseq.text.vectors.load import load_vectors

    options.writable(out.with_suffix(".folder"))
    made = load_vectors(distill_encoder(encoder, out, check_count("--dim", dim)))
    typer.echo(f"{out}: {len(made):,} tokens, {made.dim} numbers each")


@app.command(
    "train",
    epilog=examples("textseq vectors train reviews.csv --text review -o mine.vec --dim 100"),
)
def train(
    data: options.LinesOrData,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Text file in word2vec's format.")
    ],
    text: options.MaybeText = None,
    method: Annotated[
        str, typer.Option(metavar="NAME", help="word2vec, or fasttext for inflected languages.")
    ] = "word2vec",
    dim: Annotated[int, typer.Option(metavar="N", help="Numbers a word.")] = 100,
    min_count: Annotated[int, typer.Option(metavar="N", help="Leave out rarer words.")] = 2,
    epochs: Annotated[int, typer.Option(metavar="N", help="Passes over the texts.")] = 10,
    threads: Annotated[int, typer.Option(metavar="N", help="More than 1 is not repeatable.")] = 1,
    seed: options.Seed = 0,
    encoding: options.Encoding = "utf-8",
    separator: options.Separator = None,
    empty: options.Empty = "error",
) -> None:
    """Train vectors on a table's texts, or on a text a line."""
    import polars as pl

    from textseq.text.vectors.word_vectors import WordVectors

    options.writable(out)
    form = options.TableForm(encoding, separator, empty).check()
    frame, columns = options.read_texts(data, text, form)
    trained = WordVectors.train(
        pl.concat([frame[name] for name in columns]),
        method,
        dim=dim,
        min_count=min_count,
        epochs=epochs,
        random_state=seed,
        n_threads=threads,
    )
    trained.save(out)
    typer.echo(f"{out}: {len(trained):,} words, {trained.dim} numbers each")
