"""What is on disk after `kill -9` at any moment. PAIRBRUSH_KILLS=50 does it that many times for each kind of work."""

import json
import multiprocessing
import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest
import torch
from PIL import Image

from editor.config import Budget
from editor.images import load_image
from editor.inference import Editor
from editor.pairs.store import PairStore
from editor.training import trainer
from editor.training.recording import prepare, record
from editor.training.run_folder import RunFolder
from editor.workspace import Services, Workspace
from tests.conftest import TINY

KILLS = int(os.environ.get("PAIRBRUSH_KILLS", "3"))
SIDE = 24  # pixels

pytestmark = pytest.mark.skipif(
    "forkserver" not in multiprocessing.get_all_start_methods(), reason="needs processes that fork"
)


@pytest.fixture(scope="module")
def warm():
    """Processes that are born with everything imported, and that can be killed a moment later."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.test_kill"])
    return context


def run_and_kill(context, work, *args, first: str, after: float) -> list:
    """Let `work` go on for `after` seconds from its `first` report, kill it, and return all that it reported."""
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(*args, sender))
    process.start()
    sender.close()
    reports = [("", None)]
    try:
        while reports[-1][0] != first:
            reports.append(receiver.recv())
        end = time.monotonic() + after
        while (left := end - time.monotonic()) > 0:
            if receiver.poll(left):
                reports.append(receiver.recv())
        process.kill()
        while True:
            reports.append(receiver.recv())
    except EOFError:
        process.join()
    assert process.exitcode == -9, "it was not killed but ended by itself"
    return reports


def mark(serial: int, side: int) -> Image.Image:
    """A picture that tells which pair and which side it is."""
    return Image.new("RGB", (SIDE, SIDE), (serial // 256, serial % 256, side))


def serial_of(path: Path, side: int) -> int:
    high, low, found = load_image(path).getpixel((0, 0))
    assert found == side, f"{path} is on the wrong side"
    return high * 256 + low


def change_pairs(root: Path, seed: int, serial: int, reports) -> None:
    """Add, rename, remove and bring back pairs for ever; report what is about to be done, and that it is done."""
    services = Services(Workspace(root), device="cpu")
    library, choose = services.library, random.Random(seed)
    store = services.workspace.store("toy")
    reports.send(("ready", None))
    while True:
        names, trash = [pair.name for pair in store.pairs()], library.trash()
        action = choose.choice(["add", "add", "rename", "remove", "restore", "hold"])
        if action == "add" and len(names) < 12:
            serial += 1
            reports.send(("add", serial))
            store.add("picture", mark(serial, 1), mark(serial, 2))
        elif action == "rename" and names:
            reports.send(("rename", None))
            library.rename_pair("toy", choose.choice(names), f"name {choose.random()}")
        elif action == "remove" and len(names) > 2:
            reports.send(("remove", None))
            library.remove_pairs("toy", choose.sample(names, 2))
        elif action == "restore" and trash:
            reports.send(("restore", None))
            library.restore(choose.choice(trash).id)
        elif action == "hold" and names:
            reports.send(("hold", None))
            store.set_held_out(choose.sample(names, 1))
        reports.send(("done", None))


def found_in(folder: Path) -> list[int]:
    store = PairStore(folder)
    assert store.problems() == []
    pairs = [(serial_of(pair.source, 1), serial_of(pair.target, 2)) for pair in store.pairs()]
    assert all(before == after for before, after in pairs), "sides of different pairs lie together"
    return [before for before, _ in pairs]


def test_pairs_survive(tmp_path, warm):
    root, choose = tmp_path / "workspace", random.Random(0)
    workspace = Workspace(root)
    workspace.open().release()
    workspace.create_effect("Toy")
    stored: set[int] = set()
    for kill in range(KILLS):
        reports = run_and_kill(
            warm, change_pairs, root, kill, max(stored, default=0), first="ready", after=choose.uniform(0, 0.7)
        )
        added = [serial for action, serial in reports if action == "add"]
        is_last_sure = reports[-1][0] != "add"

        workspace.open().release()  # as the next start does
        folders = [root / "effects" / "toy", *(root / "trash").glob("*/content")]
        found = Counter(serial for folder in folders for serial in found_in(folder))
        assert max(found.values(), default=1) == 1, "a pair was doubled"
        sure = stored | set(added if is_last_sure else added[:-1])
        assert sure <= set(found) <= stored | set(added)
        assert not [path for path in root.rglob(".*") if path.name != ".lock"], "something half done was left"
        stored = set(found)
    assert stored


def train(run_path: Path, reports) -> None:
    """Train for ever, saving all the time."""
    torch.set_num_threads(1)
    trainer.CHECKPOINT_SECONDS = trainer.MIN_PREVIEW_SECONDS = trainer.REPORT_SECONDS = 0.02
    trainer.PREVIEW_SHARE = 0.5
    run = RunFolder.open(run_path)
    for event in record(run, device=torch.device("cpu"), budget=Budget(minutes=60)):
        reports.send((type(event).__name__, event.step))


def test_runs_survive(services, warm):
    choose, root = random.Random(0), services.workspace.root
    store = services.workspace.store("toy")
    run = services.training.create(store, config=TINY, effect="Toy", effect_slug="toy", name=None)
    services.close()
    saved = 0
    for kill in range(KILLS):
        first = ("CheckpointDue", "Started")[kill % 2]
        reports = run_and_kill(warm, train, run.path, first=first, after=choose.uniform(0, 1))
        saved = max([saved, *(step for kind, step in reports if kind == "CheckpointDue")])
        again = Services(Workspace(root), device="cpu", presets={"tiny": TINY})  # as the next start does
        try:
            assert again.training.snapshot(run.id).state == "interrupted"
            assert again.library.problems() == []
            shown = [step for kind, step in reports if kind == "Preview"]
            assert Editor.load(run.path, weights="newest").step >= max(shown, default=0)
            assert prepare(run, torch.device("cpu")).progress.step >= saved
            assert not [path for path in root.rglob(".*") if path.name != ".lock"], "something half done was left"
        finally:
            again.close()

    again = Services(Workspace(root), device="cpu", presets={"tiny": TINY})
    try:
        seen = run.events_path.read_bytes().count(b"\n")  # the lost steps are on record too
        again.training.resume(run.id, 1)
        while again.training.active:
            new = run.events_path.read_bytes().splitlines(keepends=True)[seen:]
            if any(json.loads(line)["step"] > saved for line in new if line.endswith(b"\n")):
                break
            time.sleep(0.05)
        if again.training.active:
            again.training.stop()
        assert again.training.wait(30)
        snapshot = again.training.snapshot(run.id)
        assert (snapshot.state, snapshot.history.message) == ("stopped", "")
        assert snapshot.history.step > saved > 0
        for line in run.events_path.read_text().splitlines():
            assert json.loads(line)["kind"]
    finally:
        again.close()
