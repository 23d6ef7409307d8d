"""Processes of the program, forked from one that has imported everything, so that a start takes milliseconds.

They are processes like any other: they can be killed, and end with an exit code. A few tests start Python itself, as a
person does.
"""

import multiprocessing
import os
import runpy
import signal
import sys
import threading
from functools import cache
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CAN_FORK = "forkserver" in multiprocessing.get_all_start_methods()
# What takes long to import, torch._dynamo by the first optimizer of each process and torchmetrics by the first preview.
# None of it may start a thread: a fork has only the one that forks.
PRELOADED = [
    "editor.ui.app",
    "editor.cli",
    "tests.conftest",
    "tests.services",
    "tests.faults.server",
    "torch._dynamo",
    "torchmetrics.functional.image",
]


@cache
def warm() -> BaseContext:
    """Return where to make processes: those of a fork server or, on a system that has none, cold ones."""
    if not CAN_FORK:
        return multiprocessing.get_context("spawn")
    if multiprocessing.parent_process():  # this is one of them, and is warm itself
        return multiprocessing.get_context("fork")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")  # PyTorch reads it when it is imported
        multiprocessing.forkserver.ensure_running()
    return context


def start(program: str, *arguments: object, output: Path) -> BaseProcess:
    """Start `python PROGRAM ARGUMENTS` in the project's folder.

    Args:
        program: Path of a Python file, relative to the project.
        arguments: What follows it on the command line.
        output: The file that stdout and stderr are written to.
    """
    output.touch()
    process = warm().Process(target=_be, args=(program, [*map(str, arguments)], output))
    process.start()
    return process


def _be(program: str, arguments: list[str], output: Path) -> None:
    with output.open("wb") as file:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(file.fileno(), stream.fileno())
    os.chdir(ROOT)
    os.environ["OMP_NUM_THREADS"] = "1"  # two threads that wait for one another are slow beside a busy browser
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored by what a shell runs in the background
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = [program, *arguments]
    runpy.run_path(str(ROOT / program), run_name="__main__")


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()  # when tests are killed too
    os.kill(os.getpid(), signal.SIGTERM)
