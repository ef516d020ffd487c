"""A language model's network: each token's probability from those before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from textseq.nn.dropout import Dropout, LockedDropout, WordDropout
from textseq.nn.encoders import Stack
from textseq.nn.representations import build_inputs
from textseq.nn.softmax import Softmax
from textseq.nn.stateful_run import StatefulRun, States, detached, take_rows
from textseq.nn.trainable import Inputs, Trainable

# Steps of all rows together that are read at once: bounds memory, however long a text is.
PIECE = 2**14
# A tied table starts uniform between so much above and below 0, as in Merity et al. (2018).
TIED_START = 0.1


class LanguageNetwork(Trainable):
    """Token vectors, an encoder that reads forwards, and a softmax over the tokens.

    While training, a batch goes on where the batch before of the same streams stopped, without
    its gradient; ``train()``, which an epoch begins with, lets all streams begin anew. The
    streams must be dealt to threads alike in all batches.

    Parameters
    ----------
    n_tokens : int
        Tokens V that ids may name, ``<pad>`` included.
    embedding_dim : int
        Width D of the embeddings.
    representation : {"embedding", "onehot"}, default "embedding"
    encoder : {"rnn", "lstm", "gru", "janet", "tcn"}, default "lstm"
    hidden_size, num_layers, connections, normalization, activation, mogrifier
        Of the encoder, a ``Stack``.
    tie_weights : bool, default True
        Whether the embedding table scores the tokens, too.
    cutoffs : sequence of int, default ()
        Of an adaptive ``Softmax``; a full one without.
    embedding_dropout, input_dropout, hidden_dropout, dropout, weight_dropout : float
        Of whole words; of the vectors read, of what is handed from layer to layer and of what
        the softmax reads, the same at all steps; and of the recurrent matrices.

    References
    ----------
    Merity et al. (2018), "Regularizing and Optimizing LSTM Language Models"; streams cut into
    windows: Mikolov et al. (2010), "Recurrent neural network based language model".

    Examples
    --------
    >>> network = LanguageNetwork(n_tokens=9, embedding_dim=4, hidden_size=5).eval()
    >>> after, states = network.next_token(torch.tensor([[2, 8, 3]]))
    >>> after.shape, after.exp().sum().round().item()
    (torch.Size([1, 9]), 1.0)
    """

    steps_are_tokens = True
    answers_steps = True

    def __init__(
        self,
        *,
        n_tokens: int,
        embedding_dim: int,
        representation: str = "embedding",
        encoder: str = "lstm",
        hidden_size: int | Sequence[int] = 128,
        num_layers: int = 1,
        connections: str = "plain",
        normalization: str | None = None,
        activation: str = "tanh",
        mogrifier: int | None = None,
        tie_weights: bool = True,
        cutoffs: Sequence[int] = (),
        embedding_dropout: float = 0.0,
        input_dropout: float = 0.0,
        hidden_dropout: float = 0.0,
        dropout: float = 0.0,
        weight_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.inputs = build_inputs(representation, n_tokens, embedding_dim)
        self.encoder = Stack(
            encoder,
            self.inputs.dim,
            hidden_size,
            num_layers=num_layers,
            connections=connections,
            normalization=normalization,
            activation=activation,
            mogrifier=mogrifier,
        )
        self.encoder.between = LockedDropout(hidden_dropout)
        table = self.inputs.weight
        tied = tie_weights and table is not None
        width = self.encoder.out_dim
        self.output = Softmax(width, n_tokens, self.inputs.dim if tied else None, cutoffs)
        if table is not None and tied:
            nn.init.uniform_(table, -TIED_START, TIED_START)
        elif table is not None:
            nn.init.normal_(table, std=self.inputs.dim**-0.5)
        self.embedding_dropout = WordDropout(embedding_dropout, n_tokens)
        self.input_dropout = LockedDropout(input_dropout)
        self.dropout = LockedDropout(dropout)
        self.weight_dropout = Dropout(weight_dropout)
        # Where each thread's streams stopped, by the first of them.
        self._ends: dict[int, States] = {}

    def train(self, mode: bool = True) -> LanguageNetwork:
        """Set the mode, and let all streams begin anew."""
        self._ends = {}
        super().train(mode)
        return self

    def carried(self) -> dict[str, Tensor]:
        """Return where each thread's streams stopped."""
        return {
            f"{first}.{layer}.{part}": tensor
            for first, states in self._ends.items()
            for layer, own in enumerate(states)
            for part, tensor in enumerate(own)
        }

    def take_up(self, carried: dict[str, Tensor]) -> None:
        """Let the streams go on from what ``carried`` returned."""
        ends: dict[int, list[list[Tensor]]] = {}
        for name, tensor in carried.items():
            first, layer, _ = map(int, name.split("."))
            states = ends.setdefault(first, [])
            if layer == len(states):
                states.append([])
            states[layer].append(tensor.to(next(self.parameters()).device))
        self._ends = {first: tuple(map(tuple, states)) for first, states in ends.items()}

    def forward(self, inputs: Inputs) -> Tensor:
        """Return the mean -log p (B, 1) of what each row says, in nats a token.

        Parameters
        ----------
        inputs : list of one tuple of four tensors
            Ids that are read and ids that are said next (B, T), padded on the right; lengths
            (B,); and the stream that each row goes on with (B,).
        """
        ((read, targets, lengths, streams),) = inputs
        if not self.training:
            return self._means(read, targets, lengths)
        mine = int(streams[0])
        states, end = self.read(read, self._ends.get(mine))
        self._ends[mine] = detached(end)
        return self._sums(states, targets, lengths)[:, None] / lengths[:, None]

    def step_losses(self, inputs: Inputs) -> tuple[Tensor, Tensor]:
        """Return -log p (B, T) of each token that rows say, and lengths (B,)."""
        ((read, targets, lengths, _),) = inputs
        losses = torch.zeros(read.shape, dtype=self.output_dtype, device=read.device)
        for rows, piece, left, states in self._pieces(read, lengths):
            real = torch.arange(states.shape[1], device=read.device) < left[:, None]
            found = self.output.losses(states[real], targets[rows, piece][real], self.inputs.weight)
            row, step = real.nonzero(as_tuple=True)
            losses = losses.index_put((rows[row], piece.start + step), found)
        return losses, lengths

    def embed(self, ids: Tensor) -> Tensor:
        """Return token vectors (B, T, D) of ids (B, T)."""
        vectors: Tensor = self.inputs.rows(ids.flatten()).unflatten(0, ids.shape)
        return vectors.to(self.output_dtype)

    def read(
        self, ids: Tensor, before: States | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, States]:
        """Read ids (B, T) on from where ``before`` stopped; all of them, or of each row so many.

        Returns
        -------
        states : Tensor of shape (B, T, H)
            What the softmax reads.
        end : States
        """
        x = self.input_dropout(self.embedding_dropout.of_words(self.embed(ids), ids))
        return self.read_vectors(x, before, lengths)

    def read_vectors(
        self, x: Tensor, before: States | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, States]:
        """Read token vectors (B, T, D) as ``read`` does ids."""
        run = StatefulRun(before, self.weight_dropout)
        if lengths is None:
            lengths = torch.full((len(x),), x.shape[1], device=x.device)
        states = self.encoder(x, lengths, run)
        return self.dropout(states), run.states

    def next_token(self, ids: Tensor, before: States | None = None) -> tuple[Tensor, States]:
        """Return log p (B, V) of the token behind ids (B, T), and where reading stopped."""
        for piece in ids.split(max(PIECE // len(ids), 1), dim=1):
            states, before = self.read(piece, before)
        assert before is not None
        return self.log_probabilities(states[:, -1]), before

    def log_probabilities(self, states: Tensor) -> Tensor:
        """Return log p (n, V) of every token after states (n, H)."""
        return self.output.log_probabilities(states, self.inputs.weight)

    @property
    def output_dtype(self) -> torch.dtype:
        """Precision of the network."""
        return next(self.parameters()).dtype

    def _means(self, read: Tensor, targets: Tensor, lengths: Tensor) -> Tensor:
        """Return the mean -log p (B, 1) of each row."""
        # Summed in float64: a text of a million tokens is a sum of a million.
        totals = torch.zeros(len(read), dtype=torch.float64, device=read.device)
        for rows, piece, left, states in self._pieces(read, lengths):
            totals[rows] += self._sums(states, targets[rows, piece], left)
        return (totals / lengths)[:, None]

    def _pieces(
        self, read: Tensor, lengths: Tensor
    ) -> Iterator[tuple[Tensor, slice, Tensor, Tensor]]:
        """Read rows of any length piece by piece, and leave those out that are over.

        Yields
        ------
        rows : Tensor of shape (n,)
            Those that are not over.
        piece : slice
            Of their steps.
        left : Tensor of shape (n,)
            Steps of this piece that are each row's own.
        states : Tensor of shape (n, steps, H)
            What the softmax reads.
        """
        rows, before = torch.arange(len(read), device=read.device), None
        size = max(PIECE // len(read), 1)
        for start in range(0, read.shape[1], size):
            # Rows that are over leave, and with them their states; all others keep their order.
            going = lengths[rows] > start
            if before is not None and not going.all():
                before = take_rows(before, going.nonzero()[:, 0])
                rows = rows[going]
            piece = slice(start, start + size)
            left = (lengths[rows] - start).clamp(max=size)  # (rows,), real steps of this piece
            states, before = self.read(read[rows, piece], before, left)
            yield rows, piece, left, states

    def _sums(self, states: Tensor, targets: Tensor, lengths: Tensor) -> Tensor:
        """Return -log p (B,) of the first targets (B, T) of each row, as many as lengths."""
        table = self.inputs.weight
        real = torch.arange(targets.shape[1], device=targets.device) < lengths[:, None]
        if real.all():
            losses = self.output.losses(states.flatten(0, 1), targets.flatten(), table)
            return losses.unflatten(0, targets.shape).sum(1, dtype=torch.float64)
        losses = self.output.losses(states[real], targets[real], table).double()
        row = real.nonzero()[:, 0]
        return losses.new_zeros(len(targets)).index_add(0, row, losses)
