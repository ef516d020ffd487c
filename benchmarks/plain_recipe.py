"""A lesson's numbers and no others: plain PyTorch beside the plain recipe and the tuned one.

Frozen GloVe vectors of 50 dimensions, two layers of 32 units, the largest state over 100 tokens,
learning rate .01, once with the lesson's epochs and rows a step as well: the rest is what each
starts with. 2,000 texts of 20 newsgroups, the standard test texts; the AUC is the mean of each
group against the others. PyTorch learns from all 2,000 texts and keeps the last epoch, textseq
sets a tenth aside, which chooses the epoch. Writes plain_recipe.md beside this file:

    python benchmarks/plain_recipe.py --data DIR [--seeds 3] [--cells lstm,rnn]

DIR holds classification/newsgroups20/{train,test}.csv.gz and glove/; see benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import time
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from textseq import TextClassifier, WordVectors

HERE = Path(__file__).parent
N_ROWS, N_TOKENS, UNITS, N_LAYERS, RATE = 2_000, 100, 32, 2, 0.01
# What a lesson names that must end soon. Where none are named PyTorch, which has no epochs and
# rows a step of its own, gets luz's, as the plain recipe does.
PASSES: dict[str, dict[str, Any]] = {
    "2 epochs of 128 rows": {"max_epochs": 2, "batch_size": 128},
    "not named": {},
}
Texts = tuple[list[str], np.ndarray]


class Lesson(nn.Module):
    """The network as a course writes it down."""

    def __init__(self, cell: str, vectors: Tensor, n_classes: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(vectors, freeze=True)
        kind = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell]
        self.layers = kind(vectors.shape[1], UNITS, num_layers=N_LAYERS, batch_first=True)
        self.output = nn.Linear(UNITS, n_classes)

    def forward(self, ids: Tensor) -> Tensor:
        """Map ids (B, T) to logits (B, n_classes)."""
        states, _ = self.layers(self.embedding(ids))
        logits: Tensor = self.output(states.amax(1))
        return logits


def read(path: Path, rows: slice = slice(None)) -> Texts:
    """Return some texts of a table and their groups."""
    frame = pl.read_csv(path, schema_overrides={"label": pl.String, "text": pl.String})[rows]
    return frame["text"].fill_null("").to_list(), frame["label"].to_numpy()


def auc(truth: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the mean AUC of each group against the others."""
    return float(roc_auc_score(truth, probabilities, multi_class="ovr"))


def textseq_auc(
    parameters: dict[str, Any], vectors: WordVectors, train: Texts, test: Texts
) -> tuple[float, TextClassifier]:
    """Fit with the lesson's numbers; return AUC and model."""
    model = TextClassifier(
        vectors=vectors, freeze_vectors=True, hidden_size=UNITS, num_layers=N_LAYERS,
        max_length=N_TOKENS, learning_rate=RATE, **parameters,
    )  # fmt: skip
    model.fit(*train)
    return auc(test[1], model.predict_proba(test[0])), model


def torch_auc(twin: TextClassifier, train: Texts, test: Texts) -> float:
    """Fit the lesson's network in plain PyTorch to the ids and vectors that ``twin`` reads.

    Epochs and rows a step are those of ``twin``, by the plain recipe.
    """
    chosen = twin.fitted_parameters_
    torch.manual_seed(twin.random_state)
    vectors = twin.network_.inputs.weight
    network = Lesson(twin.encoder, vectors, len(twin.classes_))
    ids, targets = padded(twin, train[0]), torch.tensor(np.searchsorted(twin.classes_, train[1]))
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    for _ in range(chosen["max_epochs"]):
        for rows in torch.randperm(len(ids)).split(chosen["batch_size"]):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(ids[rows]), targets[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        probabilities = network(padded(twin, test[0])).softmax(1)
    return auc(test[1], probabilities.numpy())


def padded(model: TextClassifier, texts: list[str]) -> Tensor:
    """Return the ids of texts (n, N_TOKENS), padded on the right."""
    fields = model.encoding_.ids(texts).fields
    rows = [torch.from_numpy(fields[0][row]) for row in range(len(texts))]
    ids = nn.utils.rnn.pad_sequence(rows, batch_first=True)
    return nn.functional.pad(ids, (0, N_TOKENS - ids.shape[1]))


def main() -> None:
    """Run all cells and seeds, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--cells", default="lstm,rnn")
    arguments = parser.parse_args()
    folder = arguments.data / "classification/newsgroups20"
    train = read(folder / "train.csv.gz", slice(N_ROWS))
    test = read(folder / "test.csv.gz")
    vectors = WordVectors.load(arguments.data / "glove/glove.6B.50d.txt.xz")
    lines = [
        "| cell | epochs | way | AUC, mean | each seed | seconds a fit |",
        "|---|---|---|---|---|---|",
    ]
    for cell, passes in product(arguments.cells.split(","), PASSES):
        found: dict[str, list[tuple[float, float]]] = {}
        for seed in range(arguments.seeds):
            for recipe in ("tuned", "plain"):
                named = {"encoder": cell, "random_state": seed, "recipe": recipe, **PASSES[passes]}
                started = time.perf_counter()
                score, model = textseq_auc(named, vectors, train, test)
                seconds = time.perf_counter() - started
                found.setdefault(f"textseq, recipe={recipe!r}", []).append((score, seconds))
            started = time.perf_counter()
            score = torch_auc(model, train, test)
            found.setdefault("plain PyTorch", []).append((score, time.perf_counter() - started))
        for way, rows in found.items():
            scores, seconds_each = zip(*rows, strict=True)
            each = " ".join(f"{score:.3f}" for score in scores)
            lines.append(
                f"| {cell} | {passes} | {way} | {np.mean(scores):.3f} | {each} | "
                f"{np.mean(seconds_each):.0f} |"
            )
            print(lines[-1], flush=True)
    (HERE / "plain_recipe.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
