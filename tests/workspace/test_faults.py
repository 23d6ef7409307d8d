"""A disk that is full or cannot be written, two servers, two presses of a button, a clock that jumps."""

import contextlib
import errno
import os
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest

from editor.workspace import EditSettings, Services, Workspace, WorkspaceError, run_index
from tests.conftest import TINY, draw_toy_pair
from tests.disk import failing_disk
from tests.services import open_services


def state(services):
    """All that a person sees of what is stored."""
    workspace, library = services.workspace, services.library
    return (
        [
            (effect.name, [(pair.name, pair.is_held_out) for pair in workspace.pairs(effect.slug)])
            for effect in workspace.effects()
        ],
        [(run.id, run.name) for run in services.training.runs()],
        [(entry.id, entry.name, entry.bytes > 0) for entry in library.trash()],
    )


def corrected(services):
    folder = services.workspace.cache_dir
    for picture, name in zip(draw_toy_pair(50), ("a.png", "b.png")):
        picture.save(folder / name)
    return services.library.add_corrected_pair("toy", source=folder / "a.png", edited=folder / "b.png", name="new")


CHANGES = {
    "create": lambda services: services.workspace.create_effect("New"),
    "rename effect": lambda services: services.library.rename_effect("toy", "New"),
    "duplicate effect": lambda services: services.library.duplicate_effect("toy"),
    "delete effect": lambda services: services.library.delete_effect("toy"),
    "rename pair": lambda services: services.library.rename_pair("toy", "0002", "new"),
    "remove pairs": lambda services: services.library.remove_pairs("toy", ["0002", "0003"]),
    "corrected pair": corrected,
    "rename run": lambda services: services.library.rename_run("toy", "New"),
    "duplicate run": lambda services: services.library.duplicate_run("toy"),
    "delete run": lambda services: services.library.delete_run("toy"),
    "restore effect": lambda services: restore(services, "effect"),
    "restore pairs": lambda services: restore(services, "pairs"),
}


def restore(services, kind):
    (id,) = [entry.id for entry in services.library.trash() if entry.kind == kind]
    return services.library.restore(id)


@pytest.fixture
def furnished(services, fresh_run):
    """Services with an effect, a run, and an effect and a pair in the trash."""
    workspace, library = services.workspace, services.library
    fresh_run.path.rename(workspace.runs_dir / "toy")
    workspace.create_effect("Old", fill=lambda store: store.add("x", *draw_toy_pair(60)))
    library.delete_effect("old")
    library.remove_pairs("toy", ["0007"])
    return services


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_fails_is_told_and_nothing_is_lost(furnished, change):
    before = state(furnished)
    moment, failures = 1, 0
    while True:
        with failing_disk(moment) as disk:
            try:
                change(furnished)
                is_done = True
            except WorkspaceError as error:
                assert "disk is full" in str(error)
                is_done = False
        if is_done:
            break
        assert disk.failed
        assert state(furnished) == before
        failures, moment = failures + 1, moment + (1 if moment < 8 else 5)
    after = state(furnished)
    assert failures and after != before
    root = furnished.workspace.root
    furnished.close()
    again = Services(Workspace(root), device="cpu")
    try:
        assert state(again) == after
        assert not [path for path in root.rglob(".*") if path.name != ".lock"]
    finally:
        again.close()


@pytest.mark.parametrize("moment", range(1, 5))
@pytest.mark.parametrize("is_restarted", [True, False])
def test_a_disk_that_takes_nothing_back_loses_no_pair(furnished, monkeypatch, moment, is_restarted):
    """It fails in the middle of a removal, and then refuses to move back what has been moved."""
    root, library = furnished.workspace.root, furnished.library
    before = pictures(root)
    replace, count = Path.replace, 0

    def stuck(path, place):
        nonlocal count
        if path.suffix == ".png":  # journals and the like are still written
            count += 1
            if count >= moment:
                raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return replace(path, place)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stuck)
        with pytest.raises(WorkspaceError, match="Input/output"):
            library.remove_pairs("toy", ["0002", "0003"])
        with contextlib.suppress(WorkspaceError):  # which would delete one side of a pair
            library.empty_trash()
    assert pictures(root) >= before - TRASHED
    if is_restarted:
        furnished.close()
        again = Services(Workspace(root), device="cpu")
    else:
        again = furnished
        again.library.rename_pair("toy", "0001", "one")  # goes on with what was left
        again.library.rename_pair("toy", "one", "0001")
    try:
        assert pictures(root) >= before - TRASHED
        assert again.workspace.store("toy").problems() == []
        for entry in again.library.trash():
            again.library.restore(entry.id)
        names = {pair.name for pair in again.workspace.pairs("toy")}
        assert {"0002", "0003"} <= names
    finally:
        again.close()


