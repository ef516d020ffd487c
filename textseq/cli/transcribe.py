"""``textseq transcribe``: a transcriber fitted to audio files and texts, and texts of new files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from textseq.cli import options
from textseq.cli.checkpoints import CheckpointFile
from textseq.cli.model_kinds import not_for
from textseq.cli.options import examples
from textseq.cli.receipts import validated

EXAMPLES = examples(
    "textseq transcribe digits.csv -o digits.textseq --symbol word --join 7",
    "textseq transcribe digits.textseq call.wav other.flac",
    "textseq transcribe digits.textseq call.wav --times",
)


def transcribe(
    source: Annotated[
        str,
        typer.Argument(
            metavar="TRAIN|MODEL",
            help="To fit, a table of audio files and what is said in them; to transcribe, what a "
            "fit wrote.",
        ),
    ],
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILES", help="To transcribe: audio files."),
    ] = None,
    audio: Annotated[
        str,
        typer.Option(
            metavar="COLUMN", help="Of the files' paths, from the table's own folder if relative."
        ),
    ] = "path",
    text: Annotated[str, typer.Option(metavar="COLUMN", help="Of what is said.")] = "text",
    group: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Of who says it.", show_default="none")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="To fit: where the model goes."),
    ] = None,
    symbol: Annotated[
        str, typer.Option(metavar="NAME", help="char or word: what texts are of.")
    ] = "char",
    join: Annotated[
        int, typer.Option(metavar="N", help="Most files that training reads as one.")
    ] = 1,
    encoder: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="lstm, gru, tcn ...; bilstm, bigru ...", show_default="bigru"
        ),
    ] = None,
    times: Annotated[
        bool,
        typer.Option(
            "--times",
            help="To transcribe: print a line a symbol: file, start and end in seconds, "
            "probability and symbol, apart by tabs.",
        ),
    ] = False,
    beams: Annotated[
        int, typer.Option(metavar="N", help="To transcribe: beginnings that are followed.")
    ] = 1,
    epochs: options.Epochs = None,
    recipe: options.Recipe = "tuned",
    checkpoint: CheckpointFile = None,
    threads: options.Threads = None,
    seed: options.Seed = 0,
    encoding: options.Encoding = "utf-8",
) -> None:
    """Fit a transcriber to TRAIN and write it to --out; or, without --out, transcribe FILES.

    TRAIN is a CSV, TSV, Parquet or JSON lines file with a column of paths and one of texts. What
    is printed of FILES is a line each.
    """
    if out is None:
        _apply(source, files or [], threads, beams, times)
        return
    if times or files:
        raise ValueError("--out is for a fit; leave --times and FILES out, or --out")
    options.model_out(out)
    from textseq.estimators.transcription.transcriber import Transcriber
    from textseq.tables import read_table

    table = read_table(source, [text], group, encoding=encoding)
    if audio not in table.columns:
        raise ValueError(
            f"{source} has no column {audio!r}; name that of the paths with --audio, of "
            f"{', '.join(table.columns)}"
        )
    folder = Path(source).parent
    given: dict[str, Any] = {"max_epochs": epochs, "encoder": encoder}
    model = Transcriber(
        symbol,
        join=join,
        recipe=recipe,
        n_threads=threads,
        random_state=seed,
        verbose=1,
        **{name: value for name, value in given.items() if value is not None},
    ).fit(
        [folder / path for path in table[audio].to_list()],
        table[text].to_list(),
        groups=None if group is None else table[group].to_list(),
        checkpoint=checkpoint,
    )
    model.save(out)
    receipt = model.receipt_
    typer.echo(
        f"{out}: {model.encoder}, {receipt['rows']} files, {len(model.symbols_)} symbols, "
        f"{validated(receipt)}, best of {receipt['epochs']} epochs: {receipt['best_epoch']}, "
        f"{model.history_['seconds'].sum():.1f} s, seed {receipt['seed']}, "
        f"{receipt['n_threads']} threads"
    )
    if model.interrupted_:
        raise typer.Exit(130)


def _apply(path: str, files: list[str], threads: int | None, beams: int, times: bool) -> None:
    from textseq.estimators.transcription.transcriber import Transcriber

    if not files:
        raise ValueError(
            f"there is no file to transcribe; name some behind {path}, or give --out to fit"
        )
    options.check_model_file(path)
    model = options.load_model(path, threads)
    if not isinstance(model, Transcriber):
        raise not_for("transcribe", path, model)
    if times:
        sys.stdout.write("file\tstart\tend\tprobability\tsymbol\n")
        for file, heard in zip(files, model.predict_times(files, beam_size=beams), strict=True):
            for symbol, start, end, probability in heard:
                sys.stdout.write(f"{file}\t{start:.2f}\t{end:.2f}\t{probability:.3f}\t{symbol}\n")
        return
    for said in model.predict(files, beam_size=beams):
        sys.stdout.write((said if isinstance(said, str) else " ".join(said)) + "\n")
