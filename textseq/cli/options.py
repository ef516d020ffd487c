"""Options that several commands share, and how they become data."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from textseq.cli.columns import rows_of

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console

    from textseq.comparison.scores.result import Comparison
    from textseq.estimators.sequence.text import TextEstimator
    from textseq.text.vectors.subword_table import SubwordTable
    from textseq.text.vectors.word_vectors import WordVectors

Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="CSV, TSV, Parquet or JSON lines (also .gz); - reads standard input.",
        show_default=False,
    ),
]
_LINES_HELP = (
    "A table, or one text a line: a .txt file, or - for standard input, "
    "which are tables if --text or --separator is given."
)
LinesOrData = Annotated[str, typer.Argument(metavar="DATA", help=_LINES_HELP)]
MaybeText = Annotated[
    list[str] | None,
    typer.Option(
        "--text",
        "-t",
        metavar="COLUMN",
        help="Text column; twice for pairs.",
        show_default="text",
    ),
]
Model = Annotated[str, typer.Argument(metavar="MODEL", help="What `textseq fit` wrote.")]
Text = Annotated[
    list[str], typer.Option("--text", "-t", metavar="COLUMN", help="Text column; twice for pairs.")
]
Label = Annotated[
    str, typer.Option("--label", "-l", metavar="COLUMN", help="Column to learn or to check.")
]
Regression = Annotated[
    bool, typer.Option("--regression", help="The label is a number, not a class.")
]
Encoding = Annotated[
    str, typer.Option(metavar="NAME", help="Encoding of text files, e.g. latin-1 or cp1252.")
]
Separator = Annotated[
    str | None,
    typer.Option(
        metavar="SIGN",
        help="What stands between the cells of a table: ; or | or tab ...",
        show_default="found",
    ),
]
Empty = Annotated[
    str,
    typer.Option(
        metavar="WHAT",
        help="Rows without a text: error; drop leaves them out, and those without a label; "
        "keep reads an empty text.",
    ),
]
TableOut = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="Table to write: .csv, .tsv, .jsonl (also .gz) or .parquet; - is standard output, "
        "as CSV.",
    ),
]
Vectors = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Word vectors: a GloVe, word2vec or fastText file, the name of a download, "
        "or glove.6B.50d.top20k, which is shipped; or the folder of a table of subwords.",
        show_default="random ones",
    ),
]
Pretrained = Annotated[
    str | None,
    typer.Option(
        metavar="FOLDER",
        help="A transformer to fine-tune, which becomes the encoder: a folder with config.json, "
        "tokenizer.json and model.safetensors, or a hub's name that has been fetched before.",
        show_default="none",
    ),
]
TokenizerKind = Annotated[
    str, typer.Option("--tokenizer", metavar="KIND", help="word, char or bpe.")
]
MaxLength = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Tokens read of each text.",
        show_default="all, or what a transformer can read",
    ),
]
Epochs = Annotated[
    int | None,
    typer.Option(metavar="N", help="Most passes over the texts.", show_default="by the data"),
]
Recipe = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="tuned: trained as was best on many sets; plain: as torch and luz start, Adam at one "
        "rate for 10 epochs, without dropout.",
    ),
]
Metric = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Score in place of accuracy: macro-f1, auc, balanced_accuracy, neg_log_loss, or "
        "any other of scikit-learn's.",
        show_default="accuracy, or r2",
    ),
]
ClassWeight = Annotated[
    str | None,
    typer.Option(metavar="balanced", help="Weigh all classes alike, however few rows they have."),
]
Groups = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN", help="Rows alike in it, of one author say, stay on one side of a split."
    ),
]
Threads = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Threads of a fit, at most the cores that it may use.",
        show_default="as many as OMP_NUM_THREADS and the cores allow",
    ),
]
Seed = Annotated[int, typer.Option(metavar="N", help="Seed of all that is random.")]

Seeds = Annotated[int, typer.Option(metavar="N", help="Fits of every network.")]
Folds = Annotated[
    int | None, typer.Option(metavar="K", help="Cross-validate instead of one split.")
]
Jobs = Annotated[
    int | None, typer.Option(metavar="N", help="Fits side by side; 1 times them best.")
]
PageOut = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="HTML page to write.")
]
JsonOut = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="JSON file to write.")]


def examples(*lines: str) -> str:
    """Return a command's examples as the text below its help."""
    return "\n\n".join(["Examples:", *(f"  $ {line}" for line in lines)])


