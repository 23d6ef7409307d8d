"""Every JSON file of a workspace, each of its fields in turn with values that the app never writes.

Whatever the files say: pages are told, everything else works, and what cannot be shown can be deleted and brought back.
"""

import json
import logging
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from editor.editing.editor import Editor
from editor.errors import UserError
from editor.pairs.moves import FORMAT as MOVES
from editor.pairs.store import PairStore
from editor.training.history import read_history
from editor.training.manifest import intact_version, save_version
from editor.training.run_folder import RunFolder
from editor.ui import live
from editor.ui.state import Seen
from editor.ui.tabs import effects as effects_panel
from editor.workspace import Services, Workspace, WorkspaceError
from editor.workspace.public.uptime import read_seconds, write_seconds
from editor.workspace.queue import TrainingQueue
from editor.workspace.waiting_line import WaitingLine
from tests.conftest import fill_with_toy_pairs
from tests.faults.sentences import check_sentence
from tests.services import open_services

MISSING = object()
ODD = {
    "missing": MISSING,
    "null": None,
    "true": True,
    "zero": 0,
    "negative": -1,
    "huge": 10**400,
    "too-many-digits": 10**5000,
    "nan": float("nan"),
    "infinite": float("-inf"),
    "float": 1e300,
    "text": "?",
    "empty": "",
    "half-a-character": "a\ud800b",
    "nul": "a\0b",
    "up": "../../../x",
    "long": "x" * 100_000,
    "list": [],
    "lists": [[[]], {}],
    "object": {},
    "objects": {"a": {"b": None}},
    "last-year-ahead": "9999-12-31T23:59:59+00:00",
    "last-year-behind": "9999-12-31T23:59:59-11:00",
    "first-year": "0001-01-01T00:00:00+00:00",
    "no-time-zone": "2026-01-01T00:00:00",
}
# Where there are many fields; `test_odd_readers` has all values.
FEW = ("missing", "float", "half-a-character", "lists")

RARE = {  # files that few runs have
    "shared.json": {"format": 1, "needs_pairs": True, "agreement": 40.0, "license": "CC0"},
    "job.json": {
        **{"format": 1, "id": "6f1d", "owner": "somebody", "flavor": "t4-small", "folder": "pairbrush-toy"},
        **{"started": "2026-01-01T00:00:00+00:00", "lines_before": 3, "is_kept": True, "dollars": 0.01, "minutes": 15},
    },
}