TRASHED = frozenset({"0007", "x"})  # what the furnished workspace has in its trash


def pictures(root):
    """The names of all pairs of which both sides are somewhere, but for the copies of runs."""
    places = [path for part in ("effects", "trash") for path in (root / part).rglob("*.png") if path.name[0] != "."]
    sides = [{path.stem for path in places if path.parent.name == side} for side in ("source", "target")]
    assert sides[0] == sides[1]
    return frozenset(sides[0])


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_workspace_that_can_no_longer_be_written_is_named(furnished, number):
    with failing_disk(1, number=number), pytest.raises(WorkspaceError, match="cannot be written"):
        furnished.library.rename_effect("toy", "New")
    with failing_disk(1, number=errno.EIO), pytest.raises(WorkspaceError, match="Input/output error"):
        furnished.library.rename_effect("toy", "New")


@pytest.mark.skipif(not hasattr(os, "fork") or os.geteuid() != 0, reason="needs to become somebody else")
def test_a_workspace_without_rights(tmp_path):
    """For a person who may look but not write."""
    with open_services(tmp_path / "workspace"):
        pass
    root = tmp_path / "workspace"
    for path in (root, *root.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for parent in tmp_path.parents[:2]:
        parent.chmod(parent.stat().st_mode | 0o055)
    tmp_path.chmod(0o755)
    child = os.fork()
    if not child:
        code = 1
        try:
            os.setuid(65534)
            Workspace(root).open()
        except WorkspaceError as error:
            code = 0 if "cannot be written" in str(error) else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_full_disk_at_the_start_is_told_and_the_workspace_can_be_opened_later(tmp_path):
    workspace = Workspace(tmp_path / "workspace")
    for moment in range(1, 20):
        with failing_disk(moment) as disk:
            try:
                workspace.open().release()
            except WorkspaceError as error:
                assert "disk is full" in str(error) or "No space left" in str(error)
        if not disk.failed:
            return
    pytest.fail("it was never opened")


def test_a_newer_workspace_is_left_alone(tmp_path):
    root = tmp_path / "workspace"
    (root / "effects" / "toy").mkdir(parents=True)
    (root / "workspace.json").write_text('{"format": 2}')
    (root / "effects" / ".x.tmp").write_text("what the newer one calls so")
    with pytest.raises(WorkspaceError, match="newer version"):
        Workspace(root).open()
    assert (root / "workspace.json").read_text() == '{"format": 2}'
    assert (root / "effects" / ".x.tmp").exists()


def test_two_servers(services):
    with pytest.raises(WorkspaceError, match="open in another Pairbrush"):
        Services(Workspace(services.workspace.root), device="cpu")
    root = services.workspace.root
    services.close()
    Services(Workspace(root), device="cpu").close()


def test_two_presses_of_start(services):
    results, barrier = [], threading.Barrier(4)

    def press():
        barrier.wait()
        try:
            results.append(services.training.start("toy", TINY, 10))
        except WorkspaceError as error:
            results.append(error)

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (started,) = [result for result in results if isinstance(result, str)]
    assert services.training.active == started
    assert [run.id for run in services.training.runs()] == [started]
    assert all("already in progress" in str(result) for result in results if result != started)


def test_editing_while_a_run_is_trained(services, trained, tmp_path):
    """Also with the run's own weights, which change all the time."""
    photo = tmp_path / "photo.png"
    draw_toy_pair(9)[0].save(photo)
    services.training.resume(trained, 10)
    end = time.monotonic() + 3
    while time.monotonic() < end:
        assert services.editing.edit(services.editing.open_photo(photo), EditSettings(run=trained)).after.is_file()
    assert services.training.active == trained
    services.training.stop()
    assert services.training.wait(30)
    assert services.training.status(trained).state == "stopped"


def test_a_clock_that_jumps_changes_nothing(services, monkeypatch):
    """A run is started, trained, seen and continued while the clock runs backwards."""
    now = [2_000_000_000.0]

    def jump():
        now[0] -= 3600
        return now[0]

    class Backwards(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.fromtimestamp(jump(), tz)

    monkeypatch.setattr(time, "time", jump)
    monkeypatch.setattr(run_index, "datetime", Backwards)
    run = services.training.start("toy", TINY, 0.005)
    assert services.training.wait(30)
    first = services.training.status(run)
    assert first.state == "finished" and 0 < first.history.seconds < 30
    services.training.resume(run, 10)
    while (second := services.training.status(run)).history.step == first.history.step:
        assert second.is_live
        time.sleep(0.02)
    services.training.stop()
    assert services.training.wait(30)
    second = services.training.status(run)
    assert second.state == "stopped" and second.history.seconds > first.history.seconds
    assert services.library.restore(services.library.delete_run(run)).id == run
    assert services.training.start("toy", TINY, 0.001) != run
    assert services.training.wait(30)
