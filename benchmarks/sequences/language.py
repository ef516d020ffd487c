"""Language models on held-out text: by character, and by word beside a Kneser-Ney 5-gram.

tinyshakespeare: the first nine tenths train; the last is scored, and chooses the best epoch.
jane_austen: the paragraphs of each of the six novels are cut in order, 80 % to train, 10 % to
choose the best epoch and 10 % to test. The 5-gram reads the ids that the network reads, of the
same vocabulary (words that occur twice, the others <unk>), and both are scored on the same
tokens, each paragraph from its begin to its <eos>. jane_austen_300k: three passes over the first
300,000 characters of the novels, of which the last tenth chooses the pass; the next 20,000 are
scored. Rows with "adapt" or "cache" learn from what they have scored already, and their minutes are
those of scoring. AWD-LSTM in plain PyTorch reads the same ids as often. Writes language.json and
language.md beside this file:

    python benchmarks/sequences/language.py --data DIR [--corpora jane_austen] [--encoders lstm]

DIR holds lm/tinyshakespeare.txt.gz and lm/jane_austen.txt.gz. --quick trains one epoch on a
twentieth of each corpus and writes nothing.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import re
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from awd_lstm import AwdLstm, nats
from awd_lstm import fit as train_awd

from textseq import LanguageModel
from textseq.ragged import Ragged
from textseq.text.kneser_ney import KneserNey

HERE = Path(__file__).parent
ROUNDS, CACHE = 4, 2_000
CORPORA = ["tinyshakespeare", "jane_austen", "jane_austen_300k"]
# "awd" is a plain PyTorch AWD-LSTM, of the sizes, streams and passes of the first of the others.
ENCODERS = ["lstm", "mogrifier", "gru", "tcn", "awd"]
NETWORKS = {"mogrifier": {"encoder": "lstm", "mogrifier": ROUNDS}}
# Rows of a network that goes on learning while it is scored, told apart from the others.
RUNNING = {"adapt": {"adapt": True}, "adapt, cache": {"adapt": True, "cache": CACHE}}
NOVELS = [
    "SENSE AND SENSIBILITY",
    "PRIDE AND PREJUDICE",
    "MANSFIELD PARK",
    "EMMA",
    "NORTHANGER ABBEY",
    "Persuasion",
]
ORDER = 5
QUICK = 20  # a quick run reads one in so many
# Of the corpus that is read few times: characters to train on and to score, passes.
FEW_TRAINED, FEW_SCORED, FEW_PASSES = 300_000, 20_000, 3


class Parts(NamedTuple):
    """Texts to train on, to choose by and to score; in the first corpus the last two are one.

    Without texts to choose by, the model sets some of its own aside.
    """

    train: list[str]
    validation: list[str] | None
    test: list[str]


def read(data: Path, corpus: str, quick: bool) -> Parts:
    name = corpus.removesuffix("_300k")
    with gzip.open(data / "lm" / f"{name}.txt.gz", "rt", encoding="utf-8") as file:
        text = file.read()
    share = QUICK if quick else 1
    if name != corpus:
        unseen = text[FEW_TRAINED:][: FEW_SCORED // share]
        return Parts([text[: FEW_TRAINED // share]], None, [unseen])
    if corpus == "tinyshakespeare":
        cut = len(text) * 9 // 10
        held_out = [text[cut:][: (len(text) - cut) // share]]
        return Parts([text[: cut // share]], held_out, held_out)
    parts = Parts([], [], [])
    for novel in novels(text):
        ends = np.cumsum([len(paragraph) for paragraph in novel])
        cuts = np.searchsorted(ends, ends[-1] * np.array([0.8, 0.9]))
        for part, paragraphs in zip(parts, np.split(np.array(novel, object), cuts), strict=True):
            part.extend(paragraphs[: len(paragraphs) // share].tolist())
    return parts


def novels(text: str) -> list[list[str]]:
    """Return the paragraphs of each novel, a line each."""
    lines = text.split("\n")
    starts = [lines.index(title) for title in NOVELS]
    wholes = ["\n".join(part) for part in np.split(np.array(lines, object), starts)[1:]]
    return [
        [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", whole)]
        for whole in map(str.strip, wholes)
    ]


def build(corpus: str, encoder: str, seed: int, quick: bool) -> LanguageModel:
    options = {"random_state": seed} | NETWORKS.get(encoder, {"encoder": encoder})
    options |= {"max_epochs": 1} if quick else {}
    if corpus == "jane_austen":
        return LanguageModel("word", min_count=2, **options)
    if corpus == "jane_austen_300k":
        options = {"max_epochs": FEW_PASSES} | options
    return LanguageModel("char", **options)


def ids(model: LanguageModel, texts: list[str]) -> Ragged:
    """Return what the network reads of each text, its <eos> included."""
    rows = model.vocabulary_.encode(model.tokenizer_.tokenize(texts)).to_lists()
    end = model.vocabulary_.mark_id("<eos>")
    return Ragged.from_rows([[*row, end] for row in rows])


def score(logs: np.ndarray, n_tokens: int, texts: list[str]) -> dict:
    """Return the mean loss a token in nats and a character in bits, of log probabilities."""
    total = -float(logs.sum())
    bits = total / math.log(2) / sum(len(text) for text in texts)
    return {"nats": total / n_tokens, "bits_per_character": bits, "scored_tokens": n_tokens}


def of_network(model: LanguageModel, texts: list[str], **running: Any) -> dict:
    logs = model.score_samples(texts, **running)
    found = score(logs, len(ids(model, texts).values), texts)
    # The network counts its tokens itself: as many as the 5-gram is scored on.
    if not running:
        assert math.isclose(found["nats"], math.log(model.perplexity(texts)), rel_tol=1e-6)
    return found


def of_awd(model: LanguageModel | None, parts: Parts, n_seeds: int) -> dict:
    """Train and score plain PyTorch's on what the model read, with its sizes and passes."""
    assert model is not None, "awd stands beside another encoder: name one before it"
    chosen = model.fitted_parameters_
    training = running_ids(model, parts.train)
    held_out = parts.train[-1:] if parts.validation is None else parts.validation
    held_out, test = (ids(model, texts).to_lists() for texts in (held_out, parts.test))
    drop = {
        "words": chosen["embedding_dropout"], "input": chosen["input_dropout"],
        "hidden": chosen["hidden_dropout"], "output": chosen["dropout"],
        "weight": chosen["weight_dropout"],
    }  # fmt: skip
    scores, started = [], time.perf_counter()
    for seed in range(n_seeds):
        torch.manual_seed(seed)
        network = AwdLstm(
            len(model.vocabulary_), chosen["embedding_dim"], chosen["hidden_size"],
            chosen["num_layers"], drop,
        )  # fmt: skip
        rng = np.random.default_rng(seed)
        streams, epochs = chosen["batch_size"], chosen["max_epochs"]
        network = train_awd(network, training, held_out, streams, epochs, rng)
        logs = -np.array(nats(network, test))
        scores.append(score(logs, sum(map(len, test)), parts.test))
    return {
        "scores": scores,
        "seconds": (time.perf_counter() - started) / n_seeds,
        "epochs": chosen["max_epochs"],
        "weights": sum(weight.numel() for weight in network.parameters()),
    }


