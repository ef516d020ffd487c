"""Train networks on imdb, 400 tokens a text, and on sst2: tokens a second.

All read the same ids: 30,000 words, embeddings of 50 numbers that are trained, 128 units a
direction, its last state to the output layer, Adam, batches of 64. Tokens are real ones,
padding is not counted. textseq trains on ``rows`` texts, its peers until ``limit`` seconds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import corpora
from contests import Contest, Entrant, Figures, Line, Repeat, greatest, serve

LONGEST = 400
DIM, UNITS = 50, 128
GATES = {"lstm": 4, "bilstm": 4, "gru": 3, "janet": 2}
ENCODERS = ["bilstm", "lstm", "gru", "janet", "tcn", "mean"]
#: Texts that textseq trains on, and the seconds after which its peers stop.
IMDB, SST2 = {"rows": 6400, "limit": 10.0}, {"rows": 6920, "limit": 10.0}
QUICK = {"rows": 640, "limit": 2.0}


def classifier(encoder: str, **parameters: Any) -> Any:
    from textseq import TextClassifier

    same = {
        "embedding_dim": DIM, "hidden_size": UNITS, "max_length": LONGEST, "pooling": "last",
        "embedding_dropout": 0.0, "dropout": 0.0, "optimizer": "adam", "learning_rate": 1e-3,
        "schedule": "constant", "clip_grad_norm": None, "batch_size": 64, "max_epochs": 1,
        "validation_fraction": 0, "wide": None, "random_state": 0,
    }  # fmt: skip
    return TextClassifier(encoder=encoder, **same | parameters)


def textseq(folder: Path, corpus: str, encoder: str, rows: int, limit: float) -> Repeat:
    from textseq import Tokenizer

    X, y = corpora.texts(folder, corpus)
    tokens, labels = Tokenizer().tokenize(X[:rows]), y[:rows]
    classifier(encoder).fit(tokens.take(range(128)), labels[:128])

    def once() -> dict[str, float]:
        model = classifier(encoder).fit(tokens, labels)
        return _rate(model.history_["seconds"].sum(), tokens.lengths.clip(max=LONGEST).sum())

    return once


def pytorch(
    folder: Path, corpus: str, encoder: str, rows: int, limit: float, packed: bool = False
) -> Repeat:
    """Pad all texts to the longest."""
    import torch
    import torch_user

    ids, labels = map(torch.from_numpy, corpora.padded_ids(folder, corpus, "train", LONGEST))
    model = torch_user.build(encoder, corpora.n_tokens(folder, corpus))
    optimizer = torch.optim.Adam(model.parameters())
    batches = torch_user.loader(ids, labels, packed)

    def once(limit: float = limit) -> dict[str, float]:
        seen = torch_user.train_epoch(model, batches, optimizer, limit)
        return _rate(seen["seconds"], seen["tokens"])

    once(limit=0.0)
    return once


def pytorch_packed(folder: Path, **case: Any) -> Repeat:
    return pytorch(folder, packed=True, **case)


def skorch(folder: Path, corpus: str, encoder: str, rows: int, limit: float) -> Repeat:
    import time

    import torch
    import torch_user
    from skorch import NeuralNetClassifier
    from skorch.callbacks import Callback

    ids, labels = corpora.padded_ids(folder, corpus, "train", LONGEST)

    class Limit(Callback):
        def on_train_begin(self, net: Any, **_: Any) -> None:
            self.started, self.tokens = time.perf_counter(), 0

        def on_batch_end(self, net: Any, batch: Any, **_: Any) -> None:
            self.tokens += int((batch[0] != 0).sum())
            if time.perf_counter() - self.started > self.seconds:
                raise KeyboardInterrupt  # what skorch takes for the end of a training

    stop = Limit()
    net = NeuralNetClassifier(
        torch_user.build(encoder, corpora.n_tokens(folder, corpus)),
        criterion=torch.nn.CrossEntropyLoss, optimizer=torch.optim.Adam, lr=1e-3,
        batch_size=torch_user.BATCH, iterator_train__shuffle=True, train_split=None,
        max_epochs=1, verbose=0, callbacks=[stop],
    )  # fmt: skip

    def once(limit: float = limit) -> dict[str, float]:
        stop.seconds = limit
        net.fit(ids, labels)
        return _rate(time.perf_counter() - stop.started, stop.tokens)

    once(limit=0.0)
    return once


def keras(folder: Path, corpus: str, encoder: str, rows: int, limit: float) -> Repeat:
    import keras_user

    ids, labels = corpora.padded_ids(folder, corpus, "train", LONGEST)
    model = keras_user.build(encoder, corpora.n_tokens(folder, corpus))

    def once(limit: float = limit) -> dict[str, float]:
        seen = keras_user.train_epoch(model, ids, labels, limit)
        return _rate(seen["seconds"], seen["tokens"])

    once(limit=0.0)
    return once


def _rate(seconds: float, tokens: int) -> dict[str, float]:
    seconds, tokens = float(seconds), int(tokens)
    return {"seconds": seconds, "tokens": tokens, "tokens_per_second": tokens / seconds}


CONTESTANTS = {
    "textseq": textseq,
    "PyTorch": pytorch,
    "PyTorch packed": pytorch_packed,
    "skorch": skorch,
    "Keras": keras,
}
PEERS = {
    "bilstm": ["PyTorch", "PyTorch packed", "skorch", "Keras"],
    "lstm": ["PyTorch", "PyTorch packed", "skorch", "Keras"],
    "gru": ["PyTorch", "PyTorch packed", "skorch", "Keras"],
    "mean": ["PyTorch", "Keras"],
}


def contests(quick: bool) -> list[Contest]:
    found = []
    for corpus, size in (("imdb", IMDB), ("sst2", SST2)):
        for encoder in ENCODERS[:1] if quick else ENCODERS:
            case = {"corpus": corpus, "encoder": encoder} | (QUICK if quick else size)
            entrants = [Entrant(who, case) for who in ("textseq", *PEERS.get(encoder, []))]
            found.append(Contest(f"{encoder}, {corpus}", entrants, rounds=1 if quick else 2))
    return found


def useful_flops(encoder: str) -> int:
    """Return forward and backward arithmetic of one token, input and recurrent products."""
    directions = 2 if encoder.startswith("bi") else 1
    return directions * 3 * 2 * GATES[encoder] * UNITS * (DIM + UNITS)


def lines(found: dict[str, dict[str, Figures]]) -> list[Line]:
    table = []
    for name, entrants in found.items():
        encoder = name.split(",")[0]
        roof = 1e9 * greatest(entrants["machine"], "sgemm_gflops")
        values, remarks = {}, {}
        for who, repeats in entrants.items():
            if who != "machine":
                values[who] = greatest(repeats, "tokens_per_second")
                if encoder in GATES:
                    share = values[who] * useful_flops(encoder) / roof
                    remarks[who] = f"{share:.0%} of the roof"
        table.append(Line(f"train {name}", "tokens/s", values, remarks, more_is_better=True))
    return table


if __name__ == "__main__":
    serve(CONTESTANTS)
