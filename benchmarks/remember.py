"""Remember the first of 200 tokens: who can, and why the others can not.

A text is "yes" or "no" and 199 words of no meaning; its label is its first word. Every
row is the same network but for what it is named after; gradient_flow says of each, after
training, whether gradients vanish on the way back to the first word. Writes remember.md
beside this file:

    python benchmarks/remember.py [--length 200] [--seeds 3]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from textseq import TextClassifier, gradient_flow

HERE = Path(__file__).parent
ROWS = [
    ("rnn", {}),
    ("rnn", {"init": "orthogonal"}),
    ("lstm", {}),
    ("lstm", {"init": "chrono"}),
    ("gru", {}),
    ("gru", {"init": "chrono"}),
    ("janet", {}),
    ("janet", {"init": "chrono"}),
    ("tcn", {}),
]


def texts(n: int, length: int, seed: int) -> tuple[list[str], np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.choice(["no", "yes"], n)
    words = np.char.add("w", rng.integers(10, size=(n, length - 1)).astype(str))
    return [" ".join([label, *row]) for label, row in zip(labels, words, strict=True)], labels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--length", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    X, y = texts(4000, arguments.length, seed=0)
    test = texts(1000, arguments.length, seed=1)
    lines = [
        "| encoder | init | accuracy (each seed) | seconds | gradient_flow |",
        "|---|---|---|---|---|",
    ]
    for encoder, parameters in ROWS:
        models = [
            TextClassifier(
                encoder=encoder, embedding_dim=16, hidden_size=32, pooling="last",
                embedding_dropout=0.0, dropout=0.0, max_epochs=6,
                batch_size=32, wide=None, random_state=seed, **parameters,
            ).fit(X, y)
            for seed in range(arguments.seeds)
        ]  # fmt: skip
        scores = " ".join(f"{model.score(*test):.3f}" for model in models)
        seconds = np.mean([model.history_["seconds"].sum() for model in models])
        kinds = ["-"] if encoder == "tcn" else [gradient_flow(m, *test).kind for m in models]
        found = ", ".join(dict.fromkeys(kinds))
        init = parameters.get("init", "default")
        lines.append(f"| {encoder} | {init} | {scores} | {seconds:.0f} | {found} |")
        print(lines[-1], flush=True)
    (HERE / "remember.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
