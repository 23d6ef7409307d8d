"""Train for a long time while pages look on, and see whether anything grows: `python -m tests.soak --minutes 60`.

The real server, a training of the draft preset (in a short form, a cheap one), three pages in a browser, and somebody
who uploads, edits, makes pairs and removes them all the while. Ends with 1 and says why where a limit is broken. For
Linux, whose /proc it reads.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import sync_playwright

from editor.workspace import Workspace
from tests.browser.app_at_rest import PROGRAM
from tests.browser.chromium import find_browser
from tests.browser.pages import open_app, open_tab
from tests.conftest import draw_toy_pair, fill_with_toy_pairs
from tests.faults.server import Page, Server, serving
from tests.waiting import wait_until

NUM_PAGES = 3
NUM_PAIRS = 12
PATIENCE = 90  # seconds for any answer: the training may have the only core
FIRST_STEP_SECONDS = 240.0
MIN_ROUNDS = 4  # however long they take
ROUND_SECONDS = 5.0  # between two measurements
SHORT_ROUND_SECONDS = 2.0  # of a short form, which then measures as often in half the time
WARM = 0.3  # share of the time that is left out: memory pools and caches fill
CACHE_MIB_PER_ROUND = 2.0  # an edit stays in the cache for an hour


class Sample(NamedTuple):
    """The server at one moment."""

    minutes: float
    memory_mib: float
    threads: int
    files: int  # open ones, sockets included
    cache_mib: float
    tick_ms: float  # from a page's asking to its being told, as it does every second
    step: int


class Limits(NamedTuple):
    """What is still flat, from when it is warm to the end."""

    memory_mib: float = 100.0  # for any length: an hour may take no more than a minute
    tick_ratio: float = 2.0
    tick_ms: float = 250.0  # a slower machine may double less than this
    threads: int = 6
    files: int = 16


SHORT = 5  # minutes: so short a time shows what leaks badly; how quick a tick is depends on what else the machine does
SHORT_LIMITS = Limits(memory_mib=300.0, tick_ms=10_000.0)


def run(minutes: float, limits: Limits = Limits()) -> list[str]:  # noqa: B008 (a tuple)
    """Soak a server for some time, print what was measured, and return one sentence for every broken limit."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder) / "workspace")
        with workspace.open():
            workspace.create_effect("Soak", fill=lambda store: fill_with_toy_pairs(store, NUM_PAIRS))
        program = "app.py" if minutes >= SHORT else PROGRAM
        with serving(workspace.root, program=program) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"])
            context = browser.new_context()  # with one cache for all pages
            for tab in ("1 Pairs", "2 Train", "2 Train")[:NUM_PAGES]:
                page = context.new_page()
                open_app(page, server.url, patience=PATIENCE)
                open_tab(page, tab)
            worker = Page(server.url, patience=PATIENCE)
            worker.look()
            assert worker.call("start_training", worker.start_data("soak", minutes=minutes + 30)).success
            samples = _samples(server, worker, minutes)
            worker.call("stop_training", [None])
            browser.close()
    print(_table(samples))
    return _broken(samples, limits)


def _samples(server: Server, worker: Page, minutes: float) -> list[Sample]:
    wait_until(lambda: _steps(server), seconds=FIRST_STEP_SECONDS)  # until then it only grows
    begun, samples, number = time.monotonic(), [], 0
    pause = ROUND_SECONDS if minutes >= SHORT else SHORT_ROUND_SECONDS
    while (now := time.monotonic()) - begun < 60 * minutes or number < MIN_ROUNDS:
        number += 1
        _work(worker, number)
        samples.append(_measure(server, worker, (now - begun) / 60))
        time.sleep(max(pause - (time.monotonic() - now), 0.0))
    return samples


