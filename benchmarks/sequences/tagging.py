"""Taggers on three tasks cut from shipped samples, beside what needs no network.

segmentation: lines of Shakespeare, and sentences of a Portuguese novel, without their spaces,
character by character; a word's first character is tagged B and its others I. Scored by the F1 of
words. punctuation: the novel's words in lower case, tagged by what followed each and whether it had
a capital. speakers: utterances of nine speakers laid end to end, tagged by speaker, 12 numbers a
frame. Both scored by accuracy a step. Each text's first 80 % are for training, the next 10 % choose
the epoch, the last 10 % are scored. Writes tagging.json and tagging.md beside this file:

    python benchmarks/sequences/tagging.py [--tasks speakers] [--models "bilstm crf"] [--seeds 3]
"""

from __future__ import annotations

import argparse
import json
import math
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from textseq import SequenceTagger, load_sample
from textseq.estimators.tagging.scores import span_f1

HERE = Path(__file__).parent
MODELS = ["bilstm crf", "bilstm linear", "bigru crf", "tcn crf"]
# Lines, or sentences, of a text that are read: what fits take minutes.
MOST_ROWS = 6_000
# Frames that the logistic regression reads on either side of the one it tags.
AROUND = 5

Rows = tuple[list, list[list[str]]]
Parts = dict[str, Rows]


def parts_of(X: list, y: list[list[str]]) -> Parts:
    """Split rows in their order: 80 %, 10 % and 10 %."""
    ends = [0, int(0.8 * len(X)), int(0.9 * len(X)), len(X)]
    names = ("train", "validation", "test")
    return {
        name: (X[start:end], y[start:end])
        for name, start, end in zip(names, ends, ends[1:], strict=False)
    }


def unspaced(lines: list[str]) -> Parts:
    words = [line.split() for line in lines if line.strip()][:MOST_ROWS]
    X = [list("".join(row)) for row in words]
    y = [[tag for word in row for tag in "B" + "I" * (len(word) - 1)] for row in words]
    return parts_of(X, y)


def shakespeare() -> Parts:
    return unspaced(load_sample("tinyshakespeare").split("\n"))


def casmurro() -> Parts:
    return unspaced(re.split(r"(?<=[.!?;])\s|\n", load_sample("dom_casmurro")))


def punctuation() -> Parts:
    """Tags such as "C.", a word with a capital before a full stop; "-" where there is nothing."""
    X, y = [], []
    for paragraph in load_sample("dom_casmurro").split("\n"):
        found = re.findall(r"(\w[\w'-]*)([^\w\s]*)", paragraph)
        if len(found) > 1:
            X.append([word.lower() for word, _ in found])
            y.append([f"{'C' if w[0].isupper() else ''}{m[:1]}" or "-" for w, m in found])
    return parts_of(X, y)


def speakers() -> Parts:
    """Five utterances a row, those of training in four orders; the sample's own split."""
    (X, y), (X_test, y_test) = load_sample("japanese_vowels")
    rng = np.random.default_rng(0)
    order = rng.permutation(len(X))
    cuts = {"train": order[:220], "validation": order[220:]}
    parts = {
        name: laid([X[i] for i in rows], [y[i] for i in rows], 4, rng)
        for name, rows in cuts.items()
    }
    return parts | {"test": laid(list(X_test), list(y_test), 1, rng)}