class TableForm(NamedTuple):
    """How tables of texts are read."""

    encoding: str = "utf-8"
    separator: str | None = None
    empty: str = "error"

    def check(self, *more: str) -> TableForm:
        """Refuse what ``--empty`` does not know; ``more`` are words of one command's own."""
        known = ("error", "drop", "keep", *more)
        if self.empty not in known:
            raise ValueError(f"--empty {self.empty}: choose from {', '.join(known)}")
        return self


def read_xy(
    source: str | Path,
    text: list[str],
    label: str,
    form: TableForm,
    regression: bool = False,
    columns: Mapping[str, str | None] = {},
) -> tuple[pl.Series | pl.DataFrame, pl.Series]:
    """Read texts, columns beside them as ``rows_of`` takes them, and targets for estimators.

    Returns
    -------
    X : Series of n texts, or DataFrame with the two columns of n pairs, or with other columns
    y : Series of n strings or floats
    """
    X, y, _ = read_grouped(source, text, label, None, form, regression, columns)
    return X, y


def read_grouped(
    source: str | Path,
    text: list[str],
    label: str,
    groups: str | None,
    form: TableForm,
    regression: bool = False,
    columns: Mapping[str, str | None] = {},
) -> tuple[pl.Series | pl.DataFrame, pl.Series, pl.Series | None]:
    """Read texts and targets as ``read_xy`` does, and the column of groups, if one is named."""
    from textseq.tables import read_table

    check_columns([*text, label, *([groups] if groups else []), *columns])
    frame = read_table(source, text, label, numeric_label=regression, **form.check()._asdict())
    if groups and groups not in frame.columns:
        raise ValueError(
            f"--groups {groups}: there is no such column; there are {', '.join(frame.columns)}"
        )
    return rows_of(frame, text, columns), frame[label], frame[groups] if groups else None


def check_class_weight(class_weight: str | None, regression: bool) -> dict[str, str]:
    """Return the parameter that ``--class-weight`` stands for."""
    if class_weight is None:
        return {}
    if regression:
        raise ValueError("--class-weight weighs classes, and --regression has none; leave one out")
    if class_weight != "balanced":
        raise ValueError(f"--class-weight {class_weight} is not known; use balanced")
    return {"class_weight": class_weight}


def check_metric(metric: str | None, regression: bool) -> None:
    """Refuse a score that there is none of, before anything is read."""
    if metric is None:
        return
    from textseq.estimators.scoring import names_for, scoring_name

    kind = "number" if regression else "classes"
    try:
        scoring_name(metric, kind)
    except ValueError:
        raise ValueError(
            f"--metric {metric} is not known; choose from: {', '.join(names_for(kind))}"
        ) from None


def are_lines(source: str, text: Sequence[str] | None, separator: str | None) -> bool:
    """Tell whether a source has one text a line, rather than a table."""
    plain = source == "-" or source.lower().removesuffix(".gz").endswith(".txt")
    return plain and not text and separator is None


def read_texts(
    source: str, text: list[str] | None, form: TableForm
) -> tuple[pl.DataFrame, list[str]]:
    """Read a table or lines of texts; return it with the names of its text columns."""
    import polars as pl

    from textseq.tables import read_lines, read_table

    if are_lines(source, text, form.separator):
        lines = read_lines(source, encoding=form.encoding)
        if form.empty == "drop":
            lines = [line for line in lines if line.strip()]
        if not lines:
            raise ValueError("there is no text to read; give one a line")
        return pl.DataFrame({"text": lines}), ["text"]
    columns = text or ["text"]
    check_columns(columns)
    return read_table(source, columns, None, **form._asdict()), columns


def check_columns(names: list[str]) -> None:
    """Refuse a column that is named twice."""
    repeated = [name for place, name in enumerate(names) if name in names[:place]]
    if repeated:
        raise ValueError(f"column {repeated[0]!r} is named twice; name every column once")


def load_vectors(name: str) -> WordVectors | SubwordTable:
    """Load vectors: a shipped sample's name, a download's, a file, or the folder of a table."""
    from textseq.text.vectors.load import load_vectors as load

    return load(name)


