"""``textseq compare``: encoders side by side on one table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import typer

from textseq.cli import options
from textseq.cli.checkpoints import CheckpointFolder
from textseq.cli.columns import Columns, kinds_of
from textseq.cli.encoder_rows import encoder_rows
from textseq.cli.options import examples
from textseq.cli.progress import fits_bar
from textseq.cli.sequence_rows import read_rows, sequence_estimator, task_of

EXAMPLES = examples(
    "textseq compare reviews.csv --text review --label stars --out page.html",
    "textseq compare reviews.csv --text review --columns price,store",
    "textseq compare train.tsv --test test.tsv --encoders gru,bigru --seeds 5",
    "textseq compare names.csv -t name -l country --tokenizer char --folds 5",
    "textseq compare reviews.csv --vectors glove.6B.50d.top20k --json table.json",
    "textseq compare reviews.csv --encoders mean,transformer:FOLDER,api:text-embedding-3-small",
    "textseq compare train.conll --test test.conll --encoders lstm,bilstm --out page.html",
    "textseq compare pairs.csv --task translate --text eng --label fra --metric chrf",
    "textseq compare novel.txt --task lm --tokenizer char --encoders gru,lstm",
)
ENCODERS = "mean,lstm,bilstm"


def compare(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="CSV, TSV, Parquet or JSON lines (also .gz); - reads standard input. Of --task "
            "tag a token and its tag a line, of --task lm also a .txt file.",
            show_default=False,
        ),
    ],
    text: options.MaybeText = None,
    label: Annotated[
        str | None,
        typer.Option(
            "--label", "-l", metavar="COLUMN", help="Column to learn.", show_default="label"
        ),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="tag: taggers, also told by a file that ends in .conll; translate: from --text "
            "(source) to --label (target); lm: language models.",
            show_default="classes of texts",
        ),
    ] = None,
    columns: Columns = None,
    encoders: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Comma-separated: mean, max, rnn, lstm, gru, janet, tcn; birnn, bilstm ...; "
            "transformer:FOLDER of a pretrained one, whose vectors a linear model reads; "
            "api:MODEL of an embedding service.",
            show_default=f"{ENCODERS}, or by the task",
        ),
    ] = None,
    vectors: options.Vectors = None,
    test: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|SHARE", help="Table to test on, or a share of DATA.", show_default="0.2"
        ),
    ] = None,
    folds: options.Folds = None,
    seeds: options.Seeds = 3,
    baselines: Annotated[
        bool, typer.Option(help="Put cheap rows, such as TF-IDF, beside the networks.")
    ] = True,
    out: options.PageOut = None,
    json_file: options.JsonOut = None,
    tokenizer: Annotated[
        str | None,
        typer.Option("--tokenizer", metavar="KIND", help="word, char or bpe.", show_default="word"),
    ] = None,
    max_length: options.MaxLength = None,
    epochs: options.Epochs = None,
    recipe: options.Recipe = "tuned",
    regression: options.Regression = False,
    metric: options.Metric = None,
    class_weight: options.ClassWeight = None,
    groups: options.Groups = None,
    threads: options.Threads = None,
    jobs: options.Jobs = None,
    checkpoint: CheckpointFolder = None,
    seed: options.Seed = 0,
    encoding: options.Encoding = "utf-8",
    separator: options.Separator = None,
    empty: options.Empty = "error",
) -> None:
    """Compare encoders and baselines on the same split, tokens and seeds.

    Texts with a label each, or by --task sequences: tagged tokens, pairs of texts, running text.
    """
    options.check_outputs(out, json_file)
    options.check_one_split(test, folds)
    of_some = {
        "vectors": vectors, "columns": columns, "max_length": max_length, "regression": regression,
        "class_weight": class_weight, "groups": groups, "tokenizer": tokenizer, "text": text,
        "label": label,
    }  # fmt: skip
    kind = task_of(task, data, of_some)
    form = options.TableForm(encoding, separator, empty).check()
    given: dict[str, Any]
    rows: Any = options.names_of(encoders) or None
    if kind is not None:
        read = partial(read_rows, kind, text=text, label=label, form=form)
        X, y = read(data)
        given = {
            "test": _test_of(test, read),
            "estimator": sequence_estimator(
                kind, tokenizer=tokenizer, epochs=epochs, recipe=recipe, n_threads=threads
            ),
        }
    else:
        weights = options.check_class_weight(class_weight, regression)
        options.check_metric(metric, regression)
        # Folders and models that rows name are looked for before anything is read.
        rows, named = encoder_rows(encoders or ENCODERS), text or ["text"]
        beside: dict[str, str | None] = dict.fromkeys(options.names_of(columns))
        table = named, label or "label", groups, form, regression
        X, y, authors = options.read_grouped(data, *table, beside)
        given = {
            "groups": authors,
            "test": _test_of(test, lambda file: _grouped(file, *table, kinds_of(X, beside))),
            "estimator": options.estimator_of(
                regression,
                tokenizer=tokenizer or "word",
                text_columns=tuple(named) if beside else None,
                max_length=max_length,
                epochs=epochs,
                recipe=recipe,
                n_threads=threads,
                **weights,
            ),
        }
    word_vectors = None if vectors is None else options.load_vectors(vectors)

    from textseq.comparison.scores.compare import compare as run
    from textseq.comparison.scores.table import render

    with fits_bar() as on_fit:
        comparison = run(
            X,
            y,
            rows,
            scoring=metric,
            cv=folds,
            n_seeds=seeds,
            vectors=word_vectors,
            baselines=baselines,
            n_jobs=jobs,
            random_state=seed,
            on_fit=on_fit,
            checkpoint=checkpoint,
            **given,
        )
    # Before anything is printed, which a reader that leaves ends.
    written = options.write_comparison(comparison, out, json_file)
    render(comparison, options.table_console())
    for line in written:
        typer.echo(line)


def _test_of(
    test: str | None, read: Callable[[str], tuple[Any, ...]]
) -> float | tuple[Any, ...] | None:
    """Return the share of the rows to test on, or those of a file."""
    if test is None:
        return None
    try:
        return float(test)
    except ValueError:
        return read(test)


def _grouped(file: str, *table: Any) -> tuple[Any, ...]:
    """Return X and y of a table, and the groups if there are any."""
    X, y, authors = options.read_grouped(file, *table)
    return (X, y) if authors is None else (X, y, authors)
