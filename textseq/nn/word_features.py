"""What a network reads of a word beside its vector: its characters, and its shape."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from textseq.nn.encoders import Stack
from textseq.nn.heads import Pooling
from textseq.nn.max_pooling import max_over_time
from textseq.nn.network import pad
from textseq.nn.token_rows import TokenRows

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
        Characters that ids may name; 0 is what stands before and behind a word.
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
        self.table = nn.Parameter(torch.empty(n_characters, CHARACTER_DIM))
        nn.init.normal_(self.table)
        self.encoder: Stack | None = None
        if kind == "lstm":
            self.encoder = Stack("lstm", CHARACTER_DIM, FEATURES // 2, bidirectional=True)
            self.ends = Pooling("last", FEATURES, bidirectional=True)
        else:
            self.kernel = nn.Parameter(torch.empty(KERNEL_SIZE * FEATURES, CHARACTER_DIM))
            bound = (KERNEL_SIZE * CHARACTER_DIM) ** -0.5
            nn.init.uniform_(self.kernel, -bound, bound)
            self.bias = nn.Parameter(torch.zeros(FEATURES))

    def forward(self, characters: Tensor, offsets: Tensor, shapes: Tensor) -> Tensor:
        """Return the features (F, D) of words.

        Parameters
        ----------
        characters : Tensor of shape (n_characters,)
            Ids, word by word, end to end.
        offsets : Tensor of shape (F + 1,)
        shapes : Tensor of shape (F, n_shapes)
        """
        shapes = shapes.to(self.table.dtype)
        if not len(shapes):
            return shapes.new_zeros(0, self.out_dim)
        if self.encoder is None:
            padded, lengths = pad(self._convolved(characters, offsets), offsets)
            # A bias is the same at all places, and may as well be added to their maximum.
            read = (max_over_time(padded, lengths) + self.bias).relu()
        else:
            index, lengths = pad(characters, offsets)
            read = self.ends(self.encoder(TokenRows(self.table, index), lengths), lengths)
        return torch.cat([read, shapes], dim=1)

    def _convolved(self, characters: Tensor, offsets: Tensor) -> Tensor:
        """Return what the convolution has at each place (n_characters, FEATURES).

        Characters are few and places are many: each character is multiplied once with each part of
        the kernel, and a place adds up what its neighbours' have.
        """
        filled = offsets.diff() > 0
        before, behind = torch.zeros_like(characters), torch.zeros_like(characters)
        before[1:], behind[:-1] = characters[:-1], characters[1:]
        before[offsets[:-1][filled]] = 0
        behind[offsets[1:][filled] - 1] = 0
        parts = nn.functional.linear(self.table, self.kernel).view(-1, FEATURES)
        around = torch.stack([before, characters, behind], dim=1) * KERNEL_SIZE
        around += torch.arange(KERNEL_SIZE, device=characters.device)
        found: Tensor = nn.functional.embedding_bag(around, parts, mode="sum")
        return found