def running_ids(model: LanguageModel, texts: list[str]) -> np.ndarray:
    """Return the ids of texts end to end, <eos> before the first and behind each."""
    end = model.vocabulary_.mark_id("<eos>")
    return np.concatenate([[end], ids(model, texts).values]).astype(np.int64)


def of_five_gram(model: LanguageModel, parts: Parts) -> dict:
    started = time.perf_counter()
    n_types = len(model.vocabulary_.tokens)
    # No text holds <pad>.
    gram = KneserNey(ORDER).fit(ids(model, parts.train), n_types, n_types - 1)
    seconds = time.perf_counter() - started
    logs = gram.log_probabilities(ids(model, parts.test))
    return {"scores": [score(logs, len(logs), parts.test)], "seconds": seconds}


def run(corpus: str, data: Path, encoders: list[str], n_seeds: int, quick: bool) -> dict:
    parts = read(data, corpus, quick)
    rows: dict[str, dict] = {}
    result = {"corpus": corpus, "models": rows}
    first: LanguageModel | None = None
    for encoder in encoders:
        if encoder == "awd":
            rows["AWD-LSTM in PyTorch"] = of_awd(first, parts, n_seeds)
            show(corpus, rows, "AWD-LSTM in PyTorch")
            continue
        models, seconds = [], []
        for seed in range(n_seeds):
            started = time.perf_counter()
            model = build(corpus, encoder, seed, quick)
            models.append(model.fit(parts.train, validation_data=parts.validation))
            seconds.append(time.perf_counter() - started)
        if corpus == "jane_austen" and "Kneser-Ney 5-gram" not in rows:
            rows["Kneser-Ney 5-gram"] = of_five_gram(models[0], parts)
            show(corpus, rows, "Kneser-Ney 5-gram")
        rows[encoder] = {
            "scores": [of_network(model, parts.test) for model in models],
            "seconds": float(np.mean(seconds)),
            "epochs": len(models[0].history_),
            "weights": models[0].n_parameters_,
        }
        show(corpus, rows, encoder)
        for told, running in RUNNING.items():
            started = time.perf_counter()
            scores = [of_network(model, parts.test, **running) for model in models]
            scored = (time.perf_counter() - started) / n_seeds
            rows[f"{encoder}, {told}"] = rows[encoder] | {"scores": scores, "seconds": scored}
            show(corpus, rows, f"{encoder}, {told}")
        if encoder == encoders[0]:
            first = models[0]
            result["train_tokens"] = len(ids(models[0], parts.train).values)
            result["vocabulary"] = len(models[0].vocabulary_.tokens)
            result["encoder"] = encoder
            result["sample"] = sample(models[0], corpus)
    counts = {one["scored_tokens"] for row in rows.values() for one in row["scores"]}
    assert len(counts) == 1, f"scored on unlike numbers of tokens: {counts}"
    return result


