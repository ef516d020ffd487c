"""``textseq fit``: a table of texts to a model file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from textseq.cli import decision_threshold as decisions
from textseq.cli import options
from textseq.cli.checkpoints import CheckpointFile
from textseq.cli.columns import Columns, kinds_of, rows_of
from textseq.cli.members import Members
from textseq.cli.options import examples
from textseq.cli.receipts import best_epochs, validated
from textseq.cli.streamed import Stream, check_streamed

EXAMPLES = examples(
    "textseq fit reviews.csv --text review --label stars -o stars.textseq",
    "textseq fit reviews.csv --encoder bilstm --vectors glove.6B.50d.top20k -o m.textseq",
    "textseq fit reviews.csv --encoder gru --wide none -o alone.textseq",
    "textseq fit reviews.csv --members 5 -o five.textseq",
    "textseq fit thousand.csv --unlabelled reviews.txt -o m.textseq",
    "textseq fit mails.csv --decision-threshold precision=0.95 -o spam.textseq",
    "textseq fit reviews.csv --pretrained all-MiniLM-L6-v2/ -o tuned.textseq",
    "textseq fit reviews.csv --text review --columns price,store -o stars.textseq",
    "textseq fit pairs.tsv -t question1 -t question2 -l same -o same.textseq",
    "textseq fit 'reviews/*.parquet' --stream --checkpoint run.ckpt -o stars.textseq",
)


def fit(
    data: options.Data,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where the model goes.")],
    text: options.Text = ["text"],  # noqa: B006
    label: options.Label = "label",
    columns: Columns = None,
    encoder: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="mean, max, rnn, lstm, gru, janet or tcn; birnn, bilstm ...",
            show_default="bilstm",
        ),
    ] = None,
    vectors: options.Vectors = None,
    pretrained: options.Pretrained = None,
    wide: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Beside the network, a linear model: ngrams, or none.",
            show_default="ngrams; of pairs none",
        ),
    ] = None,
    members: Members = 1,
    tokenizer: options.TokenizerKind = "word",
    max_length: options.MaxLength = None,
    epochs: options.Epochs = None,
    recipe: options.Recipe = "tuned",
    validation: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Table that chooses the best epoch.",
            show_default="a tenth of DATA",
        ),
    ] = None,
    unlabelled: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Texts without labels to learn from as well: a table, or .txt, one text a line.",
        ),
    ] = None,
    regression: options.Regression = False,
    metric: options.Metric = None,
    class_weight: options.ClassWeight = None,
    decision_threshold: decisions.DecisionThreshold = None,
    groups: options.Groups = None,
    stream: Stream = False,
    checkpoint: CheckpointFile = None,
    threads: options.Threads = None,
    seed: options.Seed = 0,
    encoding: options.Encoding = "utf-8",
    separator: options.Separator = None,
    empty: options.Empty = "error",
) -> None:
    """Fit one network and write it to a file."""
    options.model_out(out)
    classes = options.check_class_weight(class_weight, regression)
    classes |= decisions.check_decision_threshold(decision_threshold, regression)
    options.check_metric(metric, regression)
    if encoder is None and pretrained is None:
        encoder = "bilstm"
    network = options.encoder_of(encoder, pretrained)
    form = options.TableForm(encoding, separator, empty)
    beside: dict[str, str | None] = dict.fromkeys(options.names_of(columns))
    if stream:
        check_streamed(form, {"--columns": columns, "--groups": groups})
        kinds: dict[str, str] = {}
        rows: dict[str, Any] = {"X": data, "text": text, "target": label}
    else:
        X, y, authors = options.read_grouped(data, text, label, groups, form, regression, beside)
        kinds = kinds_of(X, beside)
        rows = {"X": X, "y": y, "groups": authors}
    held_out = None
    if validation is not None:
        held_out = options.read_xy(validation, text, label, form, regression, kinds)
    more = None
    if unlabelled is not None:
        lines = options.are_lines(unlabelled, None, separator)
        more = rows_of(*options.read_texts(unlabelled, None if lines else text, form), kinds)
    start = time.perf_counter()
    model = options.estimator_of(
        regression,
        tokenizer=tokenizer,
        text_columns=tuple(text) if beside else None,
        n_members=members,
        max_length=max_length,
        epochs=epochs,
        recipe=recipe,
        vectors=None if vectors is None else options.load_vectors(vectors),
        n_threads=threads,
        random_state=seed,
        verbose=1,
        scoring=metric,
        **({} if wide is None else {"wide": None if wide == "none" else wide}),
        **network,
        **classes,
    ).fit(**rows, validation_data=held_out, unlabelled=more, checkpoint=checkpoint)
    seconds = time.perf_counter() - start
    model.save(out)
    receipt, read_by = model.receipt_, model.fitted_parameters_["encoder"]
    if len(model.networks) > 1:
        read_by = f"{len(model.networks)} times {read_by}"
    typer.echo(
        f"{out}: {read_by}, {receipt['rows']} rows, {validated(receipt)}, "
        f"best of {receipt['epochs']} epochs: {best_epochs(receipt)}, {seconds:.1f} s, "
        f"seed {receipt['seed']}, {receipt['n_threads']} threads"
    )
    if more is not None:
        typer.echo(_learned_unlabelled(receipt))
    if decision_threshold is not None and (said := decisions.decided(receipt, model.classes_)):
        typer.echo(said)
    if model.interrupted_:
        raise typer.Exit(130)


def _learned_unlabelled(receipt: dict[str, Any]) -> str:
    """Say whether unlabelled texts were learned from, and what the fit validated without them."""
    used = receipt["unlabelled"]
    learned = "learned from" if used["learned_from"] else "not learned from"
    before = used["validation_score_without"]
    said = f"{used['rows']} unlabelled texts: {learned}"
    if before is None:
        return f"{said}, and no validation rows to judge by"
    return f"{said}; without them validation {receipt['score_name']} was {before:.3f}"
