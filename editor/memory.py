"""How much memory a piece of work takes, and how much there is."""

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
    """Return to the system what was freed but kept for later; of use on Linux, where it grows for hours otherwise.

    A training beside edits leaves holes that glibc keeps: after 14 minutes 400 MiB of them.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another system, or another C library
        ctypes.CDLL(None).malloc_trim(0)


def share_heaps() -> None:
    """Let all threads take memory from two heaps, instead of one each; of use on Linux, before there are many threads.

    A server has some dozens, and what each one's heap keeps below something that stays never comes back.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another system, or another C library
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


class PeakMemory:
    """The most memory held since it was made.

    On CUDA: what tensors take on the device. Else: what the process takes, Python and PyTorch themselves included.
    Where the system cannot forget an earlier peak (anything but Linux), that of the process so far; on Windows unknown.
    """

    def __init__(self, device: torch.device) -> None:
        """Begin to watch.

        Args:
            device: Where the training computes.
        """
        self._device = device
        gc.collect()
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
            return
        give_back()  # what an earlier model has left ...
        with contextlib.suppress(OSError):  # another system than Linux
            Path("/proc/self/clear_refs").write_text("5")  # ... and forget the highest mark

    def mib(self) -> float | None:
        """Return the peak in MiB."""
        if self._device.type == "cuda":
            return torch.cuda.max_memory_allocated(self._device) / MIB
        if resource is None:
            return None
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / MIB if sys.platform == "darwin" else peak / 1024  # bytes there, KiB elsewhere


def room_mib(device: torch.device) -> float | None:
    """Return what `PeakMemory` may come to, in MiB, before memory runs out; None where the system does not say."""
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
    """Return the bytes that this container may still take."""
    limits = Path("/sys/fs/cgroup")
    try:
        return int((limits / "memory.max").read_text()) - int((limits / "memory.current").read_text())
    except (OSError, ValueError):  # none, or "max"
        return math.inf
