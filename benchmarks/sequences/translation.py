"""Translation with additive attention, dot attention and none, on short and longer sentences.

"deep" reads and says byte pairs, by two layers on either side.

Tatoeba's 30,000 shortest English-Spanish pairs, 80/10/10 by source sentence, each source scored
against all its translations; Multi30k English-German, scored on test_2016_flickr. The recipe was
chosen on the validation parts; a test part is read once, to be scored. Writes translation.json
and translation.md beside this file:

    python benchmarks/sequences/translation.py --data DIR [--sets tatoeba] [--seeds 3]
        [--models additive,none] [--epochs 6] [--quick]

DIR holds seq2seq/tatoeba_eng_spa/all.csv.gz and, in seq2seq/multi30k/, train.csv.gz, val.csv.gz
and test_2016_flickr.csv.gz.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sacrebleu.metrics import BLEU

from textseq import Seq2Seq, Tokenizer
from textseq.estimators.seq2seq.scores import corpus_score

HERE = Path(__file__).parent
MODELS = {
    "additive": {"attention": "additive"},
    "dot": {"attention": "dot"},
    "none": {"attention": None},
    "deep": {
        "attention": "additive",
        "num_layers": 2,
        "tokenizer": Tokenizer("bpe", vocab_size=6_000),
        "max_epochs": 12,
    },
}
N_TATOEBA, N_QUICK, BEAMS = 30_000, 1_000, 5
N_RESAMPLES = 1_000


@dataclass
class Pairs:
    """Training and validation pairs; test sources with all their references."""

    train: tuple[list[str], list[str]]
    validation: tuple[list[str], list[str]]
    test: tuple[list[str], list[list[str]]]


def tatoeba(data: Path, quick: bool) -> Pairs:
    n_pairs = N_QUICK if quick else N_TATOEBA
    table = pd.read_csv(data / "seq2seq/tatoeba_eng_spa/all.csv.gz")
    order = table["eng"].str.len().sort_values(kind="stable").index
    table = table.loc[order].head(n_pairs)
    sources = table["eng"].unique()
    drawn = np.random.default_rng(0).permutation(len(sources))
    numbers = np.searchsorted([0.8, 0.9], drawn / len(sources), "right")
    part_of = dict(zip(sources, numbers, strict=True))
    parts = [table[table["eng"].map(part_of) == part] for part in range(3)]
    train, validation = (_columns(part, "eng", "spa") for part in parts[:2])
    return Pairs(train, validation, with_references(*_columns(parts[2], "eng", "spa")))


def multi30k(data: Path, quick: bool) -> Pairs:
    tables = [
        pd.read_csv(data / f"seq2seq/multi30k/{part}.csv.gz").head(N_QUICK if quick else None)
        for part in ("train", "val", "test_2016_flickr")
    ]
    train, validation, (source, target) = (_columns(table, "en", "de") for table in tables)
    return Pairs(train, validation, (source, [[one] for one in target]))


SETS = {"tatoeba": tatoeba, "multi30k": multi30k}


def _columns(table: pd.DataFrame, *names: str) -> tuple[list[str], ...]:
    return tuple(table[name].tolist() for name in names)


def with_references(source: list[str], target: list[str]) -> tuple[list[str], list[list[str]]]:
    """Return each source once, with all its targets."""
    references: dict[str, list[str]] = {}
    for one, other in zip(source, target, strict=True):
        references.setdefault(one, []).append(other)
    return list(references), list(references.values())


def fit(pairs: Pairs, name: str, seed: int, epochs: int | None) -> dict:
    """Fit one model and score it on the test part, greedily and with a beam."""
    started = time.perf_counter()
    own = MODELS[name] if epochs is None else MODELS[name] | {"max_epochs": epochs}
    model = Seq2Seq(random_state=seed, **own)
    model.fit(*pairs.train, validation_data=pairs.validation)
    seconds = time.perf_counter() - started
    source, references = pairs.test
    found = {"seconds": seconds, "epochs": int(model.receipt_["best_epoch"])}
    found["validation_loss"] = float(model.history_["validation_loss"].min())
    for name, beams in (("greedy", 1), ("beam", BEAMS)):
        started = time.perf_counter()
        found[f"{name}_said"] = model.predict(source, beams)
        found[f"{name}_seconds"] = time.perf_counter() - started
        for metric in ("bleu", "chrf"):
            scored = corpus_score(metric, found[f"{name}_said"], references, lowercase=True)
            found[f"{name}_{metric}"] = scored.score
            found[f"{metric}_signature"] = scored.signature
    found["samples"] = list(zip(source, references, found["beam_said"], strict=True))[::200][:5]
    return found


def bootstrap(one: list[str], other: list[str], references: list[list[str]]) -> list[float]:
    """Return the middle 95 % of the difference in BLEU over resampled test sources.

    References
    ----------
    Koehn (2004), "Statistical Significance Tests for Machine Translation Evaluation".
    """
    statistics = [sentence_counts(said, references) for said in (one, other)]
    rng = np.random.default_rng(0)
    differences = []
    for _ in range(N_RESAMPLES):
        rows = rng.integers(len(references), size=len(references))
        first, second = (bleu_of(counts[rows].sum(0)) for counts in statistics)
        differences.append(first - second)
    return np.quantile(differences, [0.025, 0.975]).tolist()


def sentence_counts(said: list[str], references: list[list[str]]) -> np.ndarray:
    """Return lengths and matches (n, 10) of each sentence, which add up to a corpus's."""
    scorer = BLEU(lowercase=True, effective_order=True)
    rows = []
    for one, its_references in zip(said, references, strict=True):
        found = scorer.sentence_score(one, its_references)
        rows.append([found.sys_len, found.ref_len, *found.counts, *found.totals])
    return np.array(rows)


