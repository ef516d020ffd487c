"""AWD-LSTM in plain PyTorch, to stand beside the language models: the same ids, as many weights.

Merity et al. (2018), "Regularizing and Optimizing LSTM Language Models": dropped recurrent
weights, dropouts that are the same at all steps, dropped words, windows of random length, SGD at a
rate of 30 and the averaging that begins where validation no longer falls. Sizes, streams and
passes are those of the model it stands beside. Nothing of textseq is used here.
"""

from __future__ import annotations

import copy
import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

RATE, CLIP, DECAY = 30.0, 0.25, 1.2e-6
WINDOW, NON_MONOTONE = 70, 5
ALPHA, BETA = 2.0, 1.0


def locked(x: Tensor, share: float, training: bool) -> Tensor:
    """Drop the same values of x (T, B, D) at all steps."""
    if not training or not share:
        return x
    mask = torch.empty(1, *x.shape[1:]).bernoulli_(1 - share) / (1 - share)
    return x * mask


class AwdLstm(nn.Module):
    """Tied embeddings around LSTM layers, the last of which is as wide as the embeddings."""

    def __init__(
        self, n_tokens: int, width: int, units: int, layers: int, drop: dict[str, float]
    ) -> None:
        super().__init__()
        sizes = [width, *[units] * (layers - 1), width]
        self.table = nn.Parameter(torch.empty(n_tokens, width).uniform_(-0.1, 0.1))
        self.bias = nn.Parameter(torch.zeros(n_tokens))
        self.layers = nn.ModuleList(map(nn.LSTM, sizes[:-1], sizes[1:]))
        self.drop = drop

    def forward(self, ids: Tensor, state: list) -> tuple[Tensor, Tensor, Tensor, list]:
        """Return scores (T, B, V), the last states with and without dropout, and all ends."""
        table, drop, training = self.table, self.drop, self.training
        if training:
            keep = torch.empty(len(table), 1).bernoulli_(1 - drop["words"]) / (1 - drop["words"])
            table = table * keep
        x = locked(functional.embedding(ids, table), drop["input"], training)
        ends = []
        for number, layer in enumerate(self.layers):
            if number:
                x = locked(x, drop["hidden"], training)
            w_ih, w_hh, *biases = layer._flat_weights
            w_hh = functional.dropout(w_hh, drop["weight"], training)
            x, *end = torch.lstm(
                x, state[number], [w_ih, w_hh, *biases], True, 1, 0.0, training, False, False
            )
            ends.append(end)
        dropped = locked(x, drop["output"], training)
        return functional.linear(dropped, self.table, self.bias), dropped, x, ends

    def begin(self, n_rows: int) -> list:
        """Return states of zeros."""
        zeros = [torch.zeros(1, n_rows, layer.hidden_size) for layer in self.layers]
        return [[zero, zero.clone()] for zero in zeros]


def fit(
    network: AwdLstm,
    ids: np.ndarray,
    held_out: list[list[int]],
    n_streams: int,
    epochs: int,
    rng: np.random.Generator,
) -> AwdLstm:
    """Train on running ids, and return the network, averaged if validation has said so."""
    length = len(ids) // n_streams
    streams = torch.from_numpy(ids[: length * n_streams]).view(n_streams, length).t().contiguous()
    average, n_averaged, losses = None, 0, []
    best, lowest = copy.deepcopy(network), math.inf
    for _ in range(epochs):
        network.train()
        state, start = network.begin(n_streams), 0
        while start < length - 1:
            mean = WINDOW if rng.random() < 0.95 else WINDOW / 2
            window = max(5, int(rng.normal(mean, 5)))
            read, said = streams[start : start + window], streams[start + 1 : start + window + 1]
            read = read[: len(said)]
            scores, dropped, states, state = network(read, state)
            state = [[part.detach() for part in layer] for layer in state]
            loss = functional.cross_entropy(scores.flatten(0, 1), said.flatten())
            loss = loss + ALPHA * dropped.square().mean()
            if len(states) > 1:
                loss = loss + BETA * (states[1:] - states[:-1]).square().mean()
            weights = list(network.parameters())
            gradients = list(torch.autograd.grad(loss, weights))
            torch.nn.utils.clip_grads_with_norm_(weights, CLIP, _norm(weights, gradients))
            with torch.no_grad():
                for weight in weights:
                    assert weight.grad is not None
                    step = weight.grad + DECAY * weight
                    weight.sub_(RATE * len(read) / WINDOW * step)
                n_averaged += average is not None
                for mean_of, weight in zip(average or [], weights, strict=False):
                    mean_of.lerp_(weight, 1 / n_averaged)
            start += window
        shown = network if average is None else _with(network, average)
        loss_now = sum(nats(shown, held_out)) / sum(map(len, held_out))
        if average is None and loss_now > min(losses[:-NON_MONOTONE], default=math.inf):
            average, n_averaged = [weight.detach().clone() for weight in network.parameters()], 1
        losses.append(loss_now)
        if loss_now < lowest:
            best, lowest = copy.deepcopy(shown), loss_now
    return best.eval()


def nats(network: AwdLstm, texts: list[list[int]], begin: int = 2) -> list[float]:
    """Return -log p of each text's ids, from its begin to its end."""
    network.eval()
    found = []
    with torch.inference_mode():
        for text in texts:
            said = torch.tensor(text)
            read = torch.cat([torch.tensor([begin]), said[:-1]])
            state, total = network.begin(1), 0.0
            for part, targets in zip(read.split(2048), said.split(2048), strict=True):
                scores, _, _, state = network(part[:, None], state)
                total += float(functional.cross_entropy(scores[:, 0], targets, reduction="sum"))
            found.append(total)
    return found


def _norm(weights: list[Tensor], gradients: list[Tensor]) -> Tensor:
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.grad = gradient
    return torch.nn.utils.get_total_norm(gradients)


def _with(network: AwdLstm, average: list[Tensor]) -> AwdLstm:
    twin = copy.deepcopy(network)
    for weight, mean in zip(twin.parameters(), average, strict=True):
        weight.data.copy_(mean)
    return twin
