"""Spoken digits: strings of them, and single ones, of people met and not met in training.

The Free Spoken Digit Dataset (fsdd.zip in the folder of --data): 3,000 recordings by six people at
8 kHz. A model learns from single recordings, which training joins, and is tested on strings of 3 to
7 digits of one person, with pauses of 0.02 to 0.3 seconds and white noise 15 to 30 dB under the
speech, and on single recordings as they are. official: recordings 0 to 4 of each digit and person
are the test. A person's name: all that he said is. Writes speech.json and speech.md beside this
file:

    python benchmarks/sequences/speech.py --data DIR [--tests official theo] [--seeds 3]
"""

from __future__ import annotations

import argparse
import difflib
import io
import json
import time
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile

from textseq import Transcriber

HERE = Path(__file__).parent
RATE = 8000
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
N_STRINGS = 300
OFFICIAL = "official"


class Recording(NamedTuple):
    digit: int
    speaker: str
    index: int
    wave: np.ndarray


def read(data: Path) -> list[Recording]:
    found = []
    with zipfile.ZipFile(data / "speech" / "fsdd.zip") as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(".wav"):
                digit, speaker, index = Path(name).stem.split("_")
                wave, rate = soundfile.read(io.BytesIO(archive.read(name)))
                assert rate == RATE
                found.append(Recording(int(digit), speaker, int(index), wave))
    return found


def split(recordings: list[Recording], test: str) -> tuple[list[Recording], list[Recording]]:
    """Return what is trained on, and what is tested."""
    if test == OFFICIAL:
        held = [one.index < 5 for one in recordings]
    else:
        held = [one.speaker == test for one in recordings]
        assert any(held), f"nobody is called {test}"
    pairs = list(zip(recordings, held, strict=True))
    return [one for one, out in pairs if not out], [one for one, out in pairs if out]


def strings_of(recordings: list[Recording], seed: int) -> tuple[list[np.ndarray], list[str]]:
    """Join recordings of one person to strings of digits, with pauses and noise."""
    rng = np.random.default_rng(seed)
    speakers = sorted({one.speaker for one in recordings})
    own = {name: [one for one in recordings if one.speaker == name] for name in speakers}
    waves, texts = [], []
    for number in range(N_STRINGS):
        pool = own[speakers[number % len(speakers)]]
        chosen = [pool[row] for row in rng.integers(len(pool), size=rng.integers(3, 8))]
        parts = [np.zeros(int(RATE * rng.uniform(0.02, 0.3)))]
        for one in chosen:
            parts += [one.wave, np.zeros(int(RATE * rng.uniform(0.02, 0.3)))]
        wave = np.concatenate(parts)
        speech = np.mean(np.concatenate([one.wave for one in chosen]) ** 2)
        noise = np.sqrt(speech / 10 ** (rng.uniform(15, 30) / 10))
        waves.append(wave + noise * rng.normal(size=len(wave)))
        texts.append(" ".join(WORDS[one.digit] for one in chosen))
    return waves, texts


def calibration_error(model: Transcriber, waves: list[np.ndarray], texts: list[str]) -> float:
    """Return the expected calibration error of symbols (Guo et al. 2017), over ten bins."""
    sure, right = [], []
    for heard, text in zip(model.predict_times(waves), texts, strict=True):
        found = [one.symbol for one in heard]
        hits = np.zeros(len(found), dtype=bool)
        matcher = difflib.SequenceMatcher(None, found, text.split(), autojunk=False)
        for block in matcher.get_matching_blocks():
            hits[block.a : block.a + block.size] = True
        sure += [one.probability for one in heard]
        right += hits.tolist()
    bins = np.minimum((np.array(sure) * 10).astype(int), 9)
    sums = np.bincount(bins, np.array(sure) - np.array(right), minlength=10)
    return float(np.abs(sums).sum() / len(sure))


def measure(recordings: list[Recording], test: str, seed: int, given: dict[str, Any]) -> dict:
    train, held = split(recordings, test)
    model = Transcriber(
        "word", sample_rate=RATE, join=7, random_state=seed, n_threads=1, verbose=1, **given
    )
    started, before = time.perf_counter(), time.process_time()
    model.fit(
        [one.wave for one in train],
        [WORDS[one.digit] for one in train],
        groups=[one.speaker for one in train],
    )
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - before
    waves, texts = strings_of(held, seed=1)
    # Seconds of one core, whatever else it has to do.
    before = time.process_time()
    errors = model.error_rate(waves, texts, unit="word")
    heard = time.process_time() - before
    spoken = sum(map(len, waves)) / RATE
    single = [one.wave for one in held]
    answers = model.predict(single)
    return {
        "test": test,
        "seed": seed,
        "digit_errors": errors,
        "single_digits": float(
            np.mean([a == WORDS[one.digit] for a, one in zip(answers, held, strict=True)])
        ),
        "calibration_error": calibration_error(model, waves, texts),
        "real_time_factor": heard / spoken,
        "fit_seconds": seconds,
        "fit_cpu_seconds": cpu_seconds,
        "epochs": int(model.receipt_["epochs"]),
    }


def table(results: list[dict]) -> str:
    columns = ["digit_errors", "single_digits", "calibration_error"]
    columns += ["real_time_factor", "fit_cpu_seconds", "fit_seconds"]
    lines = ["| test | seeds | " + " | ".join(one.replace("_", " ") for one in columns) + " |"]
    lines.append("|---" * (len(columns) + 2) + "|")
    for test in dict.fromkeys(one["test"] for one in results):
        own = [one for one in results if one["test"] == test]
        means = [np.mean([one[name] for one in own]) for name in columns]
        shown = [f"{mean:.0f}" if mean > 2 else f"{mean:.4f}" for mean in means]
        lines.append(f"| {test} | {len(own)} | " + " | ".join(shown) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tests", nargs="+", default=[OFFICIAL, "yweweler"])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--out", type=Path, default=HERE / "speech.json")
    options = parser.parse_args()
    recordings = read(options.data)
    given = {} if options.epochs is None else {"max_epochs": options.epochs}
    results = []
    for test in options.tests:
        for seed in range(options.seeds):
            results.append(measure(recordings, test, seed, given))
            print(json.dumps(results[-1]), flush=True)
    options.out.write_text(json.dumps(results, indent=1) + "\n")
    options.out.with_suffix(".md").write_text(table(results))


if __name__ == "__main__":
    main()
