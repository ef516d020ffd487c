"""The tagging network: a tag for every step of a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from textseq.nn.crf import LinearChain
from textseq.nn.network import SequenceNetwork, pad
from textseq.nn.trainable import Inputs


class SeparateTags(nn.Module):
    """Each step's tag by itself: a softmax over the emissions, and nothing learned."""

    def losses(self, emissions: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """Return each row's negative log-likelihood (B,), as ``LinearChain`` does."""
        log_p = emissions.double().log_softmax(2).gather(2, tags[:, :, None])[:, :, 0]
        return -log_p.masked_fill(~_real(emissions, lengths), 0.0).sum(1)

    def probabilities(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return the probability (B, T, K), float64, of each tag at each step."""
        return emissions.double().softmax(2)

    def best(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return the most probable tag (B, T) of each step."""
        return emissions.argmax(2)


HEADS = ("crf", "linear")


class TaggingNetwork(SequenceNetwork):
    """Sequences to a tag a step: representation, encoder, a linear layer and what reads tags off.

    Parameters
    ----------
    n_outputs : int
        Tags K.
    tags : {"crf", "linear"}, default "crf"
        Whether a row's tags are one decision, by a ``LinearChain``, or one a step.
    **options
        Of ``SequenceNetwork``.

    Examples
    --------
    >>> network = TaggingNetwork(n_tokens=9, embedding_dim=4, n_outputs=3, hidden_size=5).eval()
    >>> _ = nn.init.normal_(network.inputs.weight)
    >>> ids, offsets = torch.tensor([2, 7, 4]), torch.tensor([0, 2, 3])
    >>> network.best([(ids, offsets)]).shape  # one tag a token, end to end
    torch.Size([3])
    """

    def __init__(self, *, n_outputs: int, tags: str = "crf", **options: Any) -> None:
        super().__init__(n_outputs=n_outputs, **options)
        self.tags = LinearChain(n_outputs) if tags == "crf" else SeparateTags()

    def forward(self, fields: Inputs, table: Tensor | None = None) -> Tensor:
        """Say how well the network tags rows whose tags are known.

        Parameters
        ----------
        fields : list of one (ids, offsets, [firsts, word_offsets], tags)
            Ids (n_ids,) or numbers (n_steps, D) end to end, and offsets (B + 1,). Where ids are
            pieces of words: each word's first piece (n_words,) within its row, and the words'
            offsets (B + 1,). And the tag of each step or word, end to end.
        table : Tensor of shape (U, D), optional
            As ``SequenceNetwork`` takes it.

        Returns
        -------
        Tensor of shape (B, 1) while training, else (B, 2)
            Negative log-likelihood a step, in nats; and the share of steps tagged right.
        """
        ((ids, offsets, *words, tags),) = fields
        emissions, lengths = self.emissions(ids, offsets, words, table)
        truth, _ = pad(tags, words[1] if words else offsets)
        n_steps = lengths.clamp(min=1)
        losses = self.tags.losses(emissions, truth, lengths) / n_steps
        if self.training:
            return losses[:, None]
        hits = (self.tags.best(emissions, lengths) == truth) & _real(emissions, lengths)
        return torch.stack([losses, hits.sum(1) / n_steps], dim=1)

    def emissions(
        self,
        ids: Tensor,
        offsets: Tensor,
        words: Sequence[Tensor] = (),
        table: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Return what each step says of its tag (B, T, K), 0 at padding, and lengths (B,).

        ``words`` are ``firsts`` and ``word_offsets``, as ``forward`` takes them: a word says what
        its first piece does.
        """
        states, lengths = self.step_states(ids, offsets, table)
        if not words:
            return pad(self.head(states[_real(states, lengths)]), offsets)
        firsts, word_offsets = words
        n_words = word_offsets.diff()
        rows = torch.arange(len(n_words), device=ids.device).repeat_interleave(n_words)
        return pad(self.head(states[rows, firsts]), word_offsets)

    def best(self, fields: Inputs) -> Tensor:
        """Return the tag (n_steps,) of each step or word, rows end to end."""
        ((ids, offsets, *words),) = fields
        emissions, lengths = self.emissions(ids, offsets, words)
        return self.tags.best(emissions, lengths)[_real(emissions, lengths)]

    def probabilities(self, fields: Inputs) -> Tensor:
        """Return the probability (n_steps, K), float64, of the tags of each, rows end to end."""
        ((ids, offsets, *words),) = fields
        emissions, lengths = self.emissions(ids, offsets, words)
        return self.tags.probabilities(emissions, lengths)[_real(emissions, lengths)]


def _real(x: Tensor, lengths: Tensor) -> Tensor:
    """Return which places of ``x`` (B, T, ...) are no padding: (B, T)."""
    return torch.arange(x.shape[1], device=x.device) < lengths[:, None]