def places(values: Any, *path: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value in a JSON value, of the whole first; of a list, only those of its first item."""
    yield path
    items = values.items() if isinstance(values, dict) else [*enumerate(values)][:1] if isinstance(values, list) else ()
    for key, value in items:
        yield from places(value, *path, key)


def changed(values: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return JSON values with another one at a path, or with none there."""
    if not path:
        return None if value is MISSING else value
    values = values.copy()
    if len(path) == 1 and value is MISSING:
        del values[path[0]]
    else:
        values[path[0]] = changed(values[path[0]], path[1:], value)
    return values


def spoilings(whole: bytes, names: tuple[str, ...] = tuple(ODD)) -> Iterator[tuple[str, bytes]]:
    """Yield what a file might say instead, with a name for it."""
    values = json.loads(whole)
    limit = sys.get_int_max_str_digits()
    for place in places(values):
        for name in names:
            sys.set_int_max_str_digits(0)
            data = json.dumps(changed(values, place, ODD[name])).encode()
            sys.set_int_max_str_digits(limit)
            yield f"{'.'.join(map(str, place))}={name}", data


@contextmanager
def spoiled(path: Path, data: bytes, what: str) -> Iterator[None]:
    """Replace the content of a file for the block; an error in the block names what it was replaced by."""
    whole = path.read_bytes()
    path.write_bytes(data)
    try:
        yield
    except Exception as error:
        raise AssertionError(f"{path.name} with {what}") from error
    finally:
        path.write_bytes(whole)


def texts(value: Any) -> Iterator[str]:
    """Yield every text that a page would be sent."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from texts([*value.items()])
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts(item)
    elif hasattr(value, "_constructor_args"):
        yield from texts(value._constructor_args)


def look(services: Services) -> None:
    """Refresh a page that has the damaged run open, and check that it shows everything else."""
    told = live.refresh(services, "odd", None, "odd", Seen())
    whole = "".join(texts([told, effects_panel.table(services)]))
    whole.encode()  # as it is sent
    assert len(whole) < 500_000
    assert "Kept" in whole
    runs, effects = services.training.listing().runs, services.workspace.effects()
    assert {"kept"} <= {run.id for run in runs} and {"kept"} <= {effect.slug for effect in effects}
    for sentence in services.library.problems():
        check_sentence(sentence)


def is_shown_or_deletable(services: Services, kind: str) -> bool:
    """Check that the damaged item is listed or reported, and that a reported one can be deleted and restored."""
    library = services.library
    shown = [item.slug for item in services.workspace.effects()] if kind == "effect" else []
    shown += [run.id for run in services.training.runs()] if kind == "run" else []
    damaged = [(item.kind, item.id) for item in library.damaged()]
    assert ("odd" in shown) != ((kind, "odd") in damaged)
    if "odd" not in shown:
        deleted = library.delete_effect("odd") if kind == "effect" else library.delete_run("odd")
        assert library.damaged() == []
        assert library.restore(deleted).id == "odd"
        assert [(item.kind, item.id) for item in library.damaged()] == damaged
    return "odd" in shown


def thin(events: Path) -> None:
    """Keep three events of each kind and the last: each look reads all of them anew."""
    counts: Counter[str] = Counter()
    lines = events.read_bytes().splitlines(keepends=True)
    kept = []
    for line in lines[:-1]:
        kind = json.loads(line)["kind"]
        counts[kind] += 1
        if counts[kind] <= 3:
            kept.append(line)
    events.write_bytes(b"".join([*kept, lines[-1]]))


@pytest.fixture(scope="module")
def services(tmp_path_factory, trained_run) -> Iterator[Services]:
    """A workspace with two effects, a run of each, and something of each kind in the trash."""
    with open_services(tmp_path_factory.mktemp("odd") / "workspace") as services:
        workspace, library = services.workspace, services.library
        for name in ("Odd", "Kept", "Gone"):
            workspace.create_effect(name, fill=lambda store: fill_with_toy_pairs(store, 5))
        workspace.store("odd").set_held_out(["0001"])
        for name in ("odd", "kept", "gone"):
            shutil.copytree(trained_run.path, workspace.runs_dir / name)
            thin(RunFolder.open(workspace.runs_dir / name).events_path)
        library.remove_pairs("odd", ["0003"])
        library.delete_effect("gone")
        library.delete_run("gone")
        yield services


@pytest.fixture(autouse=True)
def far_ahead(monkeypatch):
    """Use the time zone furthest ahead (UTC+14), and log no warning for each damaged file."""
    logging.disable()
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Pacific/Kiritimati")
        if hasattr(time, "tzset"):
            time.tzset()
        yield
    if hasattr(time, "tzset"):
        time.tzset()
    logging.disable(logging.NOTSET)


def test_no_kind_of_file_is_forgotten(services):
    known = {"config", "effect", "manifest", "pairs", "registration", "run", "trash", "workspace"}
    assert {path.stem for path in services.workspace.root.rglob("*.json")} == known


@pytest.mark.parametrize("name", ["run.json", "config.json", "manifest.json", "registration.json", "pairs/pairs.json"])
def test_an_odd_file_of_a_run_hides_nothing_else(services, name):
    path = services.workspace.runs_dir / "odd" / name
    about, is_shown = services.workspace.runs_dir / "odd" / "run.json", []
    for what, data in spoilings(path.read_bytes(), FEW if name in ("config.json", "manifest.json") else tuple(ODD)):
        with spoiled(path, data, what):
            about.write_bytes(about.read_bytes())  # so that the run is read anew
            look(services)
            is_shown.append(is_shown_or_deletable(services, "run"))
            with suppress(UserError):
                Editor.load(services.workspace.runs_dir / "odd", "cpu")
    assert any(is_shown) and (not all(is_shown) or name in ("manifest.json", "registration.json"))


@pytest.mark.parametrize("name", RARE)
def test_an_odd_file_that_few_runs_have_hides_nothing_else(services, name):
    path = services.workspace.runs_dir / "odd" / name
    path.write_text(json.dumps(RARE[name]))
    for what, data in spoilings(path.read_bytes(), ("missing", "lists")):  # all values: see `test_odd_readers`
        with spoiled(path, data, what):
            look(services)
            is_shown_or_deletable(services, "run")
    path.unlink()


@pytest.mark.parametrize("name", ["effect.json", "pairs.json"])
def test_an_odd_file_of_an_effect_hides_nothing_else(services, name):
    path = services.workspace.effects_dir / "odd" / name
    for what, data in spoilings(path.read_bytes()):
        with spoiled(path, data, what):
            look(services)
            is_shown_or_deletable(services, "effect")
            with suppress(UserError):
                services.workspace.pairs("odd")


def test_odd_events_hide_nothing_else(services):
    run = RunFolder.open(services.workspace.runs_dir / "odd")
    whole = run.events_path.read_bytes()
    first = {json.loads(line)["kind"]: line for line in reversed(whole.splitlines())}
    others = [{"kind": "Adjusted", "message": "x"}, {"kind": "Failed", "message": "x"}, {"kind": "Paused"}]
    first |= {other["kind"]: json.dumps({"step": 9, "seconds": 1.0, **other}).encode() for other in others}
    assert len(first) == 8
    about = run.path / "run.json"
    for kind, line in first.items():
        for what, data in spoilings(line, FEW):
            with spoiled(run.events_path, whole + data + b"\n", f"{kind} {what}"):
                about.write_bytes(about.read_bytes())  # so that the run is read from its beginning
                look(services)
                assert read_history(run).step >= 0


def test_an_odd_entry_hides_nothing_else_in_the_trash(services):
    kinds = {entry.kind: entry.id for entry in services.library.trash()}
    assert len(kinds) == 3
    for kind, id in kinds.items():
        path = services.workspace.trash.directory / id / "trash.json"
        for what, data in spoilings(path.read_bytes()):
            with spoiled(path, data, f"{kind} {what}"):
                look(services)
                assert {entry.id for entry in services.library.trash()} >= set(kinds.values()) - {id}


def test_emptying_the_trash_takes_what_cannot_be_read_too(tmp_path):
    with open_services(tmp_path / "workspace") as services:
        trash = services.workspace.trash
        for pair in ("0001", "0002", "0003"):
            services.library.remove_pairs("toy", [pair])
        odd, newer, _ = (entry.id for entry in services.library.trash())
        (trash.directory / odd / "trash.json").write_text("{")
        (trash.directory / newer / "trash.json").write_text('{"format": 2}')
        services.library.empty_trash()
        assert [path.name for path in trash.directory.iterdir()] == [newer]


def test_odd_digests_stop_neither_editing_nor_saving(services, tmp_path):
    folder = services.workspace.runs_dir / "odd"
    place = shutil.copytree(folder, tmp_path / "run")
    manifest = place / "manifest.json"
    for what, data in spoilings(manifest.read_bytes()):
        with spoiled(manifest, data, what):
            with suppress(UserError):
                assert intact_version(place / "weights.safetensors").is_file()
            with suppress(UserError):  # of a newer format
                save_version(place / "new.safetensors", lambda path: path.write_bytes(b"new"))
                assert intact_version(place / "new.safetensors").read_bytes() == b"new"


def test_an_odd_journal_moves_nothing_else(tmp_path):
    """A journal that cannot be parsed is left untouched."""
    store = fill_with_toy_pairs(PairStore(tmp_path / "effects" / "odd"), 2)
    journal = store.directory / ".moves.json"
    MOVES.write(journal, {"moves": [["source/0001.png", "source/9.png"], ["target/0001.png", "target/9.png"]]})
    whole = journal.read_bytes()
    for what, data in spoilings(whole):
        journal.write_bytes(data)
        store.recover(within=tmp_path)
        assert sum(path.suffix == ".png" for path in tmp_path.rglob("*")) == 4, what
        if not journal.exists():
            names = store.names()
            assert store.rename(names[0], "again") and store.rename("again", names[0])
        else:
            assert journal.read_bytes() == data
            journal.unlink()


def test_an_odd_workspace_opens_or_says_why(tmp_path):
    root = tmp_path / "workspace"
    Workspace(root).open().release()
    for what, data in spoilings((root / "workspace.json").read_bytes()):
        with spoiled(root / "workspace.json", data, what):
            try:
                Workspace(root).open().release()
            except WorkspaceError as error:
                check_sentence(str(error))


def test_an_odd_queue_hides_nothing_and_starts_nothing_else(services):
    """Of the two runs of the workspace, at most the one that is named can wait."""
    path = services.workspace.root / "queue.json"
    whole = json.dumps({"format": 1, "runs": [{"run": "odd", "minutes": 5.0, "steps": None}]}).encode()
    path.write_bytes(whole)
    for what, data in spoilings(whole):
        with spoiled(path, data, what):
            for run, budget in WaitingLine(path, TrainingQueue(5)).saved():
                assert isinstance(run, str) and (budget is None or (budget.minutes or 0) <= 10**6), what
            look(services)
    path.unlink()


def test_odd_times_of_visitors_are_no_times(tmp_path):
    path = tmp_path / "visit.json"
    write_seconds(path, 12.5)
    for what, data in spoilings(path.read_bytes()):
        with spoiled(path, data, what):
            try:
                seconds = read_seconds(path)
            except UserError as error:  # of a newer format
                check_sentence(str(error))
            else:
                assert seconds is None or 0 <= seconds <= 2**53
