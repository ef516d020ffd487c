"""``textseq answer``: a table of questions to a model file, and questions to their answers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textseq.cli import options
from textseq.cli.checkpoints import CheckpointFile
from textseq.cli.model_kinds import not_for
from textseq.cli.options import examples
from textseq.cli.receipts import validated

if TYPE_CHECKING:
    from textseq.estimators.answering.answerer import QuestionAnswerer

EXAMPLES = examples(
    "textseq answer stories.csv -o m.textseq",
    "textseq answer squad.csv --question q --passage context --answer a -o m.textseq",
    'textseq answer m.textseq "Where is Mary?" < story.txt',
    'textseq answer m.textseq "Where is Mary?" "Where is John?" --file story.txt --n-best 3',
)


def answer(
    given: Annotated[
        str,
        typer.Argument(
            metavar="DATA|MODEL",
            help="With --out a table to fit a model to, as `textseq fit` takes it. Without, a "
            "model.",
            show_default=False,
        ),
    ],
    questions: Annotated[
        list[str] | None,
        typer.Argument(metavar="[QUESTION]...", help="What MODEL answers.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Where a fitted model goes."),
    ] = None,
    question: Annotated[
        str, typer.Option(metavar="COLUMN", help="Column of questions.")
    ] = "question",
    passage: Annotated[str, typer.Option(metavar="COLUMN", help="Column of passages.")] = "passage",
    answer: Annotated[
        str,
        typer.Option(metavar="COLUMN", help="Column of answers, which stand in their passages."),
    ] = "answer",
    file: Annotated[
        str,
        typer.Option(metavar="FILE", help="The passage in which answers are looked for."),
    ] = "-",
    n_best: Annotated[
        int | None,
        typer.Option(
            "--n-best",
            metavar="N",
            help="Answers to each question, a line each: the question's number, the answer's "
            "probability, its first and last character, counted from 1, and the answer, with tabs "
            "between them.",
            show_default="one alone",
        ),
    ] = None,
    encoder: Annotated[
        str, typer.Option(metavar="NAME", help="gru, lstm, rnn, janet, tcn; bigru, bilstm ...")
    ] = "bigru",
    vectors: options.Vectors = None,
    epochs: options.Epochs = None,
    recipe: options.Recipe = "tuned",
    checkpoint: CheckpointFile = None,
    threads: options.Threads = None,
    seed: options.Seed = 0,
    encoding: options.Encoding = "utf-8",
    separator: options.Separator = None,
    empty: options.Empty = "error",
) -> None:
    """Fit a model to questions, passages and answers; or answer QUESTIONS by a part of a passage.

    Without --out the passage is read from --file, or from standard input, and each answer is
    printed as it stands there, a line each.
    """
    if out is None:
        _ask(given, questions, file, n_best, threads, encoding)
        return
    if n_best is not None:
        raise ValueError("--n-best is of answers; leave --out away")
    if questions:
        raise ValueError(f"--out fits a model to {given}; ask it {questions[0]!r} afterwards")
    options.model_out(out)
    from textseq.estimators.answering.answerer import QuestionAnswerer
    from textseq.tables import read_table

    columns = [question, passage, answer]
    options.check_columns(columns)
    form = options.TableForm(encoding, separator, empty).check()
    frame = read_table(given, columns, None, **form._asdict())
    model = QuestionAnswerer(
        encoder=encoder,
        vectors=None if vectors is None else options.load_vectors(vectors),
        max_epochs="auto" if epochs is None else epochs,
        recipe=recipe,
        n_threads=threads,
        random_state=seed,
        verbose=1,
    ).fit(frame[columns[:2]], frame[answer], checkpoint=checkpoint)
    model.save(out)
    typer.echo(_told(model, out))
    if model.interrupted_:
        raise typer.Exit(130)


def _told(model: QuestionAnswerer, out: Path) -> str:
    receipt = model.receipt_
    return (
        f"{out}: {model.encoder}, {model.n_passes} passes, {receipt['rows']} rows, "
        f"{validated(receipt)}, best of {receipt['epochs']} epochs: {receipt['best_epoch']}, "
        f"{model.history_['seconds'].sum():.1f} s, seed {receipt['seed']}, "
        f"{receipt['n_threads']} threads"
    )


def _ask(
    path: str,
    questions: list[str] | None,
    file: str,
    n_best: int | None,
    threads: int | None,
    encoding: str,
) -> None:
    from textseq.estimators.answering.answerer import QuestionAnswerer
    from textseq.tables import read_lines

    options.check_model_file(path)
    model = options.load_model(path, threads)
    if not isinstance(model, QuestionAnswerer):
        raise not_for("answer", path, model)
    if not questions:
        raise ValueError('there is no question; give one, as "Where is Mary?", behind the model')
    text = "\n".join(read_lines(file, encoding=encoding))
    if not text.strip():
        raise ValueError("the passage is empty; answers are parts of a passage")
    found = model.predict_spans([(one, text) for one in questions], n_best or 1)
    for number, answers in enumerate(found, 1):
        for one in answers:
            said = " ".join(one.text.split())
            if n_best is None:
                sys.stdout.write(f"{said}\n")
            else:
                place = f"{one.start + 1}\t{one.end}"
                sys.stdout.write(f"{number}\t{one.probability:.4f}\t{place}\t{said}\n")
