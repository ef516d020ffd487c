"""Heads: hidden states pooled over time, then mapped to outputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import torch
from torch import Tensor, nn

from textseq.nn.dropout import Dropout
from textseq.nn.max_pooling import max_over_time
from textseq.nn.trainable import Inputs

POOLINGS = ("last", "mean", "max", "attention", "concat", "first")
# States are between -1 and 1: what varies less than this is rounding.
SMALLEST_STD = 1e-3


class Pooling(nn.Module):
    """Turn states (B, T, H) into one vector a row, never looking at padding.

    The vector has the states' width H, and 3H for ``"concat"``: ``out_dim``.

    A row of length 0 pools to zeros.

    Parameters
    ----------
    kind : {"last", "mean", "max", "attention", "concat", "first"}
        ``"last"`` takes each direction's state after its last token; ``"first"`` the state of the
        first one, which a transformer puts there for this (BERT's [CLS]);
        ``"attention"`` weighs the states by softmax(v . tanh(W h_t));
        ``"concat"`` lays last, max and mean side by side.
    size : int
        Width H of the states.
    bidirectional : bool
        Whether the second half of the states was read backwards.

    References
    ----------
    Attention pooling: Yang et al. (2016), "Hierarchical Attention Networks for
    Document Classification", equations 5-7. Concat pooling: Howard & Ruder (2018), "Universal
    Language Model Fine-tuning for Text Classification", section 3.3.
    """

    def __init__(self, kind: str, size: int, bidirectional: bool = False) -> None:
        super().__init__()
        self.kind = kind
        self.bidirectional = bidirectional
        self.out_dim = 3 * size if kind == "concat" else size
        if kind == "attention":
            self.project = nn.Linear(size, size)
            self.score = nn.Linear(size, 1, bias=False)

    def forward(self, states: Tensor, lengths: Tensor) -> Tensor:
        """Pool states (B, T, H) over each row's first ``lengths`` (B,) steps."""
        if self.kind == "last":
            return self._last(states, lengths)
        if self.kind == "first":
            return _zero_if_empty(states[:, 0], lengths)
        if self.kind == "max":
            return max_over_time(states, lengths)
        if self.kind == "concat":
            ends, largest = self._last(states, lengths), max_over_time(states, lengths)
            return torch.cat([ends, largest, _mean(states, lengths)], dim=1)
        if self.kind == "mean":
            return _mean(states, lengths)
        real = _real(states, lengths)
        states = states.masked_fill(~real[:, :, None], 0.0)
        scores = self.score(self.project(states).tanh()).squeeze(2)  # (B, T)
        weights = scores.masked_fill(~real, -torch.inf).softmax(1)
        return _zero_if_empty((weights[:, :, None] * states).sum(1), lengths)

    def _last(self, states: Tensor, lengths: Tensor) -> Tensor:
        rows = torch.arange(len(lengths), device=states.device)
        ends = (lengths - 1).clamp(min=0)
        last = states[rows, ends]
        if self.bidirectional:
            half = states.shape[2] // 2
            last = torch.cat([last[:, :half], states[:, 0, half:]], dim=1)
        return _zero_if_empty(last, lengths)


def _real(states: Tensor, lengths: Tensor) -> Tensor:
    """Return which steps (B, T) of states (B, T, H) are no padding."""
    return torch.arange(states.shape[1], device=states.device) < lengths[:, None]


def _mean(states: Tensor, lengths: Tensor) -> Tensor:
    # masked_fill, not a product: 0 * NaN at a padded step would still be NaN.
    states = states.masked_fill(~_real(states, lengths)[:, :, None], 0.0)
    return states.sum(1) / lengths.clamp(min=1)[:, None].to(states.dtype)


def _zero_if_empty(pooled: Tensor, lengths: Tensor) -> Tensor:
    return pooled.masked_fill(lengths[:, None] == 0, 0.0)


def compare_vectors(u: Tensor, v: Tensor) -> Tensor:
    """Lay two texts' vectors side by side: u, v, |u - v|, u * v, shape (B, 4H).

    References
    ----------
    Conneau et al. (2017), "Supervised Learning of Universal Sentence
    Representations from Natural Language Inference Data", section 3.1.
    """
    return torch.cat([u, v, (u - v).abs(), u * v], dim=1)


def beside_columns(vectors: list[Tensor], fields: Inputs) -> Tensor:
    """Lay the columns (B, C) of a batch, if it has any, beside the vectors (B, H) of its texts.

    Parameters
    ----------
    vectors : list of one or two Tensors of shape (B, H)
        Two of them are compared.
    fields : list of tuple of Tensors
        As ``SequenceNetwork`` reads them.

    References
    ----------
    Cheng et al. (2016), "Wide & Deep Learning for Recommender Systems", figure 4.
    """
    together = vectors[0] if len(vectors) == 1 else compare_vectors(*vectors)
    _, _, *columns = fields[0]
    return torch.cat([together, *columns], dim=1) if columns else together


class _NoOutputs(nn.Linear):
    def reset_parameters(self) -> None:
        """Draw nothing; torch warns of it."""


class Head(nn.Module):
    """Document vectors to outputs: hidden layers with relu, if any, then a linear one.

    Parameters
    ----------
    in_features : int
        Width of the vectors.
    n_outputs : int
        0 for a network that is read up to its vectors only.
    hidden_sizes : sequence of int
        Units of each hidden layer.
    dropout, hidden_dropout : float
        On the vectors, and on each hidden layer's units.
    n_columns : int, default 0
        The last of ``in_features``, which dropout leaves as they are.
    """

    standards: Tensor | None
    """Mean and standard deviation (2, in_features) of the vectors while ``standardized``."""

    def __init__(
        self,
        in_features: int,
        n_outputs: int,
        hidden_sizes: Sequence[int] = (),
        dropout: float = 0.0,
        hidden_dropout: float = 0.0,
        n_columns: int = 0,
    ) -> None:
        super().__init__()
        self.in_features, self.n_columns = in_features, n_columns
        self.dropout = Dropout(dropout)
        self.hidden_dropout = Dropout(hidden_dropout)
        widths = [in_features, *hidden_sizes]
        self.hidden = nn.ModuleList(nn.Linear(*pair) for pair in pairwise(widths))
        self.output = (nn.Linear if n_outputs else _NoOutputs)(widths[-1], n_outputs)
        self.register_buffer("standards", None, persistent=False)

    def initialize(self) -> None:
        """Draw first values of hidden layers, and of the linear one above them, for relu.

        References
        ----------
        Of hidden layers: He et al. (2015), "Delving Deep into Rectifiers", equation 10; above
        them: Glorot & Bengio (2010), equation 16.
        """
        for layer in self.hidden:
            assert isinstance(layer, nn.Linear)
            nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
        if len(self.hidden) and self.output.out_features:
            nn.init.xavier_uniform_(self.output.weight)
            nn.init.zeros_(self.output.bias)

    def grow(self, places: Sequence[int], n_outputs: int) -> None:
        """Give the outputs new places among more of them; new ones start as their mean.

        Parameters
        ----------
        places : sequence of int
            Where each output goes.
        n_outputs : int
        """
        with torch.no_grad():
            for name, old in list(self.output.named_parameters()):
                more = old.mean(0).expand(n_outputs, *old.shape[1:]).clone()
                more[list(places)] = old
                setattr(self.output, name, nn.Parameter(more, requires_grad=old.requires_grad))
        self.output.out_features = n_outputs

    def forward(self, vectors: Tensor) -> Tensor:
        """Map vectors (B, in_features) to outputs (B, n_outputs)."""
        if self.standards is not None:
            mean, std = self.standards
            vectors = (vectors - mean) / std
        if self.n_columns:
            texts, columns = vectors.tensor_split([self.in_features - self.n_columns], dim=1)
            x = torch.cat([self.dropout(texts), columns], dim=1)
        else:
            x = self.dropout(vectors)
        for layer in self.hidden:
            x = self.hidden_dropout(layer(x).relu())
        outputs: Tensor = self.output(x)
        return outputs


@contextmanager
def standardized(head: Head, vectors: Tensor) -> Iterator[None]:
    """Let a head read vectors less their mean, over their standard deviation, for a while.

    A number that varies little counts as much as any other, but for the ``n_columns`` beside them,
    which stay as they are. In the end mean and deviation are folded into the head's first layer,
    W / s and b - W m / s, which then reads vectors as they are, to the same outputs.

    Parameters
    ----------
    head : Head
    vectors : Tensor of shape (n, in_features)
        What mean m and standard deviation s are taken of.

    Examples
    --------
    >>> head, vectors = Head(2, 1), torch.tensor([[5.0, 0.1], [7.0, 0.3]])
    >>> with standardized(head, vectors):
    ...     outputs = head(vectors)
    >>> torch.allclose(head(vectors), outputs, atol=1e-5)
    True
    """
    as_double = vectors.double()
    mean, std = as_double.mean(0), as_double.std(0, correction=0).clamp(min=SMALLEST_STD)
    columns = slice(head.in_features - head.n_columns, None)
    mean[columns], std[columns] = 0.0, 1.0
    head.standards = torch.stack([mean, std]).to(vectors.dtype)
    try:
        yield
    finally:
        head.standards = None
        first = head.hidden[0] if len(head.hidden) else head.output
        assert isinstance(first, nn.Linear)
        with torch.no_grad():
            weight = first.weight.double() / std
            first.bias.sub_(weight @ mean)
            first.weight.copy_(weight)