def check_model_file(path: str) -> None:
    """Refuse a missing model before anything is read from standard input."""
    if not Path(path).is_file():
        raise ValueError(f"no model file at {path!r}; `textseq fit` writes one")


def encoder_of(encoder: str | None, pretrained: str | None) -> dict[str, str]:
    """Return what an estimator is told of its encoder, once what it starts from is there."""
    if pretrained is not None and not Path(pretrained).is_file():
        from textseq.estimators.encoding.pretrained_transformer import PretrainedTransformer

        PretrainedTransformer.open(pretrained)
    given = {"encoder": encoder, "pretrained": pretrained}
    return {name: value for name, value in given.items() if value is not None}


def load_model(path: str, threads: int | None) -> Any:
    """Open a model file."""
    from textseq.estimators.load import load_model as load

    estimator = load(path)
    if threads is not None:
        estimator.n_threads = threads
    return estimator


def estimator_of(
    regression: bool,
    *,
    tokenizer: str,
    max_length: int | None,
    epochs: int | None,
    **parameters: Any,
) -> TextEstimator:
    """Build an unfitted estimator; what was not given stays for it to decide."""
    from textseq.estimators.sequence.text import TextClassifier, TextRegressor

    given = {"max_length": max_length, "max_epochs": epochs}
    parameters |= {name: value for name, value in given.items() if value is not None}
    return (TextRegressor if regression else TextClassifier)(tokenizer, **parameters)


def names_of(listed: str | None) -> list[str]:
    """Split names at commas."""
    return [name.strip() for name in (listed or "").split(",") if name.strip()]


def check_outputs(page: Path | None, json_file: Path | None, *others: Path | None) -> None:
    """Refuse files that could not be written or are named wrongly, and one for two things."""
    for path, kind, endings in (
        (page, "a page", (".html", ".htm")),
        (json_file, "JSON", (".json",)),
    ):
        if path is not None and path.suffix.lower() not in endings:
            raise ValueError(f"{path}: {kind} is written; end its name in {endings[0]}")
    named = [writable(path) for path in (page, json_file, *others) if path is not None]
    if len(set(named)) < len(named):
        repeated = next(path for place, path in enumerate(named) if path in named[:place])
        raise ValueError(f"{repeated} is named for two outputs; name two files")


def check_table_out(path: Path | None) -> Path | None:
    """Return where a table goes, None for standard output; refuse a name that tells no kind."""
    from textseq.table_files import check_written_name

    if path is None or str(path) == "-":
        return None
    check_written_name(path)
    return writable(path)


def put_table(frame: pl.DataFrame, path: Path | None) -> None:
    """Write a table to a file, or as CSV to standard output."""
    from textseq.table_files import as_csv, write_table

    if path is None:
        sys.stdout.write(as_csv(frame))
    else:
        write_table(frame, path)


def model_out(path: Path) -> Path:
    """Refuse a model's file that could not be written, or that is named as another kind."""
    from textseq.table_files import FORMATS

    others = {*FORMATS, ".txt", ".conll", ".ts", ".html", ".htm", ".json", ".gz"}
    if path.suffix.lower() in others:
        raise ValueError(
            f"{path}: a model is written, which no {path.suffix} file holds; end its name in "
            ".textseq"
        )
    writable(path)
    return path


def check_one_split(test: str | None, folds: int | None) -> None:
    """Refuse a test set beside folds."""
    if test is not None and folds is not None:
        raise ValueError("--test and --folds exclude each other: the folds are the test sets")


def write_comparison(
    comparison: Comparison, page: Path | None, json_file: Path | None
) -> list[str]:
    """Write a comparison's files; return what says where they are."""
    said = []
    if json_file is not None:
        comparison.to_json(json_file)
        said.append(f"JSON: {json_file}")
    if page is not None:
        comparison.to_html(page)
        said.append(f"page: {page.absolute()}")
    return said


def writable(path: Path | None) -> Path | None:
    """Refuse a file that could not be written, before hours of work are lost on it."""
    if path is not None and not path.absolute().parent.is_dir():
        raise ValueError(f"{path}: there is no folder {path.absolute().parent}; make it first")
    if path is not None and path.is_dir():
        raise ValueError(f"{path} is a folder; name a file")
    return path


def table_console(*, stderr: bool = False) -> Console:
    """Return a console for results: the terminal's width, or wide enough for a pipe."""
    from rich.console import Console

    there = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if there.isatty() else 160)
