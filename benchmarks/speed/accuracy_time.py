"""From raw texts of sst2 to .82 on a validation split of its training texts, in seconds.

A BiLSTM from GloVe vectors that are loaded already; each repeat has a seed of its own. A tenth
of the training rows validates. textseq with its defaults; its epochs are not timed one by one,
so validation of all of them counts as if it had come before the mark.
"""

from __future__ import annotations

import itertools
import math
import statistics
import time
from pathlib import Path
from typing import Any

import corpora
from contests import Contest, Entrant, Figures, Line, Repeat, serve

GOAL = 0.82
EPOCHS = 10  # of a peer, at most


def _split(folder: Path) -> tuple[list[str], list[str], list[str], list[str]]:
    X, y = corpora.texts(folder, "sst2")
    held_out = len(X) // 10
    return X[held_out:], y[held_out:], X[:held_out], y[:held_out]


def textseq(folder: Path, epochs: int) -> Repeat:
    import numpy as np

    from textseq import TextClassifier, WordVectors

    stored = np.load(folder / "glove_100d.npz")
    vectors = WordVectors(stored["words"], stored["matrix"])
    X, y, *validation = _split(folder)
    seeds = itertools.count()
    network = {"encoder": "bilstm", "vectors": vectors, "wide": None}
    TextClassifier(**network, max_epochs=1).fit(X[:256], y[:256])

    def once() -> dict[str, float | None]:
        started = time.perf_counter()
        model = TextClassifier(**network, random_state=next(seeds))
        history = model.fit(X, y, tuple(validation)).history_
        whole = time.perf_counter() - started
        scores = history["validation_score"]
        if scores.max() < GOAL:
            return {"reached": None}
        after = history["seconds"][int((scores >= GOAL).idxmax()) + 1 :]
        return {"reached": whole - float(after.sum())}

    return once


class _PyTorchTask:
    """What the users of PyTorch and of skorch have before and make of the texts."""

    def __init__(self, folder: Path) -> None:
        import numpy as np
        import torch

        self.X, y, self.X_validation, y_validation = _split(folder)
        self.y = torch.tensor([label == y[0] for label in y]).long()
        self.y_validation = torch.tensor([label == y[0] for label in y_validation]).long()
        stored = np.load(folder / "glove_100d.npz")
        self.vectors = dict(zip(stored["words"].tolist(), stored["matrix"], strict=True))

    def prepared(self) -> tuple[Any, Any, Any]:
        """Return ids to train on, ids to validate on, and the network."""
        import torch
        import torch_user

        # The texts of sst2 are tokens with spaces between them.
        vocabulary = torch_user.build_vocabulary(self.X, corpora.WORDS, str.split)
        ids, validation = (
            torch_user.encode(texts, vocabulary, 400, str.split)
            for texts in (self.X, self.X_validation)
        )
        table = 0.1 * torch.randn(len(vocabulary), 100)
        for row, word in enumerate(vocabulary):
            if word in self.vectors:
                table[row] = torch.from_numpy(self.vectors[word])
        model = torch_user.Recurrent(len(vocabulary), vectors=table, dropout=0.5)
        return ids, validation, model


def pytorch(folder: Path, epochs: int) -> Repeat:
    import torch
    import torch_user

    task, seeds = _PyTorchTask(folder), itertools.count()

    def once() -> dict[str, float | None]:
        torch.manual_seed(next(seeds))
        started = time.perf_counter()
        ids, validation, model = task.prepared()
        optimizer = torch.optim.Adam(model.parameters())
        batches = torch_user.loader(ids, task.y)
        for _ in range(epochs):
            torch_user.train_epoch(model, batches, optimizer, limit=math.inf)
            model.eval()
            right = torch_user.logits(model, validation).argmax(1) == task.y_validation
            if right.float().mean() >= GOAL:
                return {"reached": time.perf_counter() - started}
        return {"reached": None}

    return once


def skorch(folder: Path, epochs: int) -> Repeat:
    import torch
    import torch_user
    from skorch import NeuralNetClassifier
    from skorch.callbacks import Callback
    from skorch.dataset import Dataset
    from skorch.helper import predefined_split

    task, seeds = _PyTorchTask(folder), itertools.count()

    class Goal(Callback):
        reached = None

        def on_epoch_end(self, net: Any, **_: Any) -> None:
            if net.history[-1, "valid_acc"] >= GOAL:
                self.reached = time.perf_counter() - self.started
                raise KeyboardInterrupt  # what skorch takes for the end of a training

    def once() -> dict[str, float | None]:
        torch.manual_seed(next(seeds))
        goal = Goal()
        goal.started = time.perf_counter()
        ids, validation, model = task.prepared()
        net = NeuralNetClassifier(
            model, criterion=torch.nn.CrossEntropyLoss, optimizer=torch.optim.Adam, lr=1e-3,
            batch_size=torch_user.BATCH, iterator_train__shuffle=True, max_epochs=epochs,
            train_split=predefined_split(Dataset(validation, task.y_validation)),
            callbacks=[goal], verbose=0,
        )  # fmt: skip
        net.fit(ids, task.y)
        return {"reached": goal.reached}

    return once


CONTESTANTS = {"textseq": textseq, "PyTorch": pytorch, "skorch": skorch}


def contests(quick: bool) -> list[Contest]:
    entrants = [Entrant(who, {"epochs": 1 if quick else EPOCHS}) for who in CONTESTANTS]
    return [Contest("bilstm, sst2", entrants, rounds=1 if quick else 3)]


def lines(found: dict[str, dict[str, Figures]]) -> list[Line]:
    values: dict[str, float | None] = {}
    for who in CONTESTANTS:
        times = [repeat["reached"] for repeat in found["bilstm, sst2"][who]]
        middle = statistics.median(math.inf if t is None else t for t in times)
        values[who] = None if middle == math.inf else middle
    return [Line(f"bilstm to {GOAL:.2f} accuracy, sst2", "s", values)]


if __name__ == "__main__":
    serve(CONTESTANTS)
