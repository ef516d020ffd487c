"""A network's weights under the names they have in its equations."""

from __future__ import annotations

from torch import Tensor, nn

from textseq.nn.encoders import Stack
from textseq.nn.network import SequenceNetwork
from textseq.nn.recurrent import Recurrent


def named_weights(network: SequenceNetwork) -> dict[str, Tensor]:
    """Return all weights of a network: embedding, layers from 1 up, pooling, head."""
    named: dict[str, Tensor] = {}
    if network.inputs.weight is not None:
        named["embedding"] = network.inputs.weight
    if network.contextual is not None:
        named |= _prefixed("transformer", dict(network.contextual.named_parameters()))
    if isinstance(network.encoder, Stack):
        for number, layer in enumerate(network.encoder.layers, start=1):
            named |= _prefixed(f"layer{number}", _layer_weights(layer))
        for number, norm in enumerate(network.encoder.norms, start=1):
            named |= _prefixed(f"norm{number}", norm.state_dict())
    else:
        named |= _prefixed("encoder", dict(network.encoder.named_parameters()))
    named |= _prefixed("pooling", dict(network.pooling.named_parameters()))
    for number, layer in enumerate(network.head.hidden, start=1):
        named |= _prefixed(f"head.hidden{number}", _linear(layer))
    return named | _prefixed("head", _linear(network.head.output))


def _layer_weights(layer: nn.Module) -> dict[str, Tensor]:
    if not isinstance(layer, Recurrent):
        return dict(layer.named_parameters())
    named = layer.forwards.weights_by_name()
    if layer.backwards is not None:
        named |= _prefixed("backward", layer.backwards.weights_by_name())
    return named


def _linear(layer: nn.Module) -> dict[str, Tensor]:
    assert isinstance(layer, nn.Linear)
    return {"W": layer.weight, "b": layer.bias}


def _prefixed(prefix: str, named: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}.{name}": weight for name, weight in named.items()}
