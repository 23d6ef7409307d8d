"""The device that computes, and the floating point format that is fastest on it."""

from __future__ import annotations

import contextlib
from functools import lru_cache

import torch

from editor.errors import UserError


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
def has_fast_bf16(device: torch.device) -> bool:
    """Return whether bfloat16 is faster than float32 on a device."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu" and hasattr(torch.cpu, "get_capabilities"):
        capabilities = torch.cpu.get_capabilities()
        return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16") or capabilities.get("bf16"))
    return False


def autocast(device: torch.device) -> contextlib.AbstractContextManager[object]:
    """Return a context in which a network computes in bfloat16 where that is faster, and else in float32."""
    if has_fast_bf16(device):
        return torch.autocast(device.type, torch.bfloat16)
    return contextlib.nullcontext()


def describe(device: torch.device) -> str:
    """Return a short text such as "CPU, 2 cores, bf16"."""
    threads = torch.get_num_threads()
    name = {
        "cpu": f"CPU, {threads} core{'s' if threads > 1 else ''}",
        "mps": "Apple GPU",
        "cuda": torch.cuda.get_device_name(device) if device.type == "cuda" else "",
    }[device.type]
    return f"{name}, {'bf16' if has_fast_bf16(device) else 'fp32'}"
