"""A description of the machine on which a model was trained, for the tables."""

from __future__ import annotations

import platform
from pathlib import Path

import torch

from editor.device import describe


def describe_machine(device: torch.device) -> str:
    """Return a line such as "AMD EPYC 9R14, CPU, 2 cores, bf16, torch 2.14.1"."""
    return ", ".join(part for part in (_processor(), describe(device), f"torch {torch.__version__}") if part)


def _processor() -> str:
    """Return the name of the processor, or an empty text where the system does not tell it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