def bleu_of(counts: np.ndarray) -> float:
    said, known, matches, totals = counts[0], counts[1], counts[2:6], counts[6:]
    found = BLEU.compute_bleu(matches.tolist(), totals.tolist(), int(said), int(known), "exp")
    return found.score


def run(
    name: str, data: Path, models: list[str], n_seeds: int, epochs: int | None, quick: bool
) -> dict:
    pairs = SETS[name](data, quick)
    rows = {}
    for row in models:
        rows[row] = [fit(pairs, row, seed, epochs) for seed in range(n_seeds)]
        print(f"{name:10s} {row:10s} {_cells(rows[row])}", flush=True)
    beyond = {
        row: [
            bootstrap(one["greedy_said"], other["greedy_said"], pairs.test[1])
            for one, other in zip(rows[row], rows["none"], strict=True)
        ]
        for row in models
        if row != "none" and "none" in rows
    }
    for fitted in (one for fits in rows.values() for one in fits):
        del fitted["greedy_said"], fitted["beam_said"]
    sizes = [len(part[0]) for part in (pairs.train, pairs.validation, pairs.test)]
    return {"set": name, "sizes": sizes, "models": rows, "beyond_none": beyond}


def _cells(fits: list[dict]) -> str:
    def cell(key: str, digits: int = 1) -> str:
        values = [one[key] for one in fits]
        spread = f" ± {np.std(values, ddof=1):.{digits}f}" if len(values) > 1 else ""
        return f"{np.mean(values):.{digits}f}{spread}"

    scores = [cell(f"{way}_{metric}") for way in ("greedy", "beam") for metric in ("bleu", "chrf")]
    return " | ".join([*scores, cell("validation_loss", 3), cell("seconds", 0)])


def markdown(results: list[dict]) -> str:
    """A table a set: mean and standard deviation over seeds; then what attention adds."""
    lines = []
    for result in results:
        train, validation, test = (f"{size:,}" for size in result["sizes"])
        first = next(iter(result["models"].values()))[0]
        lines += [
            f"**{result['set']}**: {train} pairs to learn from, {validation} to choose the epoch, "
            f"{test} test sources.",
            "",
            f"| model | BLEU | chrF | BLEU, beam {BEAMS} | chrF, beam {BEAMS} "
            "| validation loss | seconds a fit |",
            "|---|---|---|---|---|---|---|",
            *(f"| {name} | {_cells(fits)} |" for name, fits in result["models"].items()),
            "",
        ]
        for name, intervals in result["beyond_none"].items():
            each = "; ".join(f"{low:+.1f} to {high:+.1f}" for low, high in intervals)
            lines.append(f"- {name} less none, greedy BLEU, seed by seed: {each}")
        lines += [f"- BLEU: `{first['bleu_signature']}`", f"- chrF: `{first['chrf_signature']}`"]
        lines += [f"- {one} -> {said} (*{known[0]}*)" for one, known, said in first["samples"]]
        lines.append("")
    lines.append(f"± is the standard deviation over seeds; intervals are of a paired bootstrap of "
                 f"the test sources, 95 %, {N_RESAMPLES:,} resamples.")  # fmt: skip
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--epochs", type=int, help="Instead of the default for so many pairs.")
    parser.add_argument("--quick", action="store_true", help="Few pairs and epochs, no files.")
    parser.add_argument("--out", type=Path, default=HERE / "translation")
    arguments = parser.parse_args()
    stored = arguments.out.with_suffix(".json")
    # A run replaces the sets it names and keeps the others.
    found = {row["set"]: row for row in json.loads(stored.read_text())} if stored.exists() else {}
    if arguments.quick:
        found = {}
    models = arguments.models.split(",")
    epochs = 2 if arguments.quick else arguments.epochs
    n_seeds = 1 if arguments.quick else arguments.seeds
    for name in arguments.sets.split(","):
        found[name] = run(name, arguments.data, models, n_seeds, epochs, arguments.quick)
        results = [found[known] for known in SETS if known in found]
        if not arguments.quick:
            stored.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
            arguments.out.with_suffix(".md").write_text(markdown(results))
    print(markdown(results))


if __name__ == "__main__":
    main()
