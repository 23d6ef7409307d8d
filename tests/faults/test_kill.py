"""What is on disk after `kill -9` at any moment: of pairs that change, of a run, and of a server that does everything.

The suite does it a few times for each; PAIRBRUSH_KILLS=50 does it that many times.
"""

import json
import os
import random
import signal
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
import torch

from editor.config import Budget
from editor.editing.editor import Editor
from editor.training import cadence
from editor.training.recording import prepare, record
from editor.training.run_folder import RunFolder
from editor.ui.access import Access
from editor.ui.app import build_app
from editor.ui.app import serve as serve_app
from editor.workspace import Services, Workspace
from tests.conftest import TINY
from tests.faults.killing import begin, found_in, lines_of, mark, survive
from tests.faults.server import free_port
from tests.processes import CAN_FORK
from tests.waiting import wait_until

KILLS = int(os.environ.get("PAIRBRUSH_KILLS", "3"))

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="needs processes that fork")


def run_and_kill(work, *args, first: str, after: float) -> list:
    """Let `work` go on for `after` seconds from its `first` report, kill it, and return all that it reported."""
    process, receiver = begin(work, *args)
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


def change_pairs(root: Path, seed: int, serial: int, reports) -> None:
    """Add, rename, remove and bring back pairs for ever; report what is about to be done, and that it is done."""
    services = Services(Workspace(root), device="cpu")
    library, choose = services.library, random.Random(seed)
    store = services.workspace.store("toy")
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
        else:
            continue
        reports.send(("done", None))


def test_pairs_survive(tmp_path):
    root, choose = tmp_path / "workspace", random.Random(0)
    workspace = Workspace(root)
    workspace.open().release()
    workspace.create_effect("Toy")
    stored: set[int] = set()
    for kill in range(KILLS):
        reports = run_and_kill(
            change_pairs, root, kill, max(stored, default=0), first="done", after=choose.uniform(0, 0.7)
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
    cadence.CHECKPOINT_SECONDS = cadence.MIN_PREVIEW_SECONDS = cadence.REPORT_SECONDS = 0.02
    cadence.PREVIEW_SHARE = 0.5
    run = RunFolder.open(run_path)
    for event in record(run, device=torch.device("cpu"), budget=Budget(minutes=60)):
        reports.send((type(event).__name__, event.step))


def test_runs_survive(services):
    choose, root = random.Random(0), services.workspace.root
    store = services.workspace.store("toy")
    run = services.training.create(store, config=TINY, effect="Toy", effect_slug="toy", name=None)
    services.close()
    saved = 0
    for kill in range(KILLS):
        first = ("CheckpointDue", "Started")[kill % 2]
        reports = run_and_kill(train, run.path, first=first, after=choose.uniform(0, 1))
        saved = max([saved, *(step for kind, step in reports if kind == "CheckpointDue")])
        again = Services(Workspace(root), device="cpu", presets={"tiny": TINY})  # as the next start does
        try:
            assert again.training.status(run.id).state == "interrupted"
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
        snapshot = again.training.status(run.id)
        assert (snapshot.state, snapshot.history.message) == ("stopped", "")
        assert snapshot.history.step > saved > 0
        for line in run.events_path.read_text().splitlines():
            assert json.loads(line)["kind"]
    finally:
        again.close()


def serve_politely(root: Path, port: int, reports) -> None:
    """Serve the app as `app.py` does, until a signal ends it."""
    torch.set_num_threads(1)
    cadence.REPORT_SECONDS = 0.05
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored by what a shell runs in the background
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    os.environ.update(GRADIO_TEMP_DIR=str(root / "cache"), GRADIO_ANALYTICS_ENABLED="False")
    access = Access.decide(host=None, share=False, auth=None, is_space=False)
    with closing(Services(Workspace(root), device="cpu", presets={"tiny": TINY})) as services:
        app = build_app(services)
        services.training.start("toy", TINY, 30)
        reports.send(("ready", None))
        serve_app(app, services, access=access, port=port, open_browser=False)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_who_is_asked_to_end_saves_first(services, name):
    """What Ctrl-C sends, what a Space does when it restarts, and what a closed terminal does: not a step is lost."""
    root = services.workspace.root
    services.close()
    process, receiver = begin(serve_politely, root, free_port())
    try:
        assert receiver.recv() == ("ready", None)
        (path,) = (root / "runs").glob("[!.]*")
        run = RunFolder.open(path)
        wait_until(lambda: any(b'"StepDone"' in line for line in lines_of(run.events_path)))
        time.sleep(0.5)  # perhaps it is serving by now, perhaps not
        os.kill(process.pid, getattr(signal, name))
        process.join(90)
    finally:
        process.kill()
        process.join()
    last = json.loads(lines_of(run.events_path)[-1])
    assert (last["kind"], last.get("was_stopped")) == ("Finished", True)
    assert prepare(run, torch.device("cpu")).progress.step == last["step"] > 0


def test_a_server_survives(tmp_path):
    """A real one, with pages that upload, change pairs, train, ask for previews and saves, and edit at once."""
    survived = survive(tmp_path / "workspace", KILLS)
    assert survived.kills == KILLS and survived.stored > 1 and survived.step > 0
