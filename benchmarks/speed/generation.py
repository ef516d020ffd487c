"""What models of many words say: beam search of a translator, and learning by groups of words.

Plain PyTorch is what its tutorials and manual give: all sources and beams of a step in one batch,
`nn.AdaptiveLogSoftmaxWithLoss` with the same groups. The translators are untrained, so that each
answer goes on to its most tokens and both do the same steps.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import corpora
import numpy as np
from contests import Contest, Entrant, Figures, Line, Repeat, greatest, serve

UNITS, BEAMS, N_SAID, N_READ = 256, 5, 20, 12
CUTOFFS = (2_000, 10_000, 50_000)  # where rarer groups begin
STREAMS, STEPS = 32, 40


def _sources(rows: int, words: int) -> np.ndarray:
    """Return word numbers (rows, N_READ)."""
    return np.random.default_rng(0).integers(words, size=(rows, N_READ))


def textseq_beams(folder: Path, rows: int, words: int) -> Repeat:
    from textseq import Seq2Seq

    names = np.array([f"w{number}" for number in range(words)])
    every = [" ".join(part) for part in np.array_split(names, words // N_READ)]
    model = Seq2Seq(
        attention="dot", hidden_size=UNITS, embedding_dim=UNITS, beam_size=BEAMS, unknown="never"
    )
    model.prepare(every, every)
    sources = [" ".join(names[row]) for row in _sources(rows, words)]

    def once() -> dict[str, float]:
        started = time.perf_counter()
        model.predict(sources, max_new_tokens=N_SAID)
        return {"tokens_per_second": rows * N_SAID / (time.perf_counter() - started)}

    return once


def pytorch_beams(folder: Path, rows: int, words: int) -> Repeat:
    import torch
    from torch import nn

    class Translator(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.source, self.target = nn.Embedding(words, UNITS), nn.Embedding(words, UNITS)
            self.encoder = nn.LSTM(UNITS, UNITS, batch_first=True, bidirectional=True)
            self.decoder = nn.LSTM(UNITS, UNITS, batch_first=True)
            self.start, self.keys = nn.Linear(2 * UNITS, UNITS), nn.Linear(2 * UNITS, UNITS)
            self.combine, self.bias = nn.Linear(3 * UNITS, UNITS), nn.Parameter(torch.zeros(words))

        def step(self, last: Any, state: Any, states: Any, keys: Any) -> tuple[Any, Any]:
            x, state = self.decoder(self.target(last)[:, None], state)  # (B * K, 1, H)
            weights = (x @ keys.transpose(1, 2)).softmax(2)
            read = torch.cat([weights @ states, x], 2)
            logits = self.combine(read).tanh()[:, 0] @ self.target.weight.t() + self.bias
            return logits.log_softmax(1), state

    @torch.no_grad()
    def search(model: Translator, ids: Any) -> Any:
        n = len(ids)
        states, (h, _) = model.encoder(model.source(ids))
        states = states.repeat_interleave(BEAMS, 0)
        keys = model.keys(states)
        first = model.start(torch.cat([h[0], h[1]], 1)).tanh().repeat_interleave(BEAMS, 0)
        state = first[None], torch.zeros_like(first)[None]
        said = torch.zeros(n * BEAMS, 1, dtype=torch.long)
        totals = torch.full((n, BEAMS), -torch.inf)
        totals[:, 0] = 0.0
        for _ in range(N_SAID):
            chances, state = model.step(said[:, -1], state, states, keys)
            candidates = (totals[:, :, None] + chances.view(n, BEAMS, -1)).flatten(1)
            totals, chosen = candidates.topk(BEAMS, 1)
            parents = (torch.arange(n)[:, None] * BEAMS + chosen // words).flatten()
            said = torch.cat([said[parents], (chosen % words).view(-1, 1)], 1)
            state = tuple(part[:, parents] for part in state)
        return said.view(n, BEAMS, -1)[:, 0]

    model, ids = Translator().eval(), torch.from_numpy(_sources(rows, words))

    def once() -> dict[str, float]:
        started = time.perf_counter()
        for batch in ids.split(64):
            search(model, batch)
        return {"tokens_per_second": rows * N_SAID / (time.perf_counter() - started)}

    return once


def textseq_groups(folder: Path, rows: int) -> Repeat:
    from textseq import LanguageModel

    texts = corpora.texts(folder, "imdb")[0][:rows]

    def once() -> dict[str, float]:
        model = LanguageModel(
            "word", softmax="adaptive", tie_weights=False, embedding_dim=UNITS, hidden_size=UNITS,
            num_layers=1, max_epochs=1, batch_size=STREAMS, truncated_bptt_steps=STEPS,
            weight_dropout=0.0, validation_fraction=0.0, random_state=0,
        )  # fmt: skip
        model.fit(texts)
        return {"tokens_per_second": float(model.history_["tokens_per_second"].iloc[0])}

    return once


def pytorch_groups(folder: Path, rows: int) -> Repeat:
    import torch
    from torch import nn

    padded = corpora.padded_ids(folder, "imdb", "train", 400)[0][:rows]
    found = np.unique(padded[padded != 0], return_inverse=True, return_counts=True)
    # Numbered by how often they come, as the groups need them.
    ranks = np.empty(len(found[0]), dtype=np.int64)
    ranks[np.argsort(-found[2], kind="stable")] = np.arange(len(ranks))
    ids = torch.from_numpy(ranks[found[1]])
    cutoffs = [first for first in CUTOFFS if first < len(ranks)]
    streams = ids[: len(ids) // STREAMS * STREAMS].view(STREAMS, -1)

    def once() -> dict[str, float]:
        table, encoder = nn.Embedding(len(ranks), UNITS), nn.LSTM(UNITS, UNITS, batch_first=True)
        groups = nn.AdaptiveLogSoftmaxWithLoss(UNITS, len(ranks), cutoffs)
        weights = [*table.parameters(), *encoder.parameters(), *groups.parameters()]
        optimizer = torch.optim.AdamW(weights, lr=5e-3)
        state, started = None, time.perf_counter()
        for start in range(0, streams.shape[1] - 1, STEPS):
            read, said = (
                streams[:, start : start + STEPS],
                streams[:, start + 1 : start + STEPS + 1],
            )
            read = read[:, : said.shape[1]]
            optimizer.zero_grad()
            x, state = encoder(table(read), state)
            state = tuple(part.detach() for part in state)
            loss = groups(x.flatten(0, 1), said.flatten()).loss
            loss.backward()
            nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
        return {"tokens_per_second": streams.numel() / (time.perf_counter() - started)}

    return once


CONTESTANTS = {
    "textseq, beams": textseq_beams,
    "PyTorch, beams": pytorch_beams,
    "textseq, groups": textseq_groups,
    "PyTorch, groups": pytorch_groups,
}
PEERS = ("textseq", "PyTorch")
WORKS = {
    "beams": f"say {N_SAID} tokens by {BEAMS} beams, 8,000 words",
    "groups": "train a language model, adaptive softmax",
}


def contests(quick: bool) -> list[Contest]:
    cases = {
        "beams": {"rows": 64 if quick else 512, "words": 8_000},
        "groups": {"rows": 200 if quick else 2_000},
    }
    return [
        Contest(
            name,
            [Entrant(f"{who}, {name}", case, label=who) for who in PEERS],
            rounds=1 if quick else 3,
        )
        for name, case in cases.items()
    ]


def lines(found: dict[str, dict[str, Figures]]) -> list[Line]:
    return [
        Line(
            work,
            "tokens/s",
            {who: greatest(found[name][who], "tokens_per_second") for who in PEERS},
            more_is_better=True,
        )
        for name, work in WORKS.items()
        if name in found
    ]


if __name__ == "__main__":
    serve(CONTESTANTS)
