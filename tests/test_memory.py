import os
import platform
from pathlib import Path

import pytest
import torch

from editor.memory import MIB, give_back


def held() -> float:
    """MiB that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MIB


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library keeps nothing, or cannot be asked")
def test_what_was_freed_below_something_that_stays_goes_back():
    give_back()
    before = held()
    blocks = [torch.ones(25_000) for _ in range(600)]  # 57 MiB, each too small to be a mapping of its own
    last = torch.ones(25_000)
    del blocks
    give_back()
    assert held() < before + 15
    assert last.sum() == 25_000
