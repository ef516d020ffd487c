"""Where a network computes: on the CPU in threads, or on a GPU."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import numpy as np
import torch
from torch import Tensor, nn

from textseq.checks import check_choice
from textseq.training.threads import ThreadTeam


def choose_device(name: str) -> torch.device:
    """Return the device of that name; "auto" is a GPU where torch finds one, else the CPU.

    Raises
    ------
    ValueError
        If there is no such device, or it is of another kind.

    Examples
    --------
    >>> choose_device("cpu")
    device(type='cpu')
    """
    has_gpu = torch.cuda.is_available()
    if name == "auto":
        return torch.device("cuda" if has_gpu else "cpu")
    try:
        device = torch.device(name)
    except (RuntimeError, TypeError):
        device = torch.device("meta")
    if device.type not in ("cpu", "cuda"):
        raise ValueError(f"device={name!r} is none; use 'auto', 'cpu', 'cuda' or 'cuda:1'")
    if device.type == "cuda" and not has_gpu:
        raise ValueError(f"device={name!r}, but torch finds no GPU here; use 'auto' or 'cpu'")
    return device


def check_precision(name: str, device: torch.device) -> torch.dtype:
    """Return the numbers of that name, if a device multiplies them as such.

    Parameters
    ----------
    name : {"float32", "bfloat16"}
    device : torch.device

    Raises
    ------
    ValueError
        If it is another name, or the device has no instructions for it, which makes it slow.
    """
    check_choice("precision", name, ("float32", "bfloat16"))
    if name == "float32":
        return torch.float32
    if device.type == "cuda":
        able = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        has = torch.cpu.get_capabilities()
        able = any(has.get(kind, False) for kind in ("amx_bf16", "avx512_bf16", "bf16"))
    if not able:
        raise ValueError(
            f"precision='bfloat16', but this {'GPU' if device.type == 'cuda' else 'processor'} "
            "has no instructions for such numbers and would be slower; use 'float32'"
        )
    return torch.bfloat16


@contextmanager
def placed(network: nn.Module, device: torch.device) -> Iterator[None]:
    """Keep a network on a device for a while; it comes back to the CPU.

    So a model that was fitted on a GPU is saved, inspected and opened like any other.
    """
    if device.type == "cpu":
        yield
        return
    network.to(device)
    try:
        yield
    finally:
        network.to("cpu")


@contextmanager
def computing(network: nn.Module, device: str, n_threads: int) -> Iterator[ThreadTeam]:
    """Put a network on the device of that name for a while, and give it threads."""
    with placed(network, choose_device(device)), ThreadTeam(n_threads) as team:
        yield team


def device_of(network: nn.Module) -> torch.device:
    """Return where a network is."""
    return next(network.parameters()).device


def sent(values: np.ndarray, device: torch.device) -> Tensor:
    """Return an array as a tensor on a device, shared or sent while the CPU goes on."""
    tensor = torch.from_numpy(values)
    if device.type == "cpu":
        return tensor
    return tensor.pin_memory().to(device, non_blocking=True)


def mixed_precision(device: torch.device) -> AbstractContextManager:
    """Let a GPU multiply in bfloat16 while weights, sums and losses stay in float32.

    References
    ----------
    Micikevicius et al. (2018), "Mixed Precision Training"; bfloat16 needs none of its loss
    scaling: Kalamkar et al. (2019), "A Study of BFLOAT16 for Deep Learning Training".
    """
    if device.type == "cuda" and torch.cuda.is_bf16_supported():
        return torch.autocast("cuda", torch.bfloat16)
    return nullcontext()
