"""What a network reads of a word beside its vector: its characters, and its shape."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from textseq.nn.convolution import CenteredConvolution
from textseq.nn.encoders import Stack
from textseq.nn.heads import Pooling
from textseq.nn.max_pooling import max_over_time
from textseq.nn.network import pad

CHARACTERS = ("cnn", "lstm")
CHARACTER_DIM = 32
FEATURES = 64
KERNEL_SIZE = 3


class WordFeatures(nn.Module):
    """Words' characters to features of each word, with those of its shape behind them.

    Parameters
    ----------
    kind : {"cnn", "lstm"}
        The maximum over a convolution's places, or both ends of an LSTM that reads both ways.
    n_characters : int
        Characters that ids may name; 0 is padding, which is all zeros.
    n_shapes : int
        Numbers that tell a word's shape.

    References
    ----------
    Ma & Hovy (2016), "End-to-end Sequence Labeling via Bi-directional LSTM-CNNs-CRF", section
    2.1; Lample et al. (2016), "Neural Architectures for Named Entity Recognition", section 4.1.

    Examples
    --------
    >>> features = WordFeatures("cnn", n_characters=9, n_shapes=2)
    >>> characters, offsets = torch.tensor([4, 2, 7]), torch.tensor([0, 2, 3])
    >>> features(characters, offsets, torch.zeros(2, 2)).shape
    torch.Size([2, 66])
    """

    def __init__(self, kind: str, n_characters: int, n_shapes: int) -> None:
        super().__init__()
        self.out_dim = FEATURES + n_shapes
        self.table = nn.Embedding(n_characters, CHARACTER_DIM, padding_idx=0)
        self.convolution: CenteredConvolution | None = None
        if kind == "cnn":
            self.convolution = CenteredConvolution(CHARACTER_DIM, FEATURES, KERNEL_SIZE)
            self.bias = nn.Parameter(torch.zeros(FEATURES))
        else:
            self.encoder = Stack("lstm", CHARACTER_DIM, FEATURES // 2, bidirectional=True)
            self.ends = Pooling("last", FEATURES, bidirectional=True)

    def forward(self, characters: Tensor, offsets: Tensor, shapes: Tensor) -> Tensor:
        """Return the features (F, D) of words.

        Parameters
        ----------
        characters : Tensor of shape (n_characters,)
            Ids, word by word, end to end.
        offsets : Tensor of shape (F + 1,)
        shapes : Tensor of shape (F, n_shapes)
        """
        weight = self.table.weight
        shapes = shapes.to(weight.dtype)
        if not len(shapes):
            return shapes.new_zeros(0, self.out_dim)
        padded, lengths = pad(characters, offsets)
        x = self.table(padded)  # (F, L, C)
        if self.convolution is None:
            read = self.ends(self.encoder(x, lengths), lengths)
        else:
            # A bias is the same at all places, and may as well be added to their maximum.
            read = (max_over_time(self.convolution(x), lengths) + self.bias).relu()
        return torch.cat([read, shapes], dim=1)
