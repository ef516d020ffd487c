"""The tagging network: a tag for every step of a row."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from textseq.nn.crf import Chain, LinearChain, Moves, SpanMarks, best_path, penalties
from textseq.nn.encoders import Stack
from textseq.nn.network import SequenceNetwork, pad
from textseq.nn.token_rows import TokenRows
from textseq.nn.trainable import Inputs
from textseq.nn.word_features import WordFeatures


class SeparateTags(nn.Module):
    """Each step's tag by itself: a softmax over the emissions, and nothing learned.

    Parameters
    ----------
    allowed_moves : list of K + 1 lists of K + 1 int, optional
        As ``LinearChain`` takes them: rows are tagged by the most probable tags among those that
        may follow each other.
    """

    penalties: Tensor | None

    def __init__(self, allowed_moves: Moves | None = None) -> None:
        super().__init__()
        self.register_buffer("penalties", penalties(allowed_moves), persistent=False)

    def losses(
        self, emissions: Tensor, tags: Tensor, lengths: Tensor, weights: Tensor | None = None
    ) -> Tensor:
        """Return each row's negative log-likelihood (B,), as ``LinearChain`` does.

        Each step's may be weighed, by ``weights`` (B, T).
        """
        log_p = emissions.double().log_softmax(2).gather(2, tags[:, :, None])[:, :, 0]
        log_p = log_p if weights is None else log_p * weights
        return -log_p.masked_fill(~_real(emissions, lengths), 0.0).sum(1)

    def probabilities(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return the probability (B, T, K), float64, of each tag at each step."""
        return emissions.double().softmax(2)

    def chain(self, emissions: Tensor, lengths: Tensor) -> Chain:
        """Return the sums over all ways to tag rows: those of a field whose moves score alike."""
        scores = emissions.detach().double()
        ends = scores.new_zeros(scores.shape[2])
        return Chain(scores, ends.expand(len(ends), -1), ends, ends, lengths)

    def log_marginals(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return the logarithms (B, T, K), float64, of the probabilities."""
        return emissions.double().log_softmax(2)

    def best(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return the most probable tags (B, T) of each row, of those allowed."""
        tags = emissions.argmax(2)
        if self.penalties is None:
            return tags
        # Rows whose most probable tags are allowed have them, and nothing is to be searched.
        odd = self._breaks(tags, lengths).nonzero()[:, 0]
        if len(odd):
            costs = self.penalties
            moves = costs[:-1, :-1], costs[-1, :-1], costs[:-1, -1]
            tags[odd] = best_path(emissions[odd], lengths[odd], *moves)
        return tags

    def _breaks(self, tags: Tensor, lengths: Tensor) -> Tensor:
        """Return which rows (B,) of tags (B, T) have a move that is not allowed."""
        assert self.penalties is not None
        outside = len(self.penalties) - 1
        # Behind its end a row is outside, where it stays.
        own = tags.masked_fill(~_real(tags, lengths), outside)
        around = functional.pad(own, (1, 1), value=outside)
        forbidden = self.penalties.ne(0)
        return forbidden[around[:, :-1], around[:, 1:]].any(1)


HEADS = ("crf", "linear")


class TagReader:
    """What answers by emissions and the scores of neighbouring tags."""

    tags: LinearChain | SeparateTags

    def emissions(
        self, ids: Tensor, offsets: Tensor, others: Sequence[Tensor] = ()
    ) -> tuple[Tensor, Tensor]:
        """Return what each step says of its tag (B, T, K), 0 at padding, and lengths (B,)."""
        raise NotImplementedError

    def best(self, fields: Inputs) -> Tensor:
        """Return the tag (n_steps,) of each step or word, rows end to end."""
        ((ids, offsets, *others),) = fields
        emissions, lengths = self.emissions(ids, offsets, others)
        return self.tags.best(emissions, lengths)[_real(emissions, lengths)]

    def best_spans(self, fields: Inputs, marks: SpanMarks) -> Tensor:
        """Return the best tag of each step, and how probable the span is that ends there.

        Returns
        -------
        Tensor of shape (n_steps, 2), float64
            Where no span ends, the second is no number to go by.
        """
        ((ids, offsets, *others),) = fields
        emissions, lengths = self.emissions(ids, offsets, others)
        tags = self.tags.best(emissions, lengths)
        marks = SpanMarks(*(table.to(tags.device) for table in marks))
        found = self.tags.chain(emissions, lengths).span_probabilities(tags, marks)
        return torch.stack([tags.to(found), found], dim=2)[_real(emissions, lengths)]

    def probabilities(self, fields: Inputs) -> Tensor:
        """Return the probability (n_steps, K), float64, of the tags of each, rows end to end."""
        ((ids, offsets, *others),) = fields
        emissions, lengths = self.emissions(ids, offsets, others)
        return self.tags.probabilities(emissions, lengths)[_real(emissions, lengths)]


class TaggingNetwork(TagReader, SequenceNetwork):
    """Sequences to a tag a step: representation, encoder, a linear layer and what reads tags off.

    Parameters
    ----------
    n_outputs : int
        Tags K.
    tags : {"crf", "linear"}, default "crf"
        Whether a row's tags are one decision, by a ``LinearChain``, or one a step.
    allowed_moves : list of K + 1 lists of K + 1 int, optional
        Which tag may follow which (1) and not (0) in what is answered, the last row and column
        being a sequence's outside; it has no part in the losses.
    characters : {"cnn", "lstm"}, optional
        What reads the characters of each word, as ``WordFeatures`` takes it; the encoder reads
        what it makes of them, and the words' shapes, behind their vectors.
    n_characters, n_shapes : int
        Likewise.
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

    answers_steps = True
    class_weights: Tensor | None = None
    """What steps of each tag (K,) count for, with separate tags, while the network learns."""
    counter: Callable[[Tensor, Tensor, Tensor], Tensor] | None = None
    """Counts something (B, n) of best tags, true ones (B, T) and lengths, while it learns."""

    def __init__(
        self,
        *,
        n_outputs: int,
        tags: str = "crf",
        allowed_moves: Moves | None = None,
        characters: str | None = None,
        n_characters: int = 0,
        n_shapes: int = 0,
        **options: Any,
    ) -> None:
        features = None
        if characters is not None:
            features = WordFeatures(characters, n_characters, n_shapes)
            options["n_features"] = features.out_dim
        super().__init__(n_outputs=n_outputs, **options)
        self.word_features = features
        sides = [n_outputs + 1] * (n_outputs + 1)
        if allowed_moves is not None and [*map(len, allowed_moves)] != sides:
            raise ValueError(f"allowed_moves must be of {n_outputs} tags and a row's outside")
        if tags == "crf":
            self.tags = LinearChain(n_outputs, allowed_moves)
        else:
            self.tags = SeparateTags(allowed_moves)

    def forward(self, fields: Inputs, table: Tensor | None = None) -> Tensor:
        """Say how well the network tags rows whose tags are known.

        Parameters
        ----------
        fields : list of one (ids, offsets, [...], tags)
            Ids (n_ids,) or numbers (n_steps, D) end to end, and offsets (B + 1,). Where ids are
            pieces of words: each word's first piece (n_words,) within its row, and the words'
            offsets (B + 1,). Where words' characters are read: which of F distinct forms each is
            (n_ids,), and characters, offsets (F + 1,) and shapes (F, n_shapes) of these. And the
            tag of each step or word, end to end.
        table : Tensor of shape (U, D), optional
            As ``SequenceNetwork`` takes it.

        Returns
        -------
        Tensor of shape (B, 1) while training, else (B, 2) or (B, 2 + n)
            Negative log-likelihood a step, in nats; the share of steps tagged right, both by the
            steps' weights where ``class_weights`` are set; and what ``counter`` counts.
        """
        emissions, truth, lengths = self.scored_steps(fields, table)
        real = _real(emissions, lengths)
        if self.class_weights is None:
            weights, losses = real, self.tags.losses(emissions, truth, lengths)
        else:
            assert isinstance(self.tags, SeparateTags)
            weights = self.class_weights.to(emissions.device)[truth] * real  # (B, T)
            losses = self.tags.losses(emissions, truth, lengths, weights)
        total = weights.sum(1)
        total = total.masked_fill(total == 0, 1)
        losses = losses / total
        if self.training:
            return losses[:, None]
        found = self.tags.best(emissions, lengths)
        hits = ((found == truth) & real) * weights
        outputs = torch.stack([losses, hits.sum(1) / total], dim=1)
        if self.counter is None:
            return outputs
        return torch.cat([outputs, self.counter(found, truth, lengths).to(outputs)], dim=1)

    def scored_steps(
        self, fields: Inputs, table: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return emissions (B, T, K), the true tags (B, T), and lengths (B,), of ``forward``."""
        ((ids, offsets, *others, tags),) = fields
        emissions, lengths = self.emissions(ids, offsets, others, table)
        truth, _ = pad(tags, self._answered(offsets, others))
        return emissions, truth, lengths

    def step_losses(self, inputs: Inputs) -> tuple[Tensor, Tensor]:
        """Return -log p (B, T) of each step's or word's tag, given its row, and lengths (B,)."""
        emissions, truth, lengths = self.scored_steps(inputs)
        log_p = self.tags.log_marginals(emissions, lengths).gather(2, truth[:, :, None])[:, :, 0]
        return -log_p.masked_fill(~_real(emissions, lengths), 0.0), lengths

    def emissions(
        self,
        ids: Tensor,
        offsets: Tensor,
        others: Sequence[Tensor] = (),
        table: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Return what each step says of its tag (B, T, K), 0 at padding, and lengths (B,).

        ``others`` stand between ``offsets`` and ``tags``, as ``forward`` takes them. Where they
        are of pieces, a word says what its first piece does.
        """
        if self.word_features is not None:
            states, lengths = self._states_of_words(ids, offsets, others, table)
        else:
            states, lengths = self.step_states(ids, offsets, table)
        if self.word_features is not None or not others:
            return pad(self.head(states[_real(states, lengths)]), offsets)
        firsts, word_offsets = others
        n_words = word_offsets.diff()
        rows = torch.arange(len(n_words), device=ids.device).repeat_interleave(n_words)
        return pad(self.head(states[rows, firsts]), word_offsets)

    def step_vectors(
        self, ids: Tensor, others: Sequence[Tensor] = (), table: Tensor | None = None
    ) -> Tensor:
        """Return what the encoder reads (n_ids, D) of each step, rows end to end."""
        vectors = self.token_vectors(ids) if table is None else functional.embedding(ids, table)
        if self.word_features is None:
            return vectors
        forms, *spelled = others
        return torch.cat([vectors, functional.embedding(forms, self.word_features(*spelled))], 1)

    def _states_of_words(
        self, ids: Tensor, offsets: Tensor, others: Sequence[Tensor], table: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Return the encoder's states (B, T, H) of words and their characters, and lengths."""
        dropping = self.training and self.embedding_dropout.p
        if isinstance(self.encoder, Stack) and len(ids) and not dropping:
            # Nothing tells steps of the same word, in the same form, apart.
            forms, *spelled = others
            n_forms = len(spelled[-1])
            pairs, inverse = (ids * n_forms + forms).unique(return_inverse=True)
            index, lengths = pad(inverse, offsets)
            distinct = pairs // n_forms, (pairs % n_forms, *spelled)
            rows = TokenRows(self.step_vectors(*distinct, table), index)
            states: Tensor = self.encoder(rows, lengths)
            return states, lengths
        x, lengths = pad(self.step_vectors(ids, others, table), offsets)
        return self.states(self.embedding_dropout(x), lengths), lengths

    def _answered(self, offsets: Tensor, others: Sequence[Tensor]) -> Tensor:
        """Return the offsets (B + 1,) of what has a tag: steps, or words of several pieces."""
        return others[1] if others and self.word_features is None else offsets


class TaggingMembers(TagReader, nn.Module):
    """Networks that tag together: by the mean of what their steps say, and of what tags say.

    The taggings that they hold likely are likely here, too: the probability of a whole tagging is
    the geometric mean of theirs, up to a factor.

    Parameters
    ----------
    networks : sequence of TaggingNetwork
        Of the same tags.

    References
    ----------
    Hinton (2002), "Training Products of Experts by Minimizing Contrastive Divergence", section 1.
    """

    def __init__(self, networks: Sequence[TaggingNetwork]) -> None:
        super().__init__()
        self.members = nn.ModuleList(networks)
        self.tags = copy.deepcopy(networks[0].tags)
        each = zip(*(network.tags.parameters() for network in networks), strict=True)
        for own, scores in zip(self.tags.parameters(), each, strict=True):
            own.data = torch.stack(scores).mean(0)

    def emissions(
        self, ids: Tensor, offsets: Tensor, others: Sequence[Tensor] = ()
    ) -> tuple[Tensor, Tensor]:
        """Return what each step says of its tag (B, T, K), and lengths (B,)."""
        networks = cast(Iterable[TaggingNetwork], self.members)
        found = [network.emissions(ids, offsets, others) for network in networks]
        return torch.stack([emissions for emissions, _ in found]).mean(0), found[0][1]


def _real(x: Tensor, lengths: Tensor) -> Tensor:
    """Return which places of ``x`` (B, T, ...) are no padding: (B, T)."""
    return torch.arange(x.shape[1], device=x.device) < lengths[:, None]
