"""Pretrained transformer encoders of the BERT family, read without padding.

Rows of a batch lie end to end, so that matrices multiply real tokens alone; attention is computed
for rows of the same length together, which need no mask. A row's states are the same in every
batch but for the order in which a matrix product adds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": F.gelu,
    "gelu_new": lambda x: F.gelu(x, approximate="tanh"),
    "gelu_pytorch_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "relu": F.relu,
}
# By the model's type: tokens before the first position's vector.
FAMILIES = {"bert": 0, "roberta": 2, "xlm-roberta": 2, "camembert": 2, "distilbert": 0}
# A DistilBERT's names, and BERT's.
_DISTILBERT = {
    "transformer.layer.": "encoder.layer.",
    ".attention.q_lin.": ".attention.self.query.",
    ".attention.k_lin.": ".attention.self.key.",
    ".attention.v_lin.": ".attention.self.value.",
    ".attention.out_lin.": ".attention.output.dense.",
    ".sa_layer_norm.": ".attention.output.LayerNorm.",
    ".ffn.lin1.": ".intermediate.dense.",
    ".ffn.lin2.": ".output.dense.",
    ".output_layer_norm.": ".output.LayerNorm.",
}
_DISTILBERT_CONFIG = {
    "hidden_size": "dim",
    "num_hidden_layers": "n_layers",
    "num_attention_heads": "n_heads",
    "intermediate_size": "hidden_dim",
    "hidden_act": "activation",
}


class Block(nn.Module):
    """One layer: self-attention and a feed-forward part, each added to its input, normalised.

    Parameters
    ----------
    width : int
        Of the states, D.
    n_heads : int
        Heads H of D / H values each.
    hidden : int
        Units of the feed-forward part.
    activation : str
        A name in ``ACTIVATIONS``.
    epsilon : float
        Of the layer normalisations.
    """

    def __init__(
        self, width: int, n_heads: int, hidden: int, activation: str, epsilon: float
    ) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.activation = ACTIVATIONS[activation]
        # Queries, keys and values of all heads in one product.
        self.qkv = nn.Linear(width, 3 * width)
        self.attended = nn.Linear(width, width)
        self.attention_norm = nn.LayerNorm(width, epsilon)
        self.widen = nn.Linear(width, hidden)
        self.narrow = nn.Linear(hidden, width)
        self.output_norm = nn.LayerNorm(width, epsilon)

    def forward(self, x: Tensor, runs: list[tuple[int, int, int]]) -> Tensor:
        """Return the next states (N, D) of states (N, D).

        Parameters
        ----------
        x : Tensor of shape (N, D)
            Rows end to end.
        runs : list of (start, n_rows, length)
            Neighbouring rows of the same length, by their first token.
        """
        qkv = self.qkv(x)  # (N, 3 D)
        parts = [
            self._attend(qkv[start : start + n_rows * length], n_rows, length)
            for start, n_rows, length in runs
        ]
        states = self.attention_norm(x + self.attended(torch.cat(parts)))
        hidden = self.activation(self.widen(states))
        output: Tensor = self.output_norm(states + self.narrow(hidden))
        return output

    def _attend(self, qkv: Tensor, n_rows: int, length: int) -> Tensor:
        """Return what each token of rows of one length attends to (n_rows * length, D)."""
        # (3, B, H, T, D / H)
        q, k, v = qkv.view(n_rows, length, 3, self.n_heads, -1).permute(2, 0, 3, 1, 4)
        read = F.scaled_dot_product_attention(q, k, v)
        return read.transpose(1, 2).reshape(n_rows * length, -1)


class Transformer(nn.Module):
    """Token ids to contextual states, by a pretrained encoder of the BERT family.

    Parameters
    ----------
    config : mapping
        As ``config.json`` has it: model_type, hidden_size, num_hidden_layers and so on.

    Raises
    ------
    ValueError
        If the model is of another family, or has something that this one lacks.

    References
    ----------
    Vaswani et al. (2017), "Attention Is All You Need"; Devlin et al. (2019), "BERT"; Liu et al.
    (2019), "RoBERTa"; Sanh et al. (2019), "DistilBERT".

    Examples
    --------
    >>> small = dict(model_type="bert", vocab_size=9, hidden_size=4, num_hidden_layers=1,
    ...              num_attention_heads=2, intermediate_size=8, max_position_embeddings=6)
    >>> network = Transformer(small)
    >>> network(torch.tensor([2, 7, 3, 2, 3]), torch.tensor([0, 3, 5])).shape
    torch.Size([5, 4])
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        own = _checked(config)
        width, epsilon = own["hidden_size"], own.get("layer_norm_eps", 1e-12)
        self.first_position = FAMILIES[own["model_type"]]
        self.longest = own["max_position_embeddings"] - self.first_position
        self.out_dim = width
        self.words = nn.Embedding(own["vocab_size"], width)
        self.positions = nn.Embedding(own["max_position_embeddings"], width)
        self.norm = nn.LayerNorm(width, epsilon)
        self.blocks = nn.ModuleList(
            Block(
                width,
                own["num_attention_heads"],
                own["intermediate_size"],
                own.get("hidden_act", "gelu"),
                epsilon,
            )
            for _ in range(own["num_hidden_layers"])
        )

    def forward(self, ids: Tensor, offsets: Tensor) -> Tensor:
        """Return the states (N, D) of rows of ids.

        Parameters
        ----------
        ids : Tensor of shape (N,), int64
            Rows end to end, with the tokens that begin and end a text.
        offsets : Tensor of shape (B + 1,)
            Where each row begins; no row is longer than ``longest``. Rows of like length stand
            together, best sorted by it.
        """
        lengths = offsets.diff()
        starts = offsets[:-1].repeat_interleave(lengths)
        position = torch.arange(len(ids), device=ids.device) - starts + self.first_position
        x = self.norm(self.words(ids) + self.positions(position))
        runs = _runs(lengths.tolist())
        for block in self.blocks:
            x = block(x, runs)
        return x

    def load(self, weights: Mapping[str, Tensor]) -> None:
        """Take the weights of a file, under the names of its family.

        Raises
        ------
        ValueError
            If weights are missing, or of other sizes than the configuration tells.
        """
        named = _plain_names(weights)
        own = {
            "words.weight": named["embeddings.word_embeddings.weight"],
            "positions.weight": named["embeddings.position_embeddings.weight"],
            **_layer(named, "norm", "embeddings.LayerNorm"),
        }
        types = named.get("embeddings.token_type_embeddings.weight")
        if types is not None:
            # All tokens are of the first segment: its vector is a part of every position's.
            own["positions.weight"] = own["positions.weight"] + types[0]
        for number in range(len(self.blocks)):
            theirs, ours = f"encoder.layer.{number}.", f"blocks.{number}."
            qkv = [theirs + f"attention.self.{part}" for part in ("query", "key", "value")]
            own |= {
                f"{ours}qkv.{kind}": torch.cat([named[f"{part}.{kind}"] for part in qkv])
                for kind in ("weight", "bias")
            }
            for name, their in (
                ("attended", "attention.output.dense"),
                ("attention_norm", "attention.output.LayerNorm"),
                ("widen", "intermediate.dense"),
                ("narrow", "output.dense"),
                ("output_norm", "output.LayerNorm"),
            ):
                own |= _layer(named, ours + name, theirs + their)
        try:
            self.load_state_dict({name: weight.float() for name, weight in own.items()})
        except RuntimeError as error:
            raise ValueError(f"the weights do not fit config.json: {error}") from error


