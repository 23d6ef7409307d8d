"""Two processes on this machine, as `torchrun --nproc-per-node=2` starts them, against a single one."""

import contextlib
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import torch

from editor import cli
from editor.config import PRESETS, Budget
from editor.training import gradients, optimizers
from editor.training.history import read_history
from editor.training.recording import prepare, record
from editor.training.run_folder import RunFolder
from tests.conftest import TINY
from tests.faults.server import free_port
from tests.processes import CAN_FORK, warm
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="two processes are forked, which this system cannot do")


COUNT = 2
# In bf16, which some machines compute with, there would be little to compare.
IN_FP32 = (lambda device: contextlib.nullcontext()), (lambda device: torch.float32)


class Process:
    """One rank: `python -m editor train ...`, its exit code and what it wrote."""

    def __init__(self, rank: int, port: int, directory: Path, arguments: Sequence[object], batch_size: int) -> None:
        self.output = directory / f"rank-{rank}.txt"
        self.output.touch()
        environment = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": COUNT, "MASTER_ADDR": "127.0.0.1"}
        if sys.platform == "linux":
            environment["GLOO_SOCKET_IFNAME"] = "lo"  # else that of this machine's name, which may lead nowhere
        environment = {name: str(value) for name, value in (environment | {"MASTER_PORT": port}).items()}
        self.process: BaseProcess = warm().Process(
            target=_be_rank, args=(environment, [*map(str, arguments)], self.output, batch_size)
        )
        self.process.start()

    def ended(self) -> tuple[int, str]:
        """Wait for its end, and return exit code and output."""
        self.process.join(120)
        return self.process.exitcode, self.output.read_text()


def _be_rank(environment: dict[str, str], arguments: list[str], output: Path, batch_size: int) -> None:
    os.environ.update(environment)
    gradients.autocast, optimizers.fast_dtype = IN_FP32
    optimizer = replace(TINY.optimizer, batch_size=batch_size)
    cli.PRESETS = {**PRESETS, "draft": replace(TINY, preset="draft", optimizer=optimizer)}
    sys.argv = ["editor", *arguments]
    with output.open("w") as sys.stdout, contextlib.redirect_stderr(sys.stdout):
        cli.main()


@pytest.fixture
def start(tmp_path):
    """Start the ranks of one training; all of them are dead afterwards."""
    processes: list[Process] = []

    def begin(*arguments: object, batch_size: int = TINY.optimizer.batch_size) -> list[Process]:
        port = free_port()
        started = [Process(rank, port, tmp_path, arguments, batch_size) for rank in range(COUNT)]
        processes.extend(started)
        return started

    yield begin
    for item in processes:
        item.process.kill()
        item.process.join()


def test_two_processes_learn_what_one_does_and_outlive_each_other(tmp_path, toy_store, start, monkeypatch):
    """The same draws, losses and weights up to rounding; after a kill a sentence, and nothing is lost."""
    monkeypatch.setattr(gradients, "autocast", IN_FP32[0])
    monkeypatch.setattr(optimizers, "fast_dtype", IN_FP32[1])
    train = ("train", toy_store.directory, "--run", tmp_path / "run", "--size", 32, "--device", "cpu")
    for rank in start(*train, "--steps", 3):
        code, text = rank.ended()
        assert code == 0, text
    run = RunFolder.open(tmp_path / "run")
    assert '"2 x CPU' in run.events_path.read_text()

    alone = RunFolder.create(tmp_path / "alone", config=run.config, store=toy_store, effect="toy")
    list(record(alone, device=torch.device("cpu"), budget=Budget(steps=3)))
    joint, single = (prepare(folder, torch.device("cpu")) for folder in (run, alone))
    for a, b in zip(joint.model.parameters(), single.model.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5)

    leader, other = start(*train, "--steps", 100_000, "--continue")
    wait_until(lambda: read_history(run).step > 5, leader.output.read_text)
    other.process.kill()
    code, text = leader.ended()
    assert code == 1
    assert "Another process of this training has ended" in text and "--continue" in text
    assert "Traceback" not in text
    kept = read_history(run).previews[-1].step
    assert prepare(run, torch.device("cpu")).progress.step == kept > 5, "all that was learned"

    leader, other = start(*train, "--steps", 100_000, "--continue")
    wait_until(lambda: read_history(run).step > kept, leader.output.read_text)
    leader.process.kill()
    code, text = other.ended()
    assert code == 1 and "leads this training has ended" in text and "Traceback" not in text


def test_more_processes_than_pictures_are_refused(tmp_path, toy_store, start):
    train = ("train", toy_store.directory, "--run", tmp_path / "run", "--size", 32, "--steps", 1, "--device", "cpu")
    leader, _ = start(*train, batch_size=1)
    code, text = leader.ended()
    assert code == 1 and "--nproc-per-node=1 or less" in text
