"""``textseq compare``: encoders side by side on one table."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from textseq.cli import options
from textseq.cli.checkpoints import CheckpointFolder
from textseq.cli.columns import Columns, kinds_of
from textseq.cli.encoder_rows import encoder_rows
from textseq.cli.options import examples
from textseq.cli.progress import fits_bar

EXAMPLES = examples(
    "textseq compare reviews.csv --text review --label stars --out page.html",
    "textseq compare reviews.csv --text review --columns price,store",
    "textseq compare train.tsv --test test.tsv --encoders gru,bigru --seeds 5",
    "textseq compare names.csv -t name -l country --tokenizer char --folds 5",
    "textseq compare reviews.csv --vectors glove.6B.50d.top20k --json table.json",
    "textseq compare reviews.csv --encoders mean,transformer:FOLDER,api:text-embedding-3-small",
)


def compare(
    data: options.Data,
    text: options.Text = ["text"],  # noqa: B006
    label: options.Label = "label",
    columns: Columns = None,
    encoders: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help="Comma-separated: mean, max, rnn, lstm, gru, janet, tcn; birnn, bilstm ...; "
            "transformer:FOLDER of a pretrained one, whose vectors a linear model reads; "
            "api:MODEL of an embedding service.",
        ),
    ] = "mean,lstm,bilstm",
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
        bool, typer.Option(help="Put the majority class and TF-IDF beside the networks.")
    ] = True,
    out: options.PageOut = None,
    json_file: options.JsonOut = None,
    tokenizer: options.TokenizerKind = "word",
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
    """Compare encoders and baselines on the same split, tokens and seeds."""
    options.check_outputs(out, json_file)
    options.check_one_split(test, folds)
    weights = options.check_class_weight(class_weight, regression)
    options.check_metric(metric, regression)
    rows = encoder_rows(encoders)
    form = options.TableForm(encoding, separator, empty)
    beside: dict[str, str | None] = dict.fromkeys(options.names_of(columns))
    X, y, authors = options.read_grouped(data, text, label, groups, form, regression, beside)
    held_out = _test_of(test, text, label, groups, form, regression, kinds_of(X, beside))
    word_vectors = None if vectors is None else options.load_vectors(vectors)

    from textseq.comparison.scores.compare import compare as run
    from textseq.comparison.scores.table import render

    with fits_bar() as on_fit:
        comparison = run(
            X,
            y,
            rows,
            estimator=options.estimator_of(
                regression,
                tokenizer=tokenizer,
                text_columns=tuple(text) if beside else None,
                max_length=max_length,
                epochs=epochs,
                recipe=recipe,
                n_threads=threads,
                **weights,
            ),
            scoring=metric,
            groups=authors,
            test=held_out,
            cv=folds,
            n_seeds=seeds,
            vectors=word_vectors,
            baselines=baselines,
            n_jobs=jobs,
            random_state=seed,
            on_fit=on_fit,
            checkpoint=checkpoint,
        )
    # Before anything is printed, which a reader that leaves ends.
    written = options.write_comparison(comparison, out, json_file)
    render(comparison, options.table_console())
    for line in written:
        typer.echo(line)


def _test_of(
    test: str | None,
    text: list[str],
    label: str,
    groups: str | None,
    form: options.TableForm,
    regression: bool,
    kinds: dict[str, str],
) -> float | tuple[Any, ...] | None:
    if test is None:
        return None
    try:
        return float(test)
    except ValueError:
        X, y, authors = options.read_grouped(test, text, label, groups, form, regression, kinds)
        return (X, y) if authors is None else (X, y, authors)
