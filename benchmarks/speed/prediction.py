"""Predict with a BiLSTM on imdb at 400 tokens: many texts, and one raw text at a time.

Speed does not ask how well a network was trained: these have seen a few batches. Many texts
are padded to the longest by the peers, a single one by none.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import corpora
from contests import Contest, Entrant, Figures, Line, Repeat, greatest, least, serve
from training import LONGEST, classifier

SINGLE = 300  # texts, one after the other


def textseq(folder: Path, rows: int) -> Repeat:
    from textseq import Tokenizer

    tokens = Tokenizer().tokenize(corpora.texts(folder, "imdb", "test")[0][:rows])
    model = _textseq_model(folder)
    n_tokens = int(tokens.lengths.clip(max=LONGEST).sum())
    return _throughput(lambda: model.predict(tokens), n_tokens)


def textseq_single(folder: Path) -> Repeat:
    model = _textseq_model(folder)
    return _latency(folder, lambda text: model.predict([text]))


def _textseq_model(folder: Path) -> Any:
    X, y = corpora.texts(folder, "imdb")
    # All words in the vocabulary, as after a training on all rows.
    words = json.loads((folder / "imdb_vocabulary.json").read_text())[2:]
    return classifier("bilstm").fit([*X[:1280], " ".join(words)], [*y[:1280], y[0]])


def pytorch(folder: Path, rows: int) -> Repeat:
    import torch
    import torch_user

    ids = torch.from_numpy(corpora.padded_ids(folder, "imdb", "test", LONGEST)[0][:rows])
    model = torch_user.Recurrent(corpora.n_tokens(folder, "imdb")).eval()
    return _throughput(lambda: torch_user.logits(model, ids).argmax(1), int((ids != 0).sum()))


def pytorch_single(folder: Path) -> Repeat:
    import torch
    import torch_user

    words = json.loads((folder / "imdb_vocabulary.json").read_text())
    vocabulary = {word: number for number, word in enumerate(words)}
    model = torch_user.Recurrent(len(words)).eval()

    @torch.no_grad()
    def predict(text: str) -> None:
        model(torch_user.encode([text], vocabulary, LONGEST)).argmax(1)

    return _latency(folder, predict)


def keras(folder: Path, rows: int) -> Repeat:
    import keras_user

    ids = corpora.padded_ids(folder, "imdb", "test", LONGEST)[0][:rows]
    model = keras_user.build("bilstm", corpora.n_tokens(folder, "imdb"))
    model.predict(ids[:128], batch_size=keras_user.BATCH, verbose=0)
    predict = lambda: model.predict(ids, batch_size=keras_user.BATCH, verbose=0)  # noqa: E731
    return _throughput(predict, int((ids != 0).sum()))


def keras_single(folder: Path) -> Repeat:
    """A function that TensorFlow has compiled: ``model.predict`` takes far longer."""
    import keras_user
    import tensorflow as tf
    from keras.layers import TextVectorization

    words = json.loads((folder / "imdb_vocabulary.json").read_text())[2:]
    read = TextVectorization(vocabulary=words)
    model = keras_user.build("bilstm", len(words) + 2)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def predict(texts: Any) -> Any:
        return tf.argmax(model(read(texts)[:, :LONGEST], training=False), 1)

    return _latency(folder, lambda text: predict(tf.constant([text])).numpy())


def _throughput(predict: Callable[[], Any], n_tokens: int) -> Repeat:
    def once() -> dict[str, float]:
        started = time.perf_counter()
        predict()
        return {"tokens_per_second": n_tokens / (time.perf_counter() - started)}

    return once


def _latency(folder: Path, predict: Callable[[str], Any]) -> Repeat:
    texts = corpora.texts(folder, "imdb", "test")[0][:SINGLE]
    for text in texts[:20]:
        predict(text)

    def once() -> dict[str, float]:
        milliseconds = []
        for text in texts:
            started = time.perf_counter()
            predict(text)
            milliseconds.append(1000 * (time.perf_counter() - started))
        milliseconds.sort()
        return {
            "p50_ms": milliseconds[len(texts) // 2],
            "p99_ms": milliseconds[len(texts) * 99 // 100],
        }

    return once


CONTESTANTS = {
    "textseq": textseq,
    "PyTorch": pytorch,
    "Keras": keras,
    "textseq, one text": textseq_single,
    "PyTorch, one text": pytorch_single,
    "Keras, one text": keras_single,
}
PEERS = ("textseq", "PyTorch", "Keras")


def contests(quick: bool) -> list[Contest]:
    many = [Entrant(who, {"rows": 640 if quick else 2560}) for who in PEERS]
    single = [Entrant(f"{who}, one text", label=who) for who in PEERS]
    rounds = 1 if quick else 3
    return [Contest("many", many, rounds), Contest("one text", single, rounds)]


def lines(found: dict[str, dict[str, Figures]]) -> list[Line]:
    table = []
    if "many" in found:
        values = {who: greatest(found["many"][who], "tokens_per_second") for who in PEERS}
        table.append(Line("predict, bilstm, imdb", "tokens/s", values, more_is_better=True))
    if "one text" in found:
        for part in ("p50", "p99"):
            values = {who: least(found["one text"][who], f"{part}_ms") for who in PEERS}
            table.append(Line(f"predict one raw text, {part}", "ms", values))
    return table


if __name__ == "__main__":
    serve(CONTESTANTS)
