"""What several networks that answer together are worth, beside one: `n_members`.

    python benchmarks/members.py --data DIR [--sets sst2,mr] [--encoder gru] [--members 5]

Prints a row a set and a number of networks: accuracy and mean log loss on the test rows with the
gain of the several over the one and its 95 % interval (paired bootstrap over test rows; a row's
score is its mean over the seeds), the expected calibration error, and the seconds of a fit. DIR as
accuracy.py has it. The wide path is beside both, as by default.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from accuracy import default_model, fit_and_answer, train_and_test

from textseq import WordVectors
from textseq.labels.calibration import expected_calibration_error

SETS = "sst2,mr,banking77,debian_section_pt"
N_DRAWS = 10_000


def measure(
    name: str, data: Path, encoder: str, vectors: WordVectors, n_members: int, seed: int
) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Return for each test row whether it is right and its loss, the calibration error, seconds."""
    train, test = train_and_test(name, data)
    model = default_model(name, encoder, vectors, n_members=n_members, random_state=seed)
    truth, logs, seconds = fit_and_answer(model, train, test)
    error = expected_calibration_error(truth, np.exp(logs))
    return logs.argmax(1) == truth, -logs[np.arange(len(truth)), truth], error, seconds


def gained(one: np.ndarray, several: np.ndarray) -> str:
    """Say by how much the mean of the rows' scores changes, with its interval."""
    change = several - one
    rows = np.random.default_rng(0).integers(len(change), size=(N_DRAWS, len(change)))
    low, high = np.quantile(change[rows].mean(1), [0.025, 0.975])
    return f"{change.mean():+.4f} ({low:+.4f} to {high:+.4f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", default=SETS)
    parser.add_argument("--encoder", default="gru")
    parser.add_argument("--members", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    vectors = WordVectors.load(arguments.data / "glove" / "glove.6B.100d.top100k.txt.xz")
    print("| set | networks | accuracy | gain | log loss | gain | calibration error | seconds |")
    print("|" + "---|" * 8)
    for name in arguments.sets.split(","):
        known = None
        for n_members in (1, arguments.members):
            found = [
                measure(name, arguments.data, arguments.encoder, vectors, n_members, seed)
                for seed in range(arguments.seeds)
            ]
            right, loss, error, seconds = (
                np.mean(part, axis=0) for part in zip(*found, strict=True)
            )
            gains = ("", "") if known is None else tuple(map(gained, known, (right, loss)))
            known = right, loss
            print(
                f"| {name} | {n_members} | {right.mean():.3f} | {gains[0]} | {loss.mean():.3f} | "
                f"{gains[1]} | {error:.3f} | {seconds:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