def sample(model: LanguageModel, corpus: str) -> str:
    length = 100 if corpus == "jane_austen" else 500
    return model.generate(max_new_tokens=length, temperature=0.8, random_state=0)


def show(corpus: str, rows: dict, name: str) -> None:
    print(f"{corpus:16s} " + " ".join(f"{cell:>12s}" for cell in cells(name, rows[name])))


def cells(name: str, row: dict) -> list[str]:
    """Return one row of the table: means over seeds, and each seed's loss where there are more."""
    nats = [one["nats"] for one in row["scores"]]
    each = f" ({', '.join(f'{value:.3f}' for value in nats)})" if len(nats) > 1 else ""
    bits = np.mean([one["bits_per_character"] for one in row["scores"]])
    perplexity = np.mean(np.exp(nats))
    return [
        name,
        f"{np.mean(nats):.3f}{each}",
        f"{bits:.3f}",
        f"{perplexity:.2f}",
        f"{row['weights']:,}" if "weights" in row else "-",
        str(row.get("epochs", "-")),
        f"{row['seconds'] / 60:.1f}",
    ]


def markdown(results: list[dict]) -> str:
    lines = []
    for result in results:
        scored_tokens = next(iter(result["models"].values()))["scores"][0]["scored_tokens"]
        lines += [
            f"{result['corpus']}: {result['train_tokens']:,} tokens to train on, "
            f"{scored_tokens:,} scored, {result['vocabulary']:,} types.",
            "",
            "| | nats a token | bits a character | perplexity | weights | epochs | minutes |",
            "|---|---|---|---|---|---|---|",
            *(f"| {' | '.join(cells(*item))} |" for item in result["models"].items()),
            "",
            f"Written by the {result['encoder']} at temperature 0.8:",
            "",
            "```",
            result["sample"].strip("\n"),
            "```",
            "",
        ]
    return "\n".join(lines).rstrip("\n") + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--corpora", default=",".join(CORPORA))
    parser.add_argument("--encoders", default=",".join(ENCODERS))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", type=Path, default=HERE / "language")
    arguments = parser.parse_args()
    encoders, stored = arguments.encoders.split(","), arguments.out.with_suffix(".json")
    # A run replaces the corpora it names and keeps the others.
    kept = stored.exists() and not arguments.quick
    found = {one["corpus"]: one for one in json.loads(stored.read_text())} if kept else {}
    for corpus in arguments.corpora.split(","):
        found[corpus] = run(corpus, arguments.data, encoders, arguments.seeds, arguments.quick)
        results = [found[known] for known in CORPORA if known in found]
        if not arguments.quick:
            stored.write_text(json.dumps(results, indent=1))
            arguments.out.with_suffix(".md").write_text(markdown(results))
    print(markdown(results))


if __name__ == "__main__":
    main()
