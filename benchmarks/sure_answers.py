"""Whether probabilities and sets hold on test rows: calibration error, and conformal coverage.

    python benchmarks/sure_answers.py --data DIR [--sets sst2,mr] [--encoder gru] [--seeds 3]

Prints a row a set: the expected calibration error of the network by itself, of the same with
``calibrate=True``, and of the network with its wide path (the default); then how often
``predict_set`` of that holds the true class where 80, 90 and 95 % are asked, and the mean number of
classes in its sets of 90 %. DIR as accuracy.py has it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from accuracy import SETS, default_model, train_and_test

from textseq import WordVectors
from textseq.labels.calibration import expected_calibration_error

COVERAGES = (0.8, 0.9, 0.95)
NETWORKS = ({"wide": None}, {"wide": None, "calibrate": True}, {})


def measure(name: str, data: Path, encoder: str, vectors: WordVectors, seed: int) -> list[float]:
    """Return the three calibration errors, the coverages and the size of the sets of 90 %."""
    train, test = train_and_test(name, data)
    errors = []
    for own in NETWORKS:
        model = default_model(name, encoder, vectors, random_state=seed, **own).fit(*train)
        truth = np.searchsorted(model.classes_, test[1])
        errors.append(expected_calibration_error(truth, model.predict_proba(test[0])))
    sets = [model.predict_set(test[0], coverage) for coverage in COVERAGES]
    held = [found[np.arange(len(truth)), truth].mean() for found in sets]
    return [*errors, *held, sets[1].sum(1).mean()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--encoder", default="gru")
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    vectors = WordVectors.load(arguments.data / "glove" / "glove.6B.100d.top100k.txt.xz")
    errors = "network, error | calibrated | with its wide path"
    print(f"| set | {errors} | 80 % asked | 90 % | 95 % | classes in a set of 90 % |")
    print("|" + "---|" * 8)
    for name in arguments.sets.split(","):
        found = [
            measure(name, arguments.data, arguments.encoder, vectors, seed)
            for seed in range(arguments.seeds)
        ]
        *shares, size = np.mean(found, axis=0)
        print(
            f"| {name} | {' | '.join(f'{share:.3f}' for share in shares)} | {size:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
