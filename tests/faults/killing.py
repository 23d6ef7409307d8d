"""Kills the real server while pages do all that people do, and looks at what is on disk after each kill."""

from __future__ import annotations

import copy
import json
import math
import os
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import httpx
import torch
from PIL import Image

from editor.editing.editor import Editor
from editor.image_files import load_image
from editor.pairs.store import PairStore
from editor.training import cadence
from editor.training.recording import prepare
from editor.training.run_folder import RunFolder
from editor.ui.access import Access
from editor.ui.app import build_app, launch
from editor.ui.tabs.timeline import ALL_PREVIEWS
from editor.workspace import Services, Workspace
from tests.conftest import TINY, draw_toy_pair
from tests.faults.sentences import check_sentence
from tests.faults.server import Page, free_port
from tests.processes import warm

SIDE = 24  # pixels


def begin(work, *args):
    """Start `work` in a process of its own; return the process and the pipe on which its reports arrive."""
    receiver, sender = warm().Pipe(duplex=False)
    process = warm().Process(target=work, args=(*args, sender))
    process.start()
    sender.close()
    return process, receiver


def mark(serial: int, side: int) -> Image.Image:
    """A picture whose color encodes the number of a pair and the side."""
    return Image.new("RGB", (SIDE, SIDE), (serial // 256, serial % 256, side))


def serial_of(path: Path, side: int) -> int:
    high, low, found = load_image(path).getpixel((0, 0))
    assert found == side, f"{path} is on the wrong side"
    return high * 256 + low


def found_in(folder: Path) -> list[int]:
    store = PairStore(folder)
    assert store.problems() == []
    pairs = [(serial_of(pair.source, 1), serial_of(pair.target, 2)) for pair in store.pairs()]
    assert all(before == after for before, after in pairs), "sides of different pairs lie together"
    return [before for before, _ in pairs]


def serve(root: Path, port: int, reports) -> None:
    """Serve the app, saving all the time, until the process is killed."""
    torch.set_num_threads(1)
    cadence.CHECKPOINT_SECONDS = cadence.MIN_PREVIEW_SECONDS = cadence.REPORT_SECONDS = 0.05
    cadence.PREVIEW_SHARE = 0.5
    os.environ.update(GRADIO_TEMP_DIR=str(root / "cache"), GRADIO_ANALYTICS_ENABLED="False")
    access = Access.decide(host=None, share=False, auth=None, is_space=False)
    services = Services(Workspace(root), device="cpu", presets={"tiny": TINY})
    launch(build_app(services), services, access=access, port=port, open_browser=False)
    reports.send(("ready", None))
    while True:
        time.sleep(60)


def png(picture: Image.Image) -> bytes:
    data = BytesIO()
    picture.save(data, format="PNG")
    return data.getvalue()


def add_and_remove(page: Page, choose: random.Random, serials: list[int], sure: list[int]) -> None:
    """Upload pairs and take some away again, for ever."""
    while True:
        serial = serials[-1] + 1
        serials.append(serial)
        pictures = {f"{side}/picture.png": png(mark(serial, number)) for number, side in ((1, "source"), (2, "target"))}
        files = [{"path": page.upload("a.png", data)["path"], "name": name} for name, data in pictures.items()]
        answer = page.call("add_files", ["toy", None], event_data={"files": files})
        assert answer.success, answer
        sure.append(serial)
        names = [path.stem for path in (page.effect / "source").glob("[!.]*.png")]
        if len(names) > 6:
            for action in ("hold", "remove"):
                page.call("change_pair", ["toy"], event_data={"name": choose.choice(names), "action": action})


def steer(page: Page, choose: random.Random) -> None:
    """Ask for a preview or a save, for ever."""
    while True:
        page.call(choose.choice(["preview_training", "save_training"]), [None])


def edit_and_save(page: Page, choose: random.Random, dropped: list[str]) -> None:
    """Drop photos and save their edits and the run's story, for ever."""
    while True:
        photo = page.upload("photo.png", png(draw_toy_pair(choose.randrange(99), 96)[0]))
        for ask in (
            partial(page.drop, photo),
            partial(page.call, "edit", [None, None]),
            page.save_all,
            partial(page.call, "save_timeline", [None, "gif", ALL_PREVIEWS]),
        ):
            answer = ask()
            if not answer.success:
                check_sentence(answer.error)
            elif getattr(ask, "func", None) == page.drop:
                dropped.append(photo["path"])


def lines_of(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True) if path.is_file() else []


def checkpoints(run: RunFolder) -> int:
    return sum(b'"CheckpointDue"' in line for line in lines_of(run.events_path))


def until_it_is_gone(work, page: Page, *args) -> None:
    page.session, page.http = uuid4().hex, httpx.Client(base_url=page.http.base_url, timeout=30)
    with suppress(httpx.TransportError):
        page.look()
        work(page, *args)


OPENED = ("poll_page", "opened", "inspect")  # events by which a page, the panel of effects and Inspect are filled


def open_all(page: Page) -> int:
    """Open what there is to open, and return how many that were."""
    assert page.http.get("/").status_code == 200
    for name in OPENED:
        key = page.named(name)
        values = {item["id"]: item["props"].get("value") for item in page.config["components"]}
        answer = page.call(key, [values[id] for id in page.events[key]["inputs"]])
        assert answer.success or name == "inspect", answer.error  # a run without weights has nothing to look into
        if not answer.success:
            check_sentence(answer.error)
    return 1 + len(OPENED)


class Survived(NamedTuple):
    """What was still there.

    Attributes:
        kills: How often the server was killed.
        pairs: Pairs that lay in the effect or in the trash at the end.
        stored: Pairs that were added in all.
        step: Of the last saved training state.
        opened: Pages that were opened after a start.
    """

    kills: int
    pairs: int
    stored: int
    step: int
    opened: int


def survive(served: Path, kills: int, *, seconds: float = math.inf) -> Survived:
    """Start a server, let pages upload, change pairs, train, preview, edit and save at once, and kill it.

    After each kill, and as the next start finds it: every pair is there once, both sides together; the run continues
    from its last save; nothing half done is left; and every page opens.

    Args:
        served: Where the workspace goes.
        kills: How often.
        seconds: After these, no further server is started.
    """
    choose, over = random.Random(1), time.monotonic() + seconds
    workspace = Workspace(served)
    with workspace.open():
        effect = workspace.create_effect(
            "Toy", fill=lambda store: [store.add("x", mark(n, 1), mark(n, 2)) for n in range(3)]
        )
    services = Services(workspace, device="cpu", presets={"tiny": TINY})
    run = services.training.create(
        workspace.store(effect.slug), config=TINY, effect="Toy", effect_slug="toy", name=None
    )
    services.close()
    stored, serials, kept, opened = {0, 1, 2}, [2], 0, 0
    for kill in range(kills):
        if time.monotonic() > over:
            kills = kill
            break
        sure: list[int] = []
        dropped: list[str] = []
        seen, before = len(serials), checkpoints(run)
        port = free_port()
        process, receiver = begin(serve, served, port)
        try:
            assert receiver.recv() == ("ready", None)
            page = Page(f"http://127.0.0.1:{port}")
            page.effect = served / "effects" / "toy"
            opened += open_all(page)
            assert page.call("continue_training", [None, 30]).success
            with ThreadPoolExecutor(3) as pool:
                works = [
                    pool.submit(until_it_is_gone, work, copy.copy(page), random.Random(choose.random()), *more)
                    for work, *more in ((add_and_remove, serials, sure), (steer,), (edit_and_save, dropped))
                ]
                if kill % 2:  # else in the first moments
                    end = time.monotonic() + 60
                    while not (sure and checkpoints(run) > before) and time.monotonic() < end:
                        time.sleep(0.02)
                time.sleep(choose.uniform(0, 2))
                process.kill()
            for done in works:
                done.result()
        finally:
            process.kill()
            process.join()
        again = Services(Workspace(served), device="cpu", presets={"tiny": TINY})  # as the next start does
        try:
            folders = [served / "effects" / "toy", *(served / "trash").glob("*/content")]
            found = Counter(serial for folder in folders for serial in found_in(folder))
            assert max(found.values()) == 1, "a pair was doubled"
            assert stored | set(sure) <= set(found) <= stored | set(serials[seen:])
            stored = set(found)
            assert again.library.problems() == []
            assert again.training.status(run.id).state in ("interrupted", "untrained")
            whole = (line for line in lines_of(run.events_path) if line.endswith(b"\n"))
            saved = [json.loads(line) for line in whole]
            kept = max([kept, *(event["step"] for event in saved if event["kind"] == "CheckpointDue")])
            assert prepare(run, torch.device("cpu")).progress.step >= kept
            if again.training.status(run.id).has_weights:
                Editor.load(run.path, weights="newest")
                Editor.load(run.path)
            assert not [path for path in served.rglob(".*") if path.name != ".lock"], "something half done was left"
            assert {path.name for path in (served / "cache").iterdir()} <= {"thumbnails", "edits"}
            photos = again.desk.load().photos
            assert len(photos) >= len(dropped), "a photo that was dropped is gone"
            for photo in photos:
                load_image(photo.path)
        finally:
            again.close()
    return Survived(kills, len(stored), len(serials), kept, opened)
