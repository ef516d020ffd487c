"""The transcription network: frames in, symbols and blanks out."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from textseq.labels.edit_distance import edit_distance
from textseq.nn.ctc import best_symbols, ctc_losses
from textseq.nn.network import SequenceNetwork, pad
from textseq.nn.trainable import Inputs


class TranscriptionNetwork(SequenceNetwork):
    """Sequences to the symbols that they say: encoder, a linear layer, and CTC.

    Parameters
    ----------
    n_outputs : int
        Symbols K, the blank, number 0, among them.
    **options
        Of ``SequenceNetwork``.

    References
    ----------
    Graves, Mohamed & Hinton (2013), "Speech Recognition with Deep Recurrent Neural Networks".

    Examples
    --------
    >>> network = TranscriptionNetwork(
    ...     n_tokens=0, representation="numbers", embedding_dim=4, n_outputs=3, hidden_size=5
    ... ).eval()
    >>> frames, offsets = torch.zeros(7, 4), torch.tensor([0, 4, 7])
    >>> network.log_probabilities([(frames, offsets)]).shape  # of each step, rows end to end
    torch.Size([7, 3])
    """

    answers_steps = False

    def __init__(self, *, n_outputs: int, **options: Any) -> None:
        super().__init__(n_outputs=n_outputs, **options)

    def forward(self, fields: Inputs, table: Tensor | None = None) -> Tensor:
        """Say how well the network transcribes rows whose symbols are known.

        Parameters
        ----------
        fields : list of one (frames, offsets, symbols, symbol_offsets)
            Frames (n_steps, D) and symbols (n_symbols,) end to end, and offsets (B + 1,) of each.
        table : None

        Returns
        -------
        Tensor of shape (B, 1) while training, else (B, 3)
            Negative log-likelihood a symbol, in nats; and of the best path the symbols that are
            wrong, missing or too many, and how many there should be.
        """
        ((frames, offsets, symbols, symbol_offsets),) = fields
        log_p, lengths = self._log_p(frames, offsets)
        counts = symbol_offsets.diff()
        losses = ctc_losses(log_p, lengths, symbols, counts) / counts.clamp(min=1)
        if self.training:
            return losses[:, None]
        truth = symbols.split(counts.tolist())
        steps = zip(log_p.detach().cpu().numpy(), lengths.tolist(), truth, strict=True)
        wrong = [
            edit_distance(best_symbols(row[:length]).tolist(), own.tolist())
            for row, length, own in steps
        ]
        errors = torch.tensor(wrong, dtype=losses.dtype, device=losses.device)
        return torch.stack([losses, errors, counts.to(losses)], dim=1)

    def log_probabilities(self, fields: Inputs) -> Tensor:
        """Return log p (n_steps, K) of the symbols at each step, rows end to end."""
        ((frames, offsets, *_),) = fields
        log_p, lengths = self._log_p(frames, offsets)
        return log_p[torch.arange(log_p.shape[1], device=log_p.device) < lengths[:, None]]

    def _log_p(self, frames: Tensor, offsets: Tensor) -> tuple[Tensor, Tensor]:
        """Return log p (B, T, K), and lengths (B,)."""
        states, lengths = self.step_states(frames, offsets)
        real = torch.arange(states.shape[1], device=states.device) < lengths[:, None]
        # Of real steps alone: what is computed of a row does not depend on others' lengths.
        log_p, _ = pad(functional.log_softmax(self.head(states[real]).double(), 1), offsets)
        return log_p, lengths
