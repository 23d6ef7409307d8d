"""The device that computes, and the floating point format that is fastest on it."""

from __future__ import annotations

import contextlib
from functools import lru_cache

import torch
from torch import Tensor

from editor.errors import UserError

TENSOR_CORES = (7, 0)  # compute capability since which float16 is several times as fast as float32
SHORT = {torch.bfloat16: "bf16", torch.float16: "fp16", torch.float32: "fp32"}


class DeviceError(UserError):
    """This machine does not have the wanted device. The message is for a person."""


def pick_device(name: str = "auto") -> torch.device:
    """Return the device called `name`: "auto" (the best there is), "cpu", "cuda", "cuda:1", "mps".

    Raises:
        DeviceError: This machine has no such device.
    """
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind, is_there in available.items() if is_there))
    kind = name.split(":")[0]
    if kind not in available:
        raise DeviceError(f"There is no device called {name!r}. Choose auto, cpu, cuda or mps.")
    if not available[kind]:
        raise DeviceError(f"This machine has no usable {kind} device. Use --device auto or --device cpu.")
    try:
        device = torch.device(name)
    except RuntimeError as error:  # "cuda:banana"
        raise DeviceError(f"There is no device called {name!r}. Choose auto, cpu, cuda or mps.") from error
    count = torch.cuda.device_count() if kind == "cuda" else 1
    if (device.index or 0) >= count:
        raise DeviceError(f"There is no device {name}: this machine has {count} of this kind, counted from 0.")
    return device


@lru_cache
def fast_dtype(device: torch.device) -> torch.dtype:
    """Return in which format a device multiplies matrices fastest: bfloat16, float16 or float32."""
    if device.type == "cuda":
        if torch.cuda.is_bf16_supported(including_emulation=False):
            return torch.bfloat16
        is_tensor_core = torch.cuda.get_device_capability(device) >= TENSOR_CORES
        return torch.float16 if is_tensor_core else torch.float32
    if device.type == "cpu" and hasattr(torch.cpu, "get_capabilities"):
        capabilities = torch.cpu.get_capabilities()
        if capabilities.get("avx512_bf16") or capabilities.get("amx_bf16") or capabilities.get("bf16"):
            return torch.bfloat16
    return torch.float32


def sent(tensor: Tensor, device: torch.device) -> Tensor:
    """Return a tensor on a device, without a wait until the device has done what it was given before."""
    if tensor.is_cpu and device.type == "cuda":  # from pinned memory, for else the host waits for the copy
        tensor = tensor.pin_memory()
    return tensor.to(device, non_blocking=True)


def autocast(device: torch.device, *, fp16: bool = True) -> contextlib.AbstractContextManager[object]:
    """Return a context in which a network computes in the format that is fastest.

    Args:
        device: Where.
        fp16: Whether this may be float16, in which small gradients vanish unless the loss is scaled.
    """
    dtype = fast_dtype(device)
    if dtype == torch.float32 or (dtype == torch.float16 and not fp16):
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype)


def describe(device: torch.device) -> str:
    """Return a short text such as "CPU, 2 cores, bf16"."""
    threads = torch.get_num_threads()
    name = {
        "cpu": f"CPU, {threads} core{'s' if threads > 1 else ''}",
        "mps": "Apple GPU",
        "cuda": torch.cuda.get_device_name(device) if device.type == "cuda" else "",
    }[device.type]
    return f"{name}, {SHORT[fast_dtype(device)]}"
