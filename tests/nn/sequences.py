"""Rows of vectors for the tests of the encoders."""

import torch

ENCODERS = ["rnn", "lstm", "gru", "janet", "tcn"]


def sequences(lengths, width, dim=5, dtype=torch.float64, seed=0, fill=0.0):
    """Rows of random vectors, the same whatever the padding, padded with ``fill``."""
    x = torch.full((len(lengths), width, dim), fill, dtype=dtype)
    for row, length in enumerate(lengths):
        generator = torch.Generator().manual_seed(seed + row)
        x[row, :length] = torch.randn(length, dim, generator=generator, dtype=dtype)
    return x, torch.tensor(lengths)
