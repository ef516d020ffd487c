"""Images to sentences: pixels to places, which a decoder attends to while it speaks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from textseq.nn.attention import Memory
from textseq.nn.encoder_decoder import Seq2SeqNetwork
from textseq.nn.network import pad
from textseq.nn.stateful_run import States
from textseq.nn.trainable import Inputs

# Each convolution halves an image.
KERNEL, STRIDE, MARGIN = 6, 2, 2
# Numbers that tell a coordinate: sines and cosines of half as many wavelengths.
COORDINATE = 16
LONGEST_WAVE = 1_000.0


class Convolutions(nn.Module):
    """Convolutions over an image, each of which halves it, with relu behind them.

    Parameters
    ----------
    n_channels : int
        Numbers C of a pixel.
    filters : sequence of int
        Maps of each convolution, the first reading the pixels.

    Examples
    --------
    >>> front = Convolutions(3, filters=(8, 16))
    >>> front(torch.rand(2, 32, 24, 3)).shape
    torch.Size([2, 8, 6, 16])
    """

    def __init__(self, n_channels: int, filters: Sequence[int]) -> None:
        super().__init__()
        widths = [n_channels, *filters]
        self.layers = nn.ModuleList(
            nn.Conv2d(width, size, KERNEL, STRIDE, MARGIN)
            for width, size in zip(widths[:-1], filters, strict=True)
        )
        self.out_dim = widths[-1]

    def forward(self, images: Tensor) -> Tensor:
        """Return features (B, h, w, F) of images (B, H, W, C)."""
        x = images.permute(0, 3, 1, 2)
        for layer in self.layers:
            x = layer(x).relu()
        return x.permute(0, 2, 3, 1)


def grid_of(rows: int, columns: int, n_convolutions: int) -> tuple[int, int]:
    """Return rows and columns of the places that convolutions leave of an image.

    Examples
    --------
    >>> grid_of(32, 25, 2)
    (8, 6)
    """
    return rows // STRIDE**n_convolutions, columns // STRIDE**n_convolutions


def coordinates(numbers: Tensor) -> Tensor:
    """Return sines and cosines (n, 16) of whole numbers (n,), in waves of lengths 2 pi to 2,000 pi.

    References
    ----------
    Vaswani et al. (2017), "Attention Is All You Need", section 3.5.
    """
    waves = torch.arange(COORDINATE // 2, device=numbers.device) / (COORDINATE // 2)
    angles = numbers[:, None] * torch.exp(-math.log(LONGEST_WAVE) * waves)
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class CaptionNetwork(Seq2SeqNetwork):
    """Images, or features of their places, to target tokens.

    Each place has the coordinates of its row and its column behind its features.

    Parameters
    ----------
    embedding_dim : int
        Numbers of a pixel, or features of a place.
    image : tuple of (int, int), optional
        Rows H and columns W of pixels; without, places come with their features.
    columns : int, optional
        Of places that come with their features, where they are a grid, row by row; otherwise
        they are numbered.
    filters : sequence of int
        Of the ``Convolutions`` over an image.
    **options
        Of ``Seq2SeqNetwork``.

    References
    ----------
    Xu et al. (2015), "Show, Attend and Tell: Neural Image Caption Generation with Visual
    Attention".
    """

    def __init__(
        self,
        *,
        embedding_dim: int,
        image: Sequence[int] | None = None,
        columns: int | None = None,
        filters: Sequence[int] = (),
        **options: Any,
    ) -> None:
        front = None if image is None else Convolutions(embedding_dim, filters)
        width = embedding_dim if front is None else front.out_dim
        super().__init__(
            n_tokens=0,
            embedding_dim=width + 2 * COORDINATE,
            representation="numbers",
            **options,
        )
        self.front, self.image, self.columns = front, image, columns
        if image is not None:
            rows, columns = image
            self.columns = grid_of(rows, columns, len(filters))[1]

    def read(self, values: Tensor, offsets: Tensor) -> tuple[States, Memory | None]:
        """Read images, rows of W * C numbers each, or places, end to end."""
        x, lengths = pad(values.to(self.decoder.bias.dtype), offsets)
        if self.front is not None:
            assert self.image is not None
            features = self.front(x.view(len(x), *self.image, -1))  # (B, h, w, F)
            x = features.flatten(1, 2)
            lengths = torch.full_like(lengths, x.shape[1])
        places = torch.arange(x.shape[1], device=x.device)
        columns = x.shape[1] if self.columns is None else self.columns
        where = torch.cat([coordinates(places // columns), coordinates(places % columns)], dim=1)
        return self.read_vectors(torch.cat([x, where.expand(len(x), -1, -1)], dim=2), lengths)

    def weights(self, fields: Inputs) -> Tensor:
        """Return the attention's weights (B, Ty, P) of places, at each token of known targets."""
        _, weights = self.reread(fields[0], fields[1])
        assert weights is not None
        return weights
