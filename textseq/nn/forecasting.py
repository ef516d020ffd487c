"""The forecasting network: what a window held, to what comes after it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from textseq.nn.bags import Bag
from textseq.nn.cells import CELLS
from textseq.nn.decoder import Decoder
from textseq.nn.encoders import build_encoder, layer_sizes
from textseq.nn.folding import Folding
from textseq.nn.heads import Head, Pooling
from textseq.nn.skip_paths import LinearPath, SeasonalPath
from textseq.nn.trainable import Inputs, Trainable

STRATEGIES = ("direct", "seq2seq")
SKIPS = ("linear", "seasonal", "linear+seasonal")
# Units of the layer that reads what is known of each step ahead.
FUTURE_SIZE = 32


class ForecastNetwork(Trainable):
    """Windows to forecasts: encoder, pooling and head, beside a linear and a seasonal path.

    The paths' forecasts and the head's are added up. With fresh weights the linear path and the
    head say 0, which is the window's level. The seasonal path says little else beside a linear
    one, and alone it says mostly what the last season was.

    Parameters
    ----------
    n_channels : int
        Values C that each step of a window holds; the targets come first.
    n_targets : int
        Series K that are forecast together.
    horizon : int
        Steps H ahead.
    input_size : int
        Steps of the longest window.
    n_future : int, default 0
        Values F known of each step ahead.
    n_static : int, default 0
        Values G that belong to a row as a whole.
    n_outputs_per_step : int, default 1
        Outputs Q of each target and step: 1, or the number of quantiles, in rising order.
    encoder, hidden_size, num_layers, bidirectional, connections, normalization, activation
        Of the encoder, as ``SequenceNetwork`` takes them.
    truncated_bptt_steps : int, optional
        Likewise.
    pooling : {"last", "mean", "max", "attention"}, default "last"
    head_sizes : sequence of int, default (64,)
        Units of the head's hidden layers.
    dropout : float, default 0
        On the pooled states and between recurrent layers.
    head_dropout : float, default 0
        On the head's hidden layers.
    strategy : {"direct", "seq2seq"}, default "direct"
        All steps at once, or by a decoder that reads its own forecasts.
    skip : {"linear", "seasonal", "linear+seasonal"}, optional
        Paths beside the encoder. None leaves the encoder alone. With a season of one step
        there is no seasonal path.
    season_length : int, default 1
        Steps S of a season.
    fold : int, optional
        Steps that the encoder reads side by side as one; a season's, as a rule.

    Raises
    ------
    ValueError
        If ``strategy`` or ``skip`` is none of the above, or a window is shorter than a season.

    Examples
    --------
    >>> network = ForecastNetwork(
    ...     n_channels=1, n_targets=1, horizon=6, input_size=24, season_length=12, fold=12
    ... )
    >>> past, lengths, none = torch.randn(5, 24, 1), torch.full((5,), 24), torch.zeros(5, 0)
    >>> network([(past, lengths, torch.zeros(5, 6, 0), none)]).shape
    torch.Size([5, 6])
    """

    teacher_forcing = 0.0
    """Share of true values that the decoder reads while training."""

    def __init__(
        self,
        *,
        n_channels: int,
        n_targets: int,
        horizon: int,
        input_size: int,
        n_future: int = 0,
        n_static: int = 0,
        n_outputs_per_step: int = 1,
        encoder: str | type[nn.Module] = "lstm",
        hidden_size: int | Sequence[int] = 64,
        num_layers: int = 1,
        bidirectional: bool = False,
        connections: str = "plain",
        normalization: str | None = None,
        activation: str = "tanh",
        truncated_bptt_steps: int | None = None,
        pooling: str = "last",
        head_sizes: Sequence[int] = (64,),
        dropout: float = 0.0,
        head_dropout: float = 0.0,
        strategy: str = "direct",
        skip: str | None = "linear+seasonal",
        season_length: int = 1,
        fold: int | None = None,
    ) -> None:
        super().__init__()
        _check(strategy, skip, season_length, input_size)
        self.strategy, self.horizon, self.n_targets = strategy, horizon, n_targets
        self.n_outputs_per_step = n_outputs_per_step
        self.folding = Folding(n_channels, n_targets, input_size, season_length, fold)
        self.encoder = build_encoder(
            encoder,
            self.folding.width,
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
        width = self.encoder.out_dim
        assert isinstance(width, int)
        self.pooling = Pooling(pooling, width, bidirectional)
        paths = () if skip is None else skip.split("+")
        self.linear = LinearPath(self.folding.reach, horizon) if "linear" in paths else None
        self.seasonal = None
        if "seasonal" in paths and season_length > 1:
            reach = self.folding.reach
            self.seasonal = SeasonalPath(season_length, reach, horizon, n_targets)
        self.decoder = None
        n_outputs = horizon * n_targets * n_outputs_per_step
        if strategy == "seq2seq":
            kind = encoder if isinstance(encoder, str) and encoder in CELLS else "gru"
            options = {"activation": activation} if kind == "rnn" else {}
            units = layer_sizes(hidden_size, num_layers)[-1]
            self.decoder = Decoder(kind, n_targets, n_future, units, n_outputs_per_step, **options)
            n_outputs = self.decoder.state_size
        features = self.pooling.out_dim + n_static
        n_logits = 0 if self.seasonal is None else self.seasonal.n_logits
        self.head = Head(features, n_outputs + n_logits, head_sizes, dropout, head_dropout)
        self.future = None
        if n_future and strategy == "direct":
            self.future = _FutureLayer(n_future, features, n_targets * n_outputs_per_step)
        self._start_near_naive()

    def forward(self, inputs: Inputs) -> Tensor:
        """Forecast.

        Parameters
        ----------
        inputs : list of one tuple of four or five tensors
            Past (B, T, C), padded on the right; its lengths (B,), each at least 1; what is known
            of the steps ahead (B, steps, F), of width 0 if nothing is; static values (B, G),
            likewise; and, to train a decoder, the true values (B, steps, K).

        Returns
        -------
        Tensor of shape (B, steps * K * Q)
            Of outputs (B, steps, K, Q). A decoder takes any number of steps, other
            networks ``horizon``.
        """
        ((past, lengths, future, static, *truth),) = inputs
        n_steps = future.shape[1]
        past, future = past.to(self._dtype), future.to(self._dtype)
        # All windows end at the same step, so that the paths' weights know how long ago each is.
        aligned = self.folding.aligned(past, lengths)  # (B, reach, C)
        pooled = torch.cat([self._pooled(aligned, lengths), static.to(self._dtype)], dim=1)
        outputs = self.head(pooled)  # (B, n_outputs + n_logits)
        n_logits = 0 if self.seasonal is None else self.seasonal.n_logits
        outputs, logits = outputs.tensor_split([outputs.shape[1] - n_logits], dim=1)
        targets = aligned[:, :, : self.n_targets]  # (B, reach, K)
        base = self._base(targets, lengths, logits, n_steps)
        if self.decoder is not None:
            teacher = truth[0] if truth and self.training else None
            last = targets[:, -1]
            ahead = self.decoder(outputs.tanh(), last, future, base, teacher, self.teacher_forcing)
            forecast: Tensor = ahead.flatten(1)
            return forecast
        if n_steps != self.horizon:
            raise ValueError(
                f"a direct network forecasts {self.horizon} steps, not {n_steps}: forecast "
                "again from its own forecasts, or take strategy='seq2seq'"
            )
        # Every quantile starts from the paths' one forecast: (B, H, K, Q) + (B, H, K, 1).
        shape = (self.horizon, self.n_targets, self.n_outputs_per_step)
        outputs = outputs.unflatten(1, shape) + base[..., None]
        if self.future is not None:
            outputs = outputs + self.future(future, pooled).view_as(outputs)
        return outputs.flatten(1)

    @property
    def _dtype(self) -> torch.dtype:
        return self.head.output.weight.dtype

    def _pooled(self, aligned: Tensor, lengths: Tensor) -> Tensor:
        steps, n_real = self.folding.steps(aligned, lengths)
        if isinstance(self.encoder, Bag):
            return self.encoder.read(steps, n_real)
        pooled: Tensor = self.pooling(self.encoder(steps, n_real), n_real)
        return pooled

    def _base(self, targets: Tensor, lengths: Tensor, logits: Tensor, n_steps: int) -> Tensor:
        """Return the paths' forecast (B, n_steps, K), going on from itself after ``horizon``."""
        parts: list[Tensor] = []
        for _ in range(-(-n_steps // self.horizon)):
            ahead = targets.new_zeros(len(targets), self.horizon, self.n_targets)
            if self.linear is not None:
                ahead = ahead + self.linear(targets)
            if self.seasonal is not None:
                ahead = ahead + self.seasonal(targets, lengths, logits)
            parts.append(ahead)
            targets = torch.cat([targets, ahead], dim=1)[:, -targets.shape[1] :]
            lengths = lengths + self.horizon
        return torch.cat(parts, dim=1)[:, :n_steps]

    def _start_near_naive(self) -> None:
        """Let a fresh head say nothing but the seasonal path's first logits."""
        output = self.head.output
        n_logits = 0 if self.seasonal is None else self.seasonal.n_logits
        first = len(output.bias) - n_logits if self.decoder is not None else 0
        with torch.no_grad():
            output.weight[first:] = 0
            output.bias[first:] = 0
            if self.seasonal is not None:
                # A linear path learns the season by itself, and faster from the level.
                logits = self.seasonal.first_logits(level=self.linear is not None)
                output.bias[len(output.bias) - n_logits :] = logits


class _FutureLayer(nn.Module):
    """What is known of a step ahead, and what the encoder saw, to that step's outputs."""

    def __init__(self, n_future: int, n_features: int, n_outputs: int) -> None:
        super().__init__()
        self.of_future = nn.Linear(n_future, FUTURE_SIZE)
        self.of_pooled = nn.Linear(n_features, FUTURE_SIZE, bias=False)
        self.output = nn.Linear(FUTURE_SIZE, n_outputs)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(self, future: Tensor, pooled: Tensor) -> Tensor:
        """Map (B, H, F) and (B, features) to (B, H, n_outputs)."""
        hidden = (self.of_future(future) + self.of_pooled(pooled)[:, None]).relu()
        outputs: Tensor = self.output(hidden)
        return outputs


def _check(strategy: str, skip: str | None, season_length: int, input_size: int) -> None:
    if strategy not in STRATEGIES:
        raise ValueError(f"strategy must be one of {', '.join(STRATEGIES)}, got {strategy!r}")
    if skip is not None and skip not in SKIPS:
        raise ValueError(f"skip must be None or one of {', '.join(SKIPS)}, got {skip!r}")
    if season_length > input_size:
        raise ValueError(
            f"a window of input_size={input_size} steps does not hold a season of "
            f"{season_length}: raise input_size, or set season_length=1"
        )
