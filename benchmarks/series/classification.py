"""Series classified and regressed on their default split, beside the cheap baselines.

One set of defaults for all sets, chosen by cross-validation of their training parts; the test
part is read once, to be scored. Writes classification.json and classification.md beside this file:

    python benchmarks/series/classification.py --data DIR [--sets GunPoint] [--encoders lstm_fcn]

DIR holds series/ucr/NAME_{TRAIN,TEST}.ts and series/tser/Covid3Month_{TRAIN,TEST}.ts.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from textseq import SeriesClassifier, SeriesRegressor, read_ts
from textseq.comparison.scores.series_baselines import series_baseline_models

HERE = Path(__file__).parent
# Accuracy; the last is a regression, by its root mean squared error.
SETS = ["JapaneseVowels", "BasicMotions", "GunPoint", "ArrowHead", "ItalyPowerDemand"]
NUMBERS = ["Covid3Month"]
ENCODERS = ["lstm_fcn", "lstm", "gru", "tcn"]


def read(data: Path, name: str, part: str) -> tuple[list[np.ndarray], np.ndarray]:
    folder = data / "series" / ("tser" if name in NUMBERS else "ucr")
    X, y = read_ts(folder / f"{name}_{part}.ts")
    assert y is not None
    return X, y


def score(name: str, model, X: list[np.ndarray], y: np.ndarray) -> float:
    answers = model.predict(X)
    if name in NUMBERS:
        return float(np.sqrt(np.mean((answers - y) ** 2)))
    return float(np.mean(answers == y))


def fits(name: str, encoders: list[str], n_seeds: int):
    """Yield each row's name and the models to fit: one a seed, or one without randomness."""
    kind = SeriesRegressor if name in NUMBERS else SeriesClassifier
    yield from (
        (row, [model])
        for row, model in series_baseline_models("number" if name in NUMBERS else "classes").items()
    )
    for encoder in encoders:
        yield encoder, [kind(encoder, random_state=seed) for seed in range(n_seeds)]


def run(name: str, data: Path, encoders: list[str], n_seeds: int) -> dict:
    train, test = read(data, name, "TRAIN"), read(data, name, "TEST")
    rows = {}
    for row, models in fits(name, encoders, n_seeds):
        started = time.perf_counter()
        scores = [score(name, model.fit(*train), *test) for model in models]
        seconds = (time.perf_counter() - started) / len(models)
        rows[row] = {"scores": scores, "seconds": seconds}
        print(f"{name:18s} {row:20s} {_cell(name, rows[row])} ({seconds:.1f} s a fit)", flush=True)
    return {"set": name, "train_rows": len(train[1]), "test_rows": len(test[1]), "models": rows}


def _cell(name: str, row: dict | None, each: bool = True) -> str:
    if row is None:
        return "-"
    scores = row["scores"]
    digits = 4 if name in NUMBERS else 3
    mean = f"{np.mean(scores):.{digits}f}"
    seeds = ", ".join(f"{score:.{digits}f}" for score in scores)
    return f"{mean} ({seeds})" if each and len(scores) > 1 else mean


def markdown(results: list[dict]) -> str:
    """Mean over seeds, one column a set; then every seed of the default."""
    lines = ["| | " + " | ".join(result["set"] for result in results) + " |"]
    lines.append("|" + "---|" * (len(results) + 1))
    counts = [f"{result['train_rows']} / {result['test_rows']}" for result in results]
    lines.append("| *train / test series* | " + " | ".join(counts) + " |")
    scores = ["RMSE" if result["set"] in NUMBERS else "accuracy" for result in results]
    lines.append("| *score* | " + " | ".join(scores) + " |")
    names = dict.fromkeys(name for result in results for name in result["models"])
    for name in names:
        cells = [_cell(r["set"], r["models"].get(name), each=False) for r in results]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += ["", "Each seed of lstm_fcn, the default:", ""]
    for result in results:
        default = result["models"].get("lstm_fcn")
        lines.append(f"- {result['set']}: {_cell(result['set'], default)}")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", default=",".join(SETS + NUMBERS))
    parser.add_argument("--encoders", default=",".join(ENCODERS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=HERE / "classification")
    arguments = parser.parse_args()
    stored = arguments.out.with_suffix(".json")
    # A run replaces the rows and sets it names and keeps the others.
    found = {row["set"]: row for row in json.loads(stored.read_text())} if stored.exists() else {}
    for name in arguments.sets.split(","):
        result = run(name, arguments.data, arguments.encoders.split(","), arguments.seeds)
        if name in found:
            result["models"] = found[name]["models"] | result["models"]
        found[name] = result
        results = [found[known] for known in SETS + NUMBERS if known in found]
        stored.write_text(json.dumps(results, indent=1))
        arguments.out.with_suffix(".md").write_text(markdown(results))
    print(markdown(results))


if __name__ == "__main__":
    main()