def laid(series: list[np.ndarray], labels: list[str], times: int, rng: np.random.Generator) -> Rows:
    """Lay utterances end to end, five a row, in so many random orders."""
    X, y = [], []
    for _ in range(times):
        for rows in np.array_split(rng.permutation(len(series)), len(series) // 5):
            X.append(np.concatenate([series[i] for i in rows], axis=1))
            y.append([labels[i] for i in rows for _ in range(series[i].shape[1])])
    return X, y


def commonest(parts: Parts) -> list[list[str]]:
    """The tag that a token had most often, and of a new one the commonest of all."""
    tags: dict[str, Counter] = defaultdict(Counter)
    for tokens, own in zip(*parts["train"], strict=True):
        for token, tag in zip(tokens, own, strict=True):
            tags[token][tag] += 1
    usual = sum(tags.values(), Counter()).most_common(1)[0][0]
    best = {token: counts.most_common(1)[0][0] for token, counts in tags.items()}
    return [[best.get(token, usual) for token in row] for row in parts["test"][0]]


def training_words(parts: Parts) -> Counter:
    return Counter(word for row in zip(*parts["train"], strict=True) for word in words_of(*row))


def words_of(characters: list[str], tags: list[str]) -> list[str]:
    starts = [place for place, tag in enumerate(tags) if tag == "B"]
    text = "".join(characters)
    return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


def longest_match(parts: Parts) -> list[list[str]]:
    """From the left, the longest word of the training text, or else one character."""
    words = training_words(parts)
    longest = max(map(len, words))
    rows = []
    for row in parts["test"][0]:
        text, tags = "".join(row), []
        while len(tags) < len(text):
            at = len(tags)
            size = next((n for n in range(longest, 1, -1) if text[at : at + n] in words), 1)
            tags += "B" + "I" * (min(size, len(text) - at) - 1)
        rows.append(tags)
    return rows


def likeliest_words(parts: Parts) -> list[list[str]]:
    """The words whose frequencies multiply to most; Norvig's guess for new ones."""
    words = training_words(parts)
    total, longest = sum(words.values()), max(map(len, words))

    def cost(word: str) -> float:
        return -math.log(words.get(word, 10 / 10 ** len(word)) / total)

    rows = []
    for row in parts["test"][0]:
        text = "".join(row)
        best: list[tuple[float, int]] = [(0.0, 0)]
        for end in range(1, len(text) + 1):
            starts = range(max(0, end - longest), end)
            best.append(min((best[start][0] + cost(text[start:end]), start) for start in starts))
        tags, end = ["I"] * len(text), len(text)
        while end:
            end = best[end][1]
            tags[end] = "B"
        rows.append(tags)
    return rows


def frame_by_frame(parts: Parts, around: int = 0) -> list[list[str]]:
    """A logistic regression on each frame, and ``around`` neighbours on either side."""

    def frames(X: list[np.ndarray]) -> np.ndarray:
        padded = [np.pad(series, ((0, 0), (around, around)), mode="edge") for series in X]
        width = 2 * around + 1
        views = [np.lib.stride_tricks.sliding_window_view(p, width, axis=1) for p in padded]
        return np.concatenate([v.transpose(1, 0, 2).reshape(v.shape[1], -1) for v in views])

    (X, y), (X_test, y_test) = parts["train"], parts["test"]
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
    model.fit(frames(X), np.concatenate(y))
    found = model.predict(frames(X_test))
    ends = np.cumsum([len(row) for row in y_test])[:-1]
    return [row.tolist() for row in np.split(found, ends)]


def neighbouring_frames(parts: Parts) -> list[list[str]]:
    """A logistic regression on each frame and five on either side."""
    return frame_by_frame(parts, AROUND)


def word_f1(truth: list[list[str]], found: list[list[str]]) -> float:
    return span_f1(truth, found, "IOB2")


def accuracy(truth: list[list[str]], found: list[list[str]]) -> float:
    return float(np.mean(np.concatenate(truth) == np.concatenate(found)))


Baseline = Callable[[Parts], list[list[str]]]
SEGMENTATION: dict[str, Baseline] = {
    "commonest tag": commonest,
    "longest match": longest_match,
    "likeliest words": likeliest_words,
}
TASKS = {
    "words (Shakespeare)": (shakespeare, word_f1, SEGMENTATION),
    "words (Machado)": (casmurro, word_f1, SEGMENTATION),
    "punctuation": (punctuation, accuracy, {"commonest tag": commonest}),
    "speakers": (
        speakers,
        accuracy,
        {"frame by frame": frame_by_frame, "11 frames": neighbouring_frames},
    ),
}


def run(task: str, models: list[str], n_seeds: int) -> dict:
    read, score, baselines = TASKS[task]
    parts = read()
    truth = parts["test"][1]
    rows = {}

    def note(name: str, scores: list[float], seconds: float) -> None:
        rows[name] = {"scores": scores, "seconds": seconds}
        print(f"{task:20s} {name:16s} {_cell(rows[name])} ({seconds:.1f} s a fit)", flush=True)

    for name, baseline in baselines.items():
        started = time.perf_counter()
        found = baseline(parts)
        note(name, [score(truth, found)], time.perf_counter() - started)
    for name in models:
        encoder, head = name.split()
        started, scores = time.perf_counter(), []
        for seed in range(n_seeds):
            model = SequenceTagger(head, encoder=encoder, random_state=seed)
            model.fit(*parts["train"], validation_data=parts["validation"])
            scores.append(score(truth, model.predict(parts["test"][0])))
        note(name, scores, (time.perf_counter() - started) / n_seeds)
    steps = {f"{part}_steps": sum(map(len, parts[part][1])) for part in ("train", "test")}
    return {"task": task, "score": score.__name__.replace("_", " "), **steps, "models": rows}


def _cell(row: dict | None, each: bool = True) -> str:
    if row is None:
        return "-"
    mean = f"{np.mean(row['scores']):.3f}"
    seeds = ", ".join(f"{score:.3f}" for score in row["scores"])
    return f"{mean} ({seeds})" if each and len(row["scores"]) > 1 else mean


def markdown(results: list[dict]) -> str:
    """Mean over seeds, one column a task; then every seed of the default."""
    lines = ["| | " + " | ".join(result["task"] for result in results) + " |"]
    lines.append("|" + "---|" * (len(results) + 1))
    counts = [f"{result['train_steps']:,} / {result['test_steps']:,}" for result in results]
    lines.append("| *train / test steps* | " + " | ".join(counts) + " |")
    lines.append("| *score* | " + " | ".join(result["score"] for result in results) + " |")
    names = dict.fromkeys(name for result in results for name in result["models"])
    for name in sorted(names, key=lambda name: name in MODELS):
        cells = [_cell(result["models"].get(name), each=False) for result in results]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += ["", f"Each seed of {MODELS[0]}, the default:", ""]
    for result in results:
        lines.append(f"- {result['task']}: {_cell(result['models'].get(MODELS[0]))}")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="not needed: all samples are shipped")
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--out", type=Path, default=HERE / "tagging")
    arguments = parser.parse_args()
    stored = arguments.out.with_suffix(".json")
    # A run replaces the rows and tasks it names and keeps the others.
    found = {row["task"]: row for row in json.loads(stored.read_text())} if stored.exists() else {}
    for task in arguments.tasks.split(","):
        result = run(task, [m for m in arguments.models.split(",") if m], arguments.seeds)
        if task in found:
            result["models"] = found[task]["models"] | result["models"]
        found[task] = result
        results = [found[known] for known in TASKS if known in found]
        stored.write_text(json.dumps(results, indent=1))
        arguments.out.with_suffix(".md").write_text(markdown(results))
    print(markdown(results))


if __name__ == "__main__":
    main()
