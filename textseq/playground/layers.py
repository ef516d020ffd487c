"""Networks as a page's script reads them: what each layer is, and its weights by name."""

from __future__ import annotations

from typing import Any

from torch import nn

from textseq.nn.bags import Bag
from textseq.nn.convolution import CausalConvolution, CenteredConvolution, TemporalBlock
from textseq.nn.encoders import Stack
from textseq.nn.heads import Head, Pooling
from textseq.nn.lstm_fcn import LstmFcn
from textseq.nn.mogrifier import MogrifierLstm
from textseq.nn.network import SequenceNetwork
from textseq.nn.normalization import BatchNorm, LayerNorm
from textseq.nn.recurrent import Recurrent
from textseq.nn.representations import Embedding, Numbers, OneHot, Representation
from textseq.nn.word_features import KERNEL_SIZE, WordFeatures
from textseq.playground.arrays import Arrays

# A layer as JSON has it; {"array": name} stands for the numbers of that name.
Form = dict[str, Any]


def network_form(network: SequenceNetwork, arrays: Arrays, rows: Any = None) -> Form:
    """Describe representation, encoder, pooling and head.

    Parameters
    ----------
    network : SequenceNetwork
    arrays : Arrays
        What its weights are added to.
    rows : ndarray of int, optional
        Tokens that have a vector on the page; by default all.

    Raises
    ------
    ValueError
        If the page has no equations of its encoder.
    """
    refuse_contextual(network)
    return {
        "inputs": inputs_form(network.inputs, arrays, "embedding", rows),
        "encoder": encoder_form(network.encoder, arrays),
        "pooling": pooling_form(network.pooling, arrays),
        "head": head_form(network.head, arrays),
    }


def refuse_contextual(network: SequenceNetwork) -> None:
    """Raise ValueError for a network that reads the states of a transformer."""
    if network.contextual is not None:
        raise _without_equations("representation='transformer'")


def inputs_form(inputs: Representation, arrays: Arrays, name: str, rows: Any = None) -> Form:
    """Describe what is read of a token, or of a moment of a series."""
    if isinstance(inputs, Numbers):
        return {"kind": "numbers", "width": inputs.dim}
    if isinstance(inputs, Embedding):
        assert inputs.weight is not None
        table = inputs.weight.detach().numpy()
        return {
            "kind": "embedding",
            "table": arrays.add(name, table if rows is None else table[rows]),
        }
    if isinstance(inputs, OneHot):
        return {"kind": "onehot", "width": inputs.dim}
    return {"kind": "integer", "tokens": inputs.n_tokens}


def word_features_form(features: WordFeatures, arrays: Arrays) -> Form:
    """Describe what reads the characters of each word."""
    form: Form = {
        "width": features.out_dim,
        "table": arrays.add("characters", features.table.detach().numpy()),
    }
    if features.encoder is not None:
        return form | {
            "kind": "lstm",
            "encoder": stack_form(features.encoder, arrays, "characters."),
            "pooling": pooling_form(features.ends, arrays),
        }
    # The three places' weights side by side: (n_features, 3 D).
    parts = features.kernel.detach().view(KERNEL_SIZE, -1, features.table.shape[1])
    weight = parts.transpose(0, 1).flatten(1)
    return form | {
        "kind": "cnn",
        "weight": arrays.add("characters.W", weight.numpy()),
        "bias": arrays.add("characters.b", features.bias.detach().numpy()),
    }


def encoder_form(encoder: nn.Module, arrays: Arrays) -> Form:
    """Describe the layers of an encoder, or of the bag that stands in for one."""
    if isinstance(encoder, Bag):
        norm = None if encoder.norm is None else norm_form(encoder.norm, arrays, "norm")
        return {"bag": encoder.kind, "norm": norm, "width": encoder.out_dim}
    if isinstance(encoder, Stack):
        return stack_form(encoder, arrays)
    if isinstance(encoder, LstmFcn):
        return lstm_fcn_form(encoder, arrays)
    raise _without_equations(f"encoder={type(encoder).__name__}")


def stack_form(stack: Stack, arrays: Arrays, prefix: str = "") -> Form:
    """Describe layers on top of each other, the lowest first."""
    layers, activation = [], "tanh"
    for number, layer in enumerate(stack.layers, start=1):
        name = f"{prefix}layer{number}"
        if isinstance(layer, Recurrent):
            activation = getattr(layer.forwards, "activation", "tanh")
            layers.append(recurrent_form(layer, arrays, name))
        else:
            assert isinstance(layer, TemporalBlock)
            layers.append(block_form(layer, arrays, name))
    norms = [
        norm_form(norm, arrays, f"{prefix}norm{number}")
        for number, norm in enumerate(stack.norms, start=1)
    ]
    return {
        "connections": stack.connections,
        "activation": activation,
        "bidirectional": stack.bidirectional,
        "width": stack.out_dim,
        "layers": layers,
        "norms": norms or None,
    }


