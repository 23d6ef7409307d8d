"""Peak memory, available memory, and settings of the allocator."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import math
import sys
from pathlib import Path

import torch

try:
    import resource
except ImportError:  # Windows has no such module
    resource = None

MIB = 2**20  # bytes
M_ARENA_MAX = -8  # of glibc's malloc.h


def give_back() -> None:
    """Return freed memory to the system, which glibc keeps for later otherwise (`malloc_trim`). Of use on Linux.

    A training beside edits fragments the heap: after 14 minutes, 400 MiB were free and not returned.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another system, or another C library
        ctypes.CDLL(None).malloc_trim(0)


def share_heaps() -> None:
    """Let all threads share two heaps of glibc instead of having one each (`M_ARENA_MAX`). Of use on Linux.

    To be called before there are many threads. A server has dozens, and each heap keeps the free memory that lies below
    an allocation that stays.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another system, or another C library
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


def keep_for_good() -> None:
    """Turn the garbage collector on, and let it pass over all objects that are there now (`gc.freeze`).

    To be called when all modules are imported and the page is built, and the collector to be off until then: it would
    take a sixth of the start. A full collection holds up all threads, for a quarter of a second with these objects.
    """
    gc.collect()
    gc.freeze()
    gc.enable()


class PeakMemory:
    """The most memory held since it was made. The mark belongs to the whole process, so a second one resets it.

    On CUDA, the memory of tensors on the device. Otherwise the resident memory of the process, Python and PyTorch
    included. Only Linux can reset the mark; on macOS it is the peak since the process began, and on Windows unknown.
    """

    def __init__(self, device: torch.device) -> None:
        """Reset the mark.

        Args:
            device: Where the training computes.
        """
        self._device = device
        gc.collect()
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
            return
        give_back()  # first the memory that an earlier model has left ...
        with contextlib.suppress(OSError):  # another system than Linux
            Path("/proc/self/clear_refs").write_text("5")  # ... then the highest mark

    def mib(self) -> float | None:
        """Return the peak in MiB."""
        if self._device.type == "cuda":
            return torch.cuda.max_memory_allocated(self._device) / MIB
        if resource is None:
            return None
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / MIB if sys.platform == "darwin" else peak / 1024  # bytes there, KiB elsewhere


def room_mib(device: torch.device) -> float | None:
    """Return the highest `PeakMemory` in MiB that this machine has room for: what is held plus what is free.

    The limit of the container counts. None where the system does not say.
    """
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return (free + torch.cuda.memory_reserved(device)) / MIB
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
        ours = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except (AttributeError, OSError, StopIteration, ValueError):
        return None  # another system
    return (ours + min(free, _left_in_container())) / MIB


def _left_in_container() -> float:
    """Return how many bytes the control group of this container may still allocate."""
    limits = Path("/sys/fs/cgroup")
    try:
        return int((limits / "memory.max").read_text()) - int((limits / "memory.current").read_text())
    except (OSError, ValueError):  # none, or "max"
        return math.inf
