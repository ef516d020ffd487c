"""Transformers of families that textseq does not compute itself, by Hugging Face's own library."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from textseq.nn.contextual import ContextualEncoder
from textseq.nn.dropout import Dropout
from textseq.nn.initialization import without_values

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel

# Tokens of a text where a configuration names no limit.
UNLIMITED = 1_000_000


class LibraryTransformer(ContextualEncoder):
    """Token vectors to contextual states, as the model that ``AutoModel`` makes computes them.

    Outside training rows of one length are read together and nothing is padded, since some
    families' states change with what stands behind a row; training pads and masks.

    Parameters
    ----------
    config : mapping
        The model's ``config.json``, which names its family.
    sizes : int
        As ``library_arguments`` tells them: ``width`` D of the token vectors, ``out_dim`` H of
        the states, ``n_layers``, ``n_positions`` rows of its table of positions, of which a
        text's first token has that numbered ``first_position``.

    Raises
    ------
    ImportError
        If the library is not installed; the message has the command.
    ValueError
        If it does not know the family, or the model does not read token vectors.
    """

    def __init__(self, *, config: Mapping[str, Any], **sizes: int) -> None:
        super().__init__()
        self.config = dict(config)
        self.model = _headless(_new_model(config))
        own = _sizes(self.model)
        if own != sizes:
            raise ValueError(f"the transformer's configuration says {own}, not {sizes}")
        self.out_dim = own["out_dim"]
        self.register_load_state_dict_post_hook(_fill_buffers)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return the states (B, T, H) of token vectors (B, T, D), and zeros behind a row's end."""
        if self.training:
            real = torch.arange(x.shape[1], device=x.device) < lengths[:, None]  # (B, T)
            # Attention to nothing at all is no number: an empty row attends to its padding.
            mask = real | (real.sum(1, keepdim=True) == 0)
            states: Tensor = self.model(inputs_embeds=x, attention_mask=mask.long())[0]
            return states.masked_fill(~real[:, :, None], 0.0)
        padded = x.new_zeros(*x.shape[:2], self.out_dim)
        for length in filter(None, lengths.unique().tolist()):
            rows = (lengths == length).nonzero()[:, 0]
            mask = torch.ones(len(rows), length, dtype=torch.int64, device=x.device)
            states = self.model(inputs_embeds=x[rows, :length], attention_mask=mask)[0]
            padded[rows, :length] = states
        return padded

    def layer_weights(self) -> list[list[nn.Parameter]]:
        """Return the weights below the first layer, and of each layer from the lowest up."""
        layers = [list(layer.parameters()) for layer in _layers(self.model)]
        within = {weight for layer in layers for weight in layer}
        below = [weight for weight in self.parameters() if weight not in within]
        return [below, *layers]