def lstm_fcn_form(encoder: LstmFcn, arrays: Arrays) -> Form:
    """Describe convolutions beside an LSTM."""
    convolutions = []
    for number, (convolution, norm) in enumerate(
        zip(encoder.convolutions, encoder.norms, strict=True), start=1
    ):
        assert isinstance(convolution, CenteredConvolution)
        name = f"convolution{number}"
        convolutions.append(
            {
                "weight": arrays.add(f"{name}.W", convolution.weight.detach().numpy()),
                "kernel": convolution.kernel_size,
                "norm": norm_form(norm, arrays, f"{name}.norm"),
            }
        )
    return {
        "connections": "plain",
        "activation": "tanh",
        "bidirectional": False,
        "width": encoder.out_dim,
        "layers": [recurrent_form(encoder.lstm, arrays, "layer1")],
        "norms": None,
        "convolutions": convolutions,
    }


def recurrent_form(layer: Recurrent, arrays: Arrays, name: str) -> Form:
    """Describe a recurrent layer of one direction or both."""
    if isinstance(layer.forwards, MogrifierLstm):
        raise _without_equations(f"mogrifier={len(layer.forwards.mogrifiers)}")
    kind = layer.forwards.kind.split("_")[0]
    form: Form = {"kind": kind, "forward": cell_form(layer.forwards, arrays, name)}
    if layer.backwards is not None:
        form["backward"] = cell_form(layer.backwards, arrays, f"{name}.backward")
    return form


def cell_form(cell: Any, arrays: Arrays, name: str) -> Form:
    """Describe a cell's weights under the names that its equations have."""
    return {
        symbol: arrays.add(f"{name}.{symbol}", weight.detach().numpy())
        for symbol, weight in cell.weights_by_name().items()
    }


def block_form(block: TemporalBlock, arrays: Arrays, name: str) -> Form:
    """Describe a block of the tcn, its weights put together from direction and length."""
    form: Form = {"kind": "tcn"}
    for part in ("first", "second"):
        convolution: CausalConvolution = getattr(block, part)
        direction = convolution.direction.detach()
        weight = direction * (convolution.norm.detach() / direction.norm(dim=1))[:, None]
        form[part] = {
            "weight": arrays.add(f"{name}.{part}.W", weight.numpy()),
            "bias": arrays.add(f"{name}.{part}.b", convolution.bias.detach().numpy()),
            "dilation": convolution.dilation,
        }
    if isinstance(block.around, nn.Linear):
        form["around"] = linear_form(block.around, arrays, f"{name}.around")
    return form


def norm_form(norm: nn.Module, arrays: Arrays, name: str) -> Form:
    """Describe a normalisation as it is outside of training."""
    kinds = {BatchNorm: "batch", LayerNorm: "layer"}
    parts = {"weight": "weight", "bias": "bias"} if type(norm) in kinds else {}
    if isinstance(norm, BatchNorm):
        parts |= {"mean": "running_mean", "variance": "running_variance"}
    form: Form = {"kind": kinds.get(type(norm), "l2")}
    for part, name_of in parts.items():
        form[part] = arrays.add(f"{name}.{part}", getattr(norm, name_of).detach().numpy())
    return form


def linear_form(linear: nn.Linear, arrays: Arrays, name: str) -> Form:
    """Describe a linear map."""
    form: Form = {"weight": arrays.add(f"{name}.W", linear.weight.detach().numpy())}
    if linear.bias is not None:
        form["bias"] = arrays.add(f"{name}.b", linear.bias.detach().numpy())
    return form


def pooling_form(pooling: Pooling, arrays: Arrays) -> Form:
    """Describe how states become one vector."""
    form: Form = {
        "kind": pooling.kind,
        "bidirectional": pooling.bidirectional,
        "width": pooling.out_dim,
    }
    if pooling.kind == "attention":
        form["project"] = linear_form(pooling.project, arrays, "pooling.project")
        form["score"] = linear_form(pooling.score, arrays, "pooling.score")
    return form


def head_form(head: Head, arrays: Arrays, name: str = "head") -> Form:
    """Describe the layers between a vector and the outputs."""
    hidden = [
        linear_form(layer, arrays, f"{name}.hidden{number}")
        for number, layer in enumerate(head.hidden, start=1)
        if isinstance(layer, nn.Linear)
    ]
    return {"hidden": hidden, "output": linear_form(head.output, arrays, name)}


def _without_equations(what: str) -> ValueError:
    return ValueError(
        f"a page has the equations of encoder='mean', 'max', 'rnn', 'lstm', 'gru', 'janet', 'tcn' "
        f"and 'lstm_fcn', and this model has {what}; fit one of these, or look at this one by "
        "`explain`"
    )