def _checked(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration under BERT's names."""
    family = config.get("model_type")
    if family not in FAMILIES:
        raise ValueError(
            f"the model is of type {family!r}, which textseq does not read; it reads "
            f"{', '.join(FAMILIES)}"
        )
    own = dict(config)
    if family == "distilbert":
        own |= {name: config[theirs] for name, theirs in _DISTILBERT_CONFIG.items()}
    for name, only in (("position_embedding_type", "absolute"), ("is_decoder", False)):
        if own.get(name, only) != only:
            raise ValueError(f"the model has {name}={own[name]!r}; textseq reads {only!r} alone")
    if own.get("hidden_act", "gelu") not in ACTIVATIONS:
        raise ValueError(
            f"the model has hidden_act={own['hidden_act']!r}; textseq has {', '.join(ACTIVATIONS)}"
        )
    return own


def _plain_names(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights by BERT's names, without what a task has put before them."""
    named = {}
    for name, weight in weights.items():
        short = name
        for prefix in ("bert.", "roberta.", "distilbert."):
            short = short.removeprefix(prefix)
        for theirs, berts in _DISTILBERT.items():
            short = short.replace(theirs, berts)
        # As the first files were written, from another library's.
        short = short.replace("LayerNorm.gamma", "LayerNorm.weight")
        named[short.replace("LayerNorm.beta", "LayerNorm.bias")] = weight
    lacking = "embeddings.word_embeddings.weight"
    if lacking not in named:
        raise ValueError(f"the file of weights has no {lacking}, so that it is no encoder's")
    return named


def _layer(named: Mapping[str, Tensor], own: str, theirs: str) -> dict[str, Tensor]:
    """Return a layer's weight and bias under its own name."""
    try:
        return {f"{own}.{kind}": named[f"{theirs}.{kind}"] for kind in ("weight", "bias")}
    except KeyError as error:
        raise ValueError(f"the file of weights lacks {error}") from error


def _runs(lengths: list[int]) -> list[tuple[int, int, int]]:
    """Return the runs of neighbouring rows of one length: first token, rows, length.

    Examples
    --------
    >>> _runs([3, 3, 2])
    [(0, 2, 3), (6, 1, 2)]
    """
    if not lengths:
        return []
    bounds = [0, *(np.flatnonzero(np.diff(lengths)) + 1).tolist(), len(lengths)]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return [
        (int(offsets[first]), stop - first, lengths[first])
        for first, stop in zip(bounds[:-1], bounds[1:], strict=True)
    ]
