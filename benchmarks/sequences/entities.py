"""Taggers on corpora of entities and slots, beside what needs no network.

LeNER-Br (Portuguese legal texts; random vectors), WNUT17 (rare entities of social media) and SNIPS
(slots of commands), the last two from GloVe 100d. The defaults of textseq, trained on the training
part; the corpus's own development part chooses the epoch, and its test part is scored: the F1 of
spans as conlleval counts them, and of tokens that are not O by their types. Writes entities.json
and entities.md beside this file:

    python benchmarks/sequences/entities.py --data DIR [--sets wnut17] [--seeds 3] [--threads 2]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from textseq import SequenceTagger, load_vectors, read_conll
from textseq.comparison.sequences.baselines import CommonestTag
from textseq.comparison.sequences.feature_chain import FeatureChain
from textseq.estimators.tagging.scores import span_f1

HERE = Path(__file__).parent
TAGGER = "bilstm crf"
# The parts that train, choose the epoch and are scored; whether vectors of English words help.
SETS = {
    "LeNER-Br": ("lener_br", ("train", "dev", "test"), False),
    "WNUT17": ("wnut17", ("train", "dev", "test"), True),
    "SNIPS": ("snips", ("train", "valid", "test"), True),
}

Tags = list[list[str]]


def token_f1(truth: Tags, found: Tags) -> float:
    """The F1 of tokens whose type is right, of those that are not O."""
    true_types, said_types = (
        np.array([tag[2:] for row in rows for tag in row]) for rows in (truth, found)
    )
    right = ((true_types == said_types) & (true_types != "")).sum()
    return float(2 * right / ((true_types != "").sum() + (said_types != "").sum()))


def run(name: str, data: Path, seeds: Iterable[int], n_threads: int) -> dict:
    folder, parts, has_vectors = SETS[name]
    train, validation, test = (
        read_conll(data / "tagging" / folder / f"{part}.conll.gz") for part in parts
    )
    vectors = None
    if has_vectors:
        vectors = load_vectors(data / "glove" / "glove.6B.100d.top100k.txt.xz")
    models = {
        "commonest tag of a word": [CommonestTag()],
        "chain over features": [FeatureChain()],
        TAGGER: [
            SequenceTagger(vectors=vectors, random_state=seed, n_threads=n_threads)
            for seed in seeds
        ],
    }
    rows = {}
    n_tokens = sum(map(len, test[0]))
    for model_name, fits in models.items():
        row: dict[str, list[float]] = {
            key: [] for key in ("validation", "span_f1", "token_f1", "seconds", "tokens_per_second")
        }
        for model in fits:
            started = time.perf_counter()
            if isinstance(model, SequenceTagger):
                model.fit(*train, validation_data=validation)
            else:
                model.fit(*train)
            row["seconds"].append(time.perf_counter() - started)
            row["validation"].append(span_f1(validation[1], model.predict(validation[0])))
            started = time.perf_counter()
            found = model.predict(test[0])
            row["tokens_per_second"].append(n_tokens / (time.perf_counter() - started))
            row["span_f1"].append(span_f1(test[1], found))
            row["token_f1"].append(token_f1(test[1], found))
            told = ", ".join(f"{key} {values[-1]:.3f}" for key, values in row.items())
            print(f"{name}, {model_name}: {told}", flush=True)
        rows[model_name] = row
    steps = [sum(map(len, part[0])) for part in (train, validation, test)]
    return {"set": name, "tokens": steps, "n_threads": n_threads, "models": rows}


def markdown(results: list[dict]) -> str:
    """One row a set and model."""
    lines = [
        "| | | F1 of spans | each seed | F1 of tokens | on the development part "
        "| seconds a fit | tokens/s |",
        "|" + "---|" * 8,
    ]
    for result in results:
        for model, row in result["models"].items():
            means = {key: float(np.mean(values)) for key, values in row.items()}
            seeds = ", ".join(f"{score:.3f}" for score in row["span_f1"])
            lines.append(
                f"| {result['set']} | {model} | {means['span_f1']:.3f} "
                f"| {seeds if len(row['span_f1']) > 1 else ''} | {means['token_f1']:.3f} "
                f"| {means['validation']:.3f} | {means['seconds']:.0f} "
                f"| {means['tokens_per_second']:,.0f} |"
            )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=HERE / "entities")
    arguments = parser.parse_args()
    stored = arguments.out.with_suffix(".json")
    # A run replaces the sets it names and keeps the others.
    found = {row["set"]: row for row in json.loads(stored.read_text())} if stored.exists() else {}
    for name in arguments.sets.split(","):
        found[name] = run(name, arguments.data, range(arguments.seeds), arguments.threads)
        results = [found[known] for known in SETS if known in found]
        stored.write_text(json.dumps(results, indent=1))
        arguments.out.with_suffix(".md").write_text(markdown(results))
    print(markdown(results))


if __name__ == "__main__":
    main()