def _work(worker: Page, number: int) -> None:
    """Do a bit of everything that a person does beside a training."""
    data = BytesIO()
    source, target = draw_toy_pair(number, 96)
    source.save(data, format="PNG")
    photo = worker.upload("photo.png", data.getvalue())
    answer = worker.drop(photo)  # it is edited at once
    assert answer.success or "learned nothing yet" in str(answer.error), answer
    files = []
    for side, picture in (("source", source), ("target", target)):
        data = BytesIO()
        picture.save(data, format="PNG")
        files.append({"path": worker.upload("new.png", data.getvalue())["path"], "name": f"{side}/new.png"})
    assert worker.call("add_files", ["soak", None], event_data={"files": files}).success
    assert worker.call("change_pair", ["soak"], event_data={"name": "new", "action": "remove"}).success


def _measure(server: Server, worker: Page, minutes: float) -> Sample:
    process = Path("/proc") / str(server.pid)
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines() if ":" in line)
    start = time.perf_counter()
    assert worker.look().success
    tick = time.perf_counter() - start
    cache = sum(path.stat().st_size for path in (server.workspace / "cache").rglob("*") if path.is_file())
    return Sample(
        minutes=minutes,
        memory_mib=int(status["VmRSS"].split()[0]) / 1024,
        threads=int(status["Threads"]),
        files=len(list((process / "fd").iterdir())),
        cache_mib=cache / 2**20,
        tick_ms=1000 * tick,
        step=_steps(server),
    )


def _steps(server: Server) -> int:
    """Return how often the training has told of its steps."""
    events = next((server.workspace / "runs").glob("*/events.jsonl"), None)
    return events.read_bytes().count(b'"StepDone"') if events else 0


def _parts(samples: Sequence[Sample]) -> tuple[Sequence[Sample], Sequence[Sample]]:
    """Return the samples just after it was warm, and those at the end: a quarter of the rest each."""
    warm = samples[int(WARM * len(samples)) :]
    quarter = max(len(warm) // 4, 1)
    return warm[:quarter], warm[-quarter:]


def _median(samples: Sequence[Sample], field: str) -> float:
    return statistics.median(getattr(sample, field) for sample in samples)


def _table(samples: Sequence[Sample]) -> str:
    early, late = _parts(samples)
    lines = [f"{len(samples)} rounds in {samples[-1].minutes:.1f} minutes, {samples[-1].step} reports of the training"]
    hours = (_median(late, "minutes") - _median(early, "minutes")) / 60
    for field in ("memory_mib", "threads", "files", "cache_mib", "tick_ms"):
        start, end = _median(early, field), _median(late, field)
        slope = (end - start) / hours if hours else 0.0
        first = getattr(samples[0], field)
        lines.append(f"{field:>12}: first {first:8.1f}, warm {start:8.1f}, end {end:8.1f}, slope {slope:+9.1f} an hour")
    course = samples[:: max(len(samples) // 12, 1)]
    lines.append("memory_mib in its course: " + ", ".join(f"{sample.memory_mib:.0f}" for sample in course))
    return "\n".join(lines)


def _broken(samples: Sequence[Sample], limits: Limits) -> list[str]:
    early, late = _parts(samples)
    grown = {field: _median(late, field) - _median(early, field) for field in Sample._fields}
    found = [
        f"{field} grew by {grown[field]:.1f}, and may grow by {getattr(limits, field)}."
        for field in ("memory_mib", "threads", "files")
        if grown[field] > getattr(limits, field)
    ]
    if grown["cache_mib"] > CACHE_MIB_PER_ROUND * len(samples):
        found.append(f"The cache grew by {grown['cache_mib']:.1f} MiB.")
    ratio = _median(late, "tick_ms") / _median(early, "tick_ms")
    if ratio > limits.tick_ratio and grown["tick_ms"] > limits.tick_ms:
        found.append(f"A tick takes {ratio:.1f} times as long at the end.")
    if samples[-1].step <= samples[0].step:
        found.append("The training stood still.")
    return found


def main() -> None:
    """Read the flags and soak."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    minutes = parser.parse_args().minutes
    broken = run(minutes, Limits() if minutes >= SHORT else SHORT_LIMITS)
    sys.exit("\n".join(broken) or None)


if __name__ == "__main__":
    main()
