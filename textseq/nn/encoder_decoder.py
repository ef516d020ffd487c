"""Encoder and decoder: a sequence in, another of another length out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Self

import torch
from torch import Tensor, nn

from textseq.nn.attention import Memory
from textseq.nn.bags import Bag
from textseq.nn.beam_search import Step, beam_search
from textseq.nn.dropout import Dropout
from textseq.nn.encoders import build_encoder, layer_sizes
from textseq.nn.heads import Pooling
from textseq.nn.hypotheses import Hypotheses
from textseq.nn.network import pad
from textseq.nn.representations import Numbers, build_inputs
from textseq.nn.sampling import Draw, sample
from textseq.nn.stateful_run import States
from textseq.nn.token_decoder import BEGIN, END, PAD, UNKNOWN, TokenDecoder
from textseq.nn.trainable import Inputs, Trainable, with_modules

# What is no token of a target.
NEVER = (PAD, UNKNOWN, BEGIN)


class Seq2SeqNetwork(Trainable):
    """Source sequences to target tokens, which may be more or fewer.

    Parameters
    ----------
    n_tokens : int
        Source tokens that ids may name; of no meaning for numbers.
    n_target_tokens : int
        Target tokens, the first four of which are padding, unknown, begin and end.
    embedding_dim : int
        Width of source embeddings, or channels of a source of numbers.
    target_embedding_dim : int
    representation : {"embedding", "numbers"}, default "embedding"
        What sources are.
    encoder : str or nn.Module subclass, default "lstm"
    hidden_size, num_layers, connections, activation
        Of encoder and decoder; a decoder beside an encoder that is not recurrent has one layer,
        as wide as the encoder's last.
    bidirectional, normalization, truncated_bptt_steps
        Of the encoder.
    pooling : {"last", "mean", "max", "attention"}
        How the source's states become the vector that the decoder starts from.
    decoder : {"rnn", "lstm", "gru", "janet"}
    decoder_layers : int
    attention : {"additive", "dot"}, optional
    attending_layer : {"first", "last"}
    tie_weights : bool
    embedding_dropout, dropout : float
        On token vectors; between layers and on what the output layer reads.
    label_smoothing : float
        Share of each token's target probability that is dealt to all tokens, in training.
    teacher_forcing : float
        Probability with which each step reads the true token before it, in training; its own
        likeliest otherwise.

    References
    ----------
    Sutskever, Vinyals & Le (2014), "Sequence to Sequence Learning with Neural Networks"; label
    smoothing: Szegedy et al. (2016), "Rethinking the Inception Architecture", section 7;
    teacher forcing: Williams & Zipser (1989), "A Learning Algorithm for Continually Running
    Fully Recurrent Neural Networks"; by chance: Bengio et al. (2015), "Scheduled Sampling for
    Sequence Prediction with Recurrent Neural Networks", section 2.4.
    """

    answers_steps = True

    def __init__(
        self,
        *,
        n_tokens: int,
        n_target_tokens: int,
        embedding_dim: int,
        target_embedding_dim: int,
        representation: str = "embedding",
        encoder: str | type[nn.Module] = "lstm",
        hidden_size: int | Sequence[int] = 256,
        num_layers: int = 1,
        bidirectional: bool = False,
        connections: str = "plain",
        normalization: str | None = None,
        activation: str = "tanh",
        truncated_bptt_steps: int | None = None,
        pooling: str = "last",
        decoder: str = "lstm",
        decoder_layers: int = 1,
        attention: str | None = None,
        attending_layer: str = "last",
        tie_weights: bool = True,
        embedding_dropout: float = 0.0,
        dropout: float = 0.0,
        label_smoothing: float = 0.0,
        teacher_forcing: float = 1.0,
    ) -> None:
        super().__init__()
        self.inputs = build_inputs(representation, n_tokens, embedding_dim)
        self.steps_are_tokens = not isinstance(self.inputs, Numbers)
        self.encoder = build_encoder(
            encoder,
            self.inputs.dim,
            hidden_size,
            num_layers=num_layers,
            bidirectional=bidirectional,
            connections=connections,
            normalization=normalization,
            activation=activation,
            dropout=dropout,
            token_dropout=0.0,
            truncated_bptt_steps=truncated_bptt_steps,
        )
        self.embedding_dropout = Dropout(embedding_dropout)
        width = self.encoder.out_dim
        assert isinstance(width, int)
        self.pooling = Pooling(pooling, width, bidirectional)
        self.decoder = TokenDecoder(
            decoder,
            n_target_tokens,
            target_embedding_dim,
            layer_sizes(hidden_size, num_layers)[-decoder_layers:],
            width,
            num_layers=decoder_layers,
            connections=connections,
            activation=activation,
            attention=attention,
            attending_layer=attending_layer,
            tie_weights=tie_weights,
            embedding_dropout=embedding_dropout,
            dropout=dropout,
        )
        self.label_smoothing, self.teacher_forcing = label_smoothing, teacher_forcing

    def initialized_layers(self) -> list[nn.Module]:
        """Return the encoder's layers and the decoder's."""
        return [self.encoder, self.decoder.layers]

    def parts(self) -> dict[str, nn.Module]:
        """Return the encoder and the decoder's layers."""
        return {"encoder": self.encoder, "decoder": self.decoder.layers}

    def with_parts(self, wrap: Callable[[str, nn.Module], nn.Module]) -> Self:
        """Return a copy that shares all weights, its parts being ``wrap(name, part)``."""
        layers = wrap("decoder", self.decoder.layers)
        decoder = with_modules(self.decoder, layers=layers)
        return with_modules(super().with_parts(wrap), decoder=decoder)

    def forward(self, fields: Inputs) -> Tensor:
        """Return how unlikely the targets are.

        Parameters
        ----------
        fields : list of two (values, offsets)
            Source ids (n_ids,) or numbers (n_steps, D) end to end, and offsets (B + 1,); target
            ids, each row with its end.

        Returns
        -------
        Tensor of shape (B, 1)
            Mean negative log-likelihood of a row's tokens, in nats.
        """
        _, (ids, offsets) = fields
        losses = self._losses(fields)
        lengths = offsets.diff()
        rows = torch.repeat_interleave(torch.arange(len(lengths), device=ids.device), lengths)
        totals = losses.new_zeros(len(lengths)).index_add(0, rows, losses)
        return (totals / lengths)[:, None]

    def step_losses(self, inputs: Inputs) -> tuple[Tensor, Tensor]:
        """Return -log p (B, T) of each target token, its end included, and lengths (B,)."""
        return pad(self._losses(inputs), inputs[1][1])

    def _losses(self, fields: Inputs) -> Tensor:
        """Return -log p (n_ids,) of the targets' tokens, end to end."""
        source, (ids, offsets) = fields
        features, _ = self.reread(source, (ids, offsets), keep_weights=False)
        smoothing = self.label_smoothing if self.training else 0.0
        return self.decoder.losses(features, ids, smoothing)

    def reread(
        self, source: tuple[Tensor, ...], target: tuple[Tensor, ...], keep_weights: bool = True
    ) -> tuple[Tensor, Tensor | None]:
        """Read targets that are known, each token after the true ones before it.

        Returns
        -------
        features : Tensor of shape (n_ids, E)
            Of the target's tokens end to end; the decoder's ``logits`` makes theirs of them.
        weights : Tensor of shape (B, Ty, Tx), optional
            The attention's, if they are kept, and unless it is read step by step.
        """
        states, memory = self.read(*source)
        truth, lengths = pad(*target)
        before = torch.cat([torch.full_like(truth[:, :1], BEGIN), truth[:, :-1]], dim=1)
        weights = None
        if self.training and self.teacher_forcing < 1:
            features = self._scheduled_sampling(before, memory, states)
        else:
            features, weights, _ = self.decoder(before, memory, states, keep_weights, lengths)
        real = torch.arange(truth.shape[1], device=truth.device) < lengths[:, None]
        return features[real], weights

    def _scheduled_sampling(self, before: Tensor, memory: Memory | None, states: States) -> Tensor:
        """Return features (B, T, E); a step may read the token it says itself, not the true one."""
        forced = None
        if self.teacher_forcing:
            forced = Dropout(1 - self.teacher_forcing).kept(before.numel(), before.device)
        word = before[:, :1]
        parts: list[Tensor] = []
        for step in range(before.shape[1]):
            if step:
                word = self.decoder.logits(parts[-1]).argmax(2)
            if step and forced is not None:
                word = torch.where(forced.view_as(before)[:, step : step + 1],
                                   before[:, step : step + 1], word)  # fmt: skip
            features, _, states = self.decoder(word, memory, states, keep_weights=False)
            parts.append(features)
        return torch.cat(parts, dim=1)

    def read(self, values: Tensor, offsets: Tensor) -> tuple[States, Memory | None]:
        """Read sources; return the decoder's first states, and what it attends to."""
        padded, lengths = pad(values, offsets)
        return self.read_vectors(self.embed(padded), lengths)

    def embed(self, values: Tensor) -> Tensor:
        """Return what the encoder reads (B, T, D) of ids (B, T), or of numbers (B, T, D)."""
        if self.inputs.weight is None:
            return values.to(self.decoder.bias.dtype)
        vectors: Tensor = nn.functional.embedding(values, self.inputs.weight)
        return self.embedding_dropout(vectors)

    def read_vectors(self, x: Tensor, lengths: Tensor) -> tuple[States, Memory | None]:
        """Read what ``embed`` returns, of rows of these lengths (B,), as ``read`` does sources."""
        if isinstance(self.encoder, Bag):
            return self.decoder.start(self.encoder.read(x, lengths)), None
        states = self.encoder(x, lengths)
        start = self.decoder.start(self.pooling(states, lengths))
        attention = self.decoder.attention
        return start, None if attention is None else attention.memory(states, lengths)

    def generate(
        self,
        source: tuple[Tensor, ...],
        longest: Tensor,
        *,
        beam_size: int,
        length_penalty: float,
        n_best: int = 1,
        never: Sequence[int] = NEVER,
    ) -> Hypotheses:
        """Say likely targets for each source.

        Parameters
        ----------
        source : tuple of (values, offsets)
        longest : Tensor of shape (B,), int64
        beam_size, length_penalty, n_best, never
            As ``beam_search`` takes them.
        """
        states, memory = self.read(*source)
        return beam_search(
            self._step(memory, len(longest)),
            states,
            longest,
            beam_size=beam_size,
            length_penalty=length_penalty,
            begin=BEGIN,
            end=END,
            never=never,
            n_best=n_best,
        )

    def sample(
        self,
        source: tuple[Tensor, ...],
        longest: Tensor,
        draw: Draw,
        *,
        never: Sequence[int] = NEVER,
    ) -> Hypotheses:
        """Draw a target for each source, token by token; ``sample`` tells the parameters."""
        states, memory = self.read(*source)
        step = self._step(memory, len(longest))
        return sample(step, states, longest, draw, begin=BEGIN, end=END, never=never)

    def _step(self, memory: Memory | None, n_sources: int) -> Step:
        """Return what tells the log-probabilities of next tokens, of some of the sources."""

        def step(words: Tensor, states: States, sources: Tensor) -> tuple[Tensor, States]:
            own = memory
            if memory is not None and len(sources) < n_sources:
                own = memory.take(sources)
            features, _, states = self.decoder(words.reshape(-1, 1), own, states, False)
            logits = self.decoder.logits(features[:, 0]).float()
            return logits.log_softmax(1).unflatten(0, words.shape), states

        return step
