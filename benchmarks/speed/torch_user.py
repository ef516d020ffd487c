"""Text classification as a user of PyTorch writes it: the way of its tutorials."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader, TensorDataset

BATCH = 64


def tokenize(text: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", text.lower())


def build_vocabulary(
    texts: list[str], n_words: int, tokenize: Callable[[str], list[str]] = tokenize
) -> dict[str, int]:
    counts = Counter(token for text in texts for token in tokenize(text))
    words = [word for word, _ in counts.most_common(n_words)]
    return {word: number for number, word in enumerate(["<pad>", "<unk>", *words])}


def encode(
    texts: list[str],
    vocabulary: dict[str, int],
    longest: int,
    tokenize: Callable[[str], list[str]] = tokenize,
) -> Tensor:
    """Return ids (n, T), all padded to the longest text."""
    rows = [
        torch.tensor([vocabulary.get(token, 1) for token in tokenize(text)[:longest]])
        for text in texts
    ]
    return pad_sequence(rows, batch_first=True).long()


class Mean(nn.Module):
    def __init__(self, n_tokens: int, n_classes: int = 2, dim: int = 50) -> None:
        super().__init__()
        self.embedding = nn.EmbeddingBag(n_tokens, dim, mode="mean", padding_idx=0)
        self.output = nn.Linear(dim, n_classes)

    def forward(self, ids: Tensor) -> Tensor:
        return self.output(self.embedding(ids))


class Recurrent(nn.Module):
    """LSTM or GRU; the last state of each direction goes to the output layer."""

    def __init__(
        self,
        n_tokens: int,
        n_classes: int = 2,
        encoder: str = "bilstm",
        dim: int = 50,
        vectors: Tensor | None = None,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if vectors is None:
            self.embedding = nn.Embedding(n_tokens, dim, padding_idx=0)
        else:
            self.embedding = nn.Embedding.from_pretrained(vectors, freeze=False, padding_idx=0)
        kind = nn.GRU if encoder.endswith("gru") else nn.LSTM
        both = encoder.startswith("bi")
        width = self.embedding.embedding_dim
        self.recurrent = kind(width, 128, batch_first=True, bidirectional=both)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(256 if both else 128, n_classes)

    def forward(self, ids: Tensor, lengths: Tensor | None = None) -> Tensor:
        x = self.embedding(ids)
        if lengths is not None:
            x = pack_padded_sequence(x, lengths, batch_first=True)
        _, last = self.recurrent(x)
        hidden = last[0] if isinstance(last, tuple) else last  # (directions, B, H)
        return self.output(self.dropout(torch.cat(list(hidden), dim=1)))


def build(encoder: str, n_tokens: int) -> nn.Module:
    return Mean(n_tokens) if encoder == "mean" else Recurrent(n_tokens, encoder=encoder)


def loader(ids: Tensor, labels: Tensor, packed: bool = False) -> DataLoader:
    return DataLoader(
        TensorDataset(ids, labels),
        batch_size=BATCH,
        shuffle=True,
        collate_fn=_sorted_by_length if packed else None,
    )


def _sorted_by_length(rows: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor, Tensor]:
    ids = torch.stack([row for row, _ in rows])
    labels = torch.stack([label for _, label in rows])
    lengths, order = (ids != 0).sum(1).clamp(min=1).sort(descending=True)
    return ids[order, : lengths[0]], labels[order], lengths


def train_epoch(
    model: nn.Module, batches: DataLoader, optimizer: torch.optim.Optimizer, limit: float
) -> dict[str, float]:
    """Train for an epoch, or ``limit`` seconds of it; return seconds and tokens seen."""
    criterion = nn.CrossEntropyLoss()
    model.train()
    started, seen, running_loss = time.perf_counter(), 0, 0.0
    for ids, labels, *lengths in batches:
        optimizer.zero_grad()
        loss = criterion(model(ids, *lengths), labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
        seen += int((ids != 0).sum())
        if time.perf_counter() - started > limit:
            break
    return {"seconds": time.perf_counter() - started, "tokens": seen}


@torch.no_grad()
def logits(model: Callable[[Tensor], Tensor], ids: Tensor) -> Tensor:
    return torch.cat([model(batch) for batch in ids.split(BATCH)])
