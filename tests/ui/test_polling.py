"""What one poll of an open page costs, in opened files: every second, beside a training on the same cores."""

import json
import os
import shutil
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest

from editor.files import parse_json
from editor.training import history
from editor.ui import live
from editor.ui.state import Seen
from editor.workspace import Services, Workspace
from tests.conftest import TINY
from tests.services import examined, give_effect, open_services

OPENED = []  # paths while somebody counts; an audit hook stays for as long as the process
COUNTING = []


@pytest.fixture(scope="module", autouse=True)
def audit():
    sys.addaudithook(lambda event, args: OPENED.append(str(args[0])) if COUNTING and event == "open" else None)


@contextmanager
def counted(root):
    """Collect the files below `root` that are opened meanwhile."""
    OPENED.clear()
    COUNTING.append(True)
    opened = []
    try:
        yield opened
    finally:
        COUNTING.clear()
        opened += [path for path in OPENED if path.startswith(str(root))]


def poll(services, seen=None):
    _, seen, *values = live.refresh(services, "toy", None, "toy", seen or Seen())
    return seen, values


def cards(services):
    listing = services.training.listing()
    return services.cards.of(listing.statuses, listing)


def age(folder):
    """Make all files an hour old: those that have just been written are read again, see `file_cache`."""
    for path in folder.rglob("*"):
        os.utime(path, (time.time() - 3600,) * 2)


def add_runs(services, names):
    for name in names:
        copy = shutil.copytree(services.workspace.runs_dir / "toy", services.workspace.runs_dir / name)
        about = json.loads((copy / "run.json").read_text())
        (copy / "run.json").write_text(json.dumps({**about, "name": name}))
    age(services.workspace.root)


def settled(services):
    """Poll until the doctor is through and small copies are made."""
    examined(services)
    return poll(services)[0]


def test_opened_files_do_not_grow_with_unchanged_runs_and_effects(services, trained):
    opened = []
    for number in (3, 12):
        add_runs(services, [f"{number}-{k}" for k in range(number)])
        for k in range(number):
            services.workspace.create_effect(f"Effect {number} {k}")
        age(services.workspace.effects_dir)
        seen = settled(services)
        with counted(services.root) as paths:
            poll(services, seen)
        opened.append(paths)
    assert len(cards(services)) == 1 + 3 + 12, "they are all there"
    assert len(opened[1]) <= len(opened[0]) <= 3, opened


def test_a_poll_opens_only_what_has_changed(services, trained):
    """As another program changes it."""
    add_runs(services, ["other"])
    seen = settled(services)
    about = services.workspace.runs_dir / "other" / "run.json"
    about.write_text(about.read_text().replace('"other"', '"renamed"'))
    with counted(services.root) as paths:
        poll(services, seen)
    assert str(about) in paths and not [path for path in paths if "runs" in path and "other" not in path]
    assert {run.name for run in services.training.runs()} == {"toy", "renamed"}
    effect = services.workspace.effects_dir / "toy" / "effect.json"
    effect.write_text(effect.read_text().replace("Toy", "Toys"))
    assert [item.name for item in services.workspace.effects()] == ["Toys"]
    with (services.workspace.runs_dir / "other" / "events.jsonl").open("a") as file:
        file.write('{"kind": "Failed", "step": 250, "seconds": 5.0, "message": "A wire came loose."}\n')
    card = next(card for card in cards(services) if card.run.id == "other")
    assert card.state == "failed"
    shutil.rmtree(about.parent)
    assert [card.run.id for card in cards(services)] == ["toy"]


def test_a_poll_asks_the_disk_once_for_what_it_shows_of_a_run(services, trained, monkeypatch):
    """Its name, settings, events, weights, saved state and small picture, each in one place of the page or several."""
    add_runs(services, ["other"])
    seen = settled(services)
    asked, stat = Counter(), os.stat

    def counting(path, *args, **more):
        asked[str(path)] += 1
        return stat(path, *args, **more)

    (small,) = [str(card.thumbnail) for card in cards(services) if card.run.id == "other"]
    monkeypatch.setattr(os, "stat", counting)
    poll(services, seen)
    folder = services.workspace.runs_dir / "other"
    names = ("run.json", "config.json", "events.jsonl", "weights.safetensors", "training_state.safetensors")
    assert {path: count for path, count in asked.items() if path.startswith(str(folder))} == {
        str(folder / name): 1 for name in (*names, "shared.json", "job.json")
    }
    assert asked[small] == 1


def test_a_first_page_reads_little_of_runs_that_it_does_not_show(tmp_path, trained_run, monkeypatch):
    """After a start, when nothing is known yet: of a run of another effect what it is, and its last line."""
    root = tmp_path / "workspace"
    with open_services(root) as services:
        shutil.copytree(trained_run.path, services.workspace.runs_dir / "toy")
        other = services.workspace.create_effect("Other").slug
    understood, costs = [], []
    monkeypatch.setattr(history, "parse_json", lambda line: understood.append(line) or parse_json(line))
    for number in (2, 8):
        services = Services(Workspace(root), device="cpu", presets={"tiny": TINY})
        try:
            add_runs(services, [f"{number}-{k}" for k in range(number)])
            for k in range(number):
                give_effect(services, f"{number}-{k}", other)
            age(root)
            examined(services)
            understood.clear()
            with counted(root) as paths:
                poll(services)
        finally:
            services.close()
        in_runs = [Path(path).relative_to(root / "runs").parts for path in paths if path.startswith(str(root / "runs"))]
        costs.append((len(understood), Counter(parts[-1] for parts in in_runs if parts[0] != "toy")))
    (lines, files), (more_lines, more_files) = costs
    assert more_lines - lines == 8, "the last line of each"
    assert more_files - files == dict.fromkeys(("run.json", "config.json", "pairs.json", "events.jsonl"), 8)


def test_the_list_of_an_effect_understands_few_lines_of_each_run(services, trained, monkeypatch):
    settled(services)
    add_runs(services, [f"copy-{k}" for k in range(5)])
    understood = []
    monkeypatch.setattr(history, "parse_json", lambda line: understood.append(line) or parse_json(line))
    assert len(cards(services)) == 6
    lines = (services.workspace.runs_dir / trained / "events.jsonl").read_bytes().splitlines()
    steps = sum(b"StepDone" in line for line in lines)
    assert steps > 50 and len(understood) < 6 * (2 * (len(lines) - steps) + 3)