def library_arguments(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of ``LibraryTransformer`` that a model's ``config.json`` tells.

    Raises
    ------
    ImportError, ValueError
        As of ``LibraryTransformer``.
    """
    with torch.device("meta"):
        model = _new_model(config)
    return {"config": dict(config), **_sizes(model)}


def library_weights(folder: Path, config: Mapping[str, Any]) -> tuple[Tensor, dict[str, Tensor]]:
    """Return a folder's word vectors (V, D), and the weights of a ``LibraryTransformer``.

    Raises
    ------
    ValueError
        If the folder's weights are not those of its configuration.
    """
    from transformers import AutoModel

    try:
        with _quiet():
            model, found = AutoModel.from_pretrained(
                folder,
                config=_configuration(config),
                dtype=torch.float32,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                output_loading_info=True,
            )
    except (OSError, RuntimeError) as error:
        raise ValueError(f"the weights do not fit config.json: {error}") from error
    words = model.get_input_embeddings().weight.detach()
    weights = _headless(model).state_dict()
    if lacking := sorted(name for name in found["missing_keys"] if name in weights):
        raise ValueError(f"the file of weights lacks {', '.join(lacking):.200}")
    return words, {f"model.{name}": weight for name, weight in weights.items()}


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library from drawing bars and from reporting what it skips in the file."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def _configuration(config: Mapping[str, Any]) -> PretrainedConfig:
    """Return a configuration as the library has it, of a family that it has code for itself."""
    family = str(config.get("model_type"))
    try:
        from transformers import CONFIG_MAPPING
    except ImportError as error:
        raise ImportError(
            f"the model is of type {family!r}, which is read by Hugging Face's library ({error}): "
            'pip install "textseq[transformers]"'
        ) from error
    if family not in CONFIG_MAPPING:
        raise ValueError(
            f"the model is of type {family!r}, which Hugging Face's library has no code for; code "
            "that comes with a model is never run"
        )
    try:
        own = CONFIG_MAPPING[family](
            **{name: value for name, value in config.items() if name != "model_type"}
        )
    except Exception as error:  # each release of the library has other kinds
        raise ValueError(f"config.json is not that of a {family}: {error}") from error
    # Attention's dropout would draw from the process-wide generator.
    for name in own.to_dict():
        if "drop" in name and ("attention" in name or "attn" in name):
            setattr(own, name, 0.0)
    return own


def _new_model(config: Mapping[str, Any]) -> PreTrainedModel:
    """Return a model without a head, and without first values: all come from files."""
    own = _configuration(config)
    from transformers import AutoModel

    if getattr(own, "is_encoder_decoder", False):
        raise ValueError(
            f"the model is of type {own.model_type!r}, an encoder-decoder; textseq reads encoders"
        )
    with without_values():
        model = AutoModel.from_config(own, dtype=torch.float32, trust_remote_code=False)
    if "inputs_embeds" not in inspect.signature(model.forward).parameters:
        raise ValueError(
            f"the model is of type {own.model_type!r}, which does not read vectors of tokens"
        )
    return model


def _headless(model: PreTrainedModel) -> PreTrainedModel:
    """Take out what is held elsewhere or read by nobody, and draw dropout as textseq does."""
    model.set_input_embeddings(nn.Identity())
    if hasattr(model, "pooler"):
        model.register_module("pooler", None)
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.Dropout):
                setattr(module, name, Dropout(child.p))
    return model


def _layers(model: PreTrainedModel) -> nn.ModuleList:
    """Return a model's layers: of its lists of modules that with most weights."""
    lists = [module for module in model.modules() if isinstance(module, nn.ModuleList)]
    return max(lists, key=lambda found: sum(weight.numel() for weight in found.parameters()))


def _sizes(model: PreTrainedModel) -> dict[str, int]:
    """Return width, layers and positions of a model."""
    config = model.config
    width = getattr(config, "embedding_size", None) or config.hidden_size
    # As RoBERTa does, some begin to count behind the padding's own row.
    tables = (
        module
        for name, module in model.named_modules()
        if name.endswith("position_embeddings") and isinstance(module, nn.Embedding)
    )
    padding = next((table.padding_idx for table in tables), None)
    limit = getattr(config, "max_position_embeddings", None)
    return {
        "width": int(width),
        "out_dim": int(config.hidden_size),
        "n_layers": len(_layers(model)),
        "n_positions": int(limit) if limit and limit > 0 else UNLIMITED,
        "first_position": 0 if padding is None else padding + 1,
    }


def _fill_buffers(encoder: LibraryTransformer, _: Any) -> None:
    """Compute what no file holds, such as a table of angles, where weights came in for nothing.

    A network is built on the "meta" device to be filled from a file; its weights have real sizes
    by then, so that a model of these sizes can be built for what it computes itself.
    """
    weights = list(encoder.parameters())
    buffers = [name for name, own in encoder.named_buffers() if own.is_meta]
    if not buffers or any(weight.is_meta for weight in weights):
        return
    computed = dict(_headless(_new_model(encoder.config)).named_buffers(prefix="model"))
    for name in buffers:
        place, _, short = name.rpartition(".")
        encoder.get_submodule(place).register_buffer(short, computed[name], persistent=False)
