import shutil
import threading
import time
import zipfile

import pytest

from editor.errors import UserError
from editor.workspace import PublicLimits, WorkspaceError
from editor.workspace import imports as imports_module
from editor.workspace import space as space_module
from editor.workspace.workspace import Workspace
from tests.conftest import draw_toy_pair


@pytest.fixture
def uploads(services):
    """Two pairs as a browser uploads them: (where the file lies, what it is called in its folder)."""
    files = []
    for seed, name in enumerate(("a", "b")):
        for side, picture in zip(("source", "target"), draw_toy_pair(seed)):
            path = services.workspace.cache_dir / f"{seed}{side}" / f"{name}.png"
            path.parent.mkdir(parents=True)
            picture.save(path)
            files.append((path, f"my pairs/{side}/{name}.png"))
    return files


@pytest.fixture
def effect(services):
    return services.workspace.create_effect("New").slug


@pytest.fixture
def files(services):
    """A place where what is dropped waits, lent to the test."""
    with services.imports.locked("page") as files:
        yield files


def stored(services, effect):
    return [pair.name for pair in services.workspace.store(effect).pairs()]


def waiting_folders(services):
    return list((services.workspace.cache_dir / "imports").iterdir())


def test_a_folder_of_uploads_becomes_pairs(services, uploads, effect, files):
    assert files.add(uploads).is_certain and not stored(services, effect)
    report = files.store(effect)
    assert (report.added, report.problems, files.plan) == (["a", "b"], [], None)
    assert stored(services, effect) == ["a", "b"]
    assert waiting_folders(services) == []


def test_a_zip_becomes_pairs(services, uploads, effect, files):
    archive = services.workspace.cache_dir / "pairs.ZIP"
    with zipfile.ZipFile(archive, "w") as file:
        for path, name in uploads:
            file.write(path, name)
    files.add([(archive, "pairs.ZIP")])
    assert files.store(effect).added == ["a", "b"]


def test_what_has_no_partner_waits_for_it(services, uploads, effect, files):
    files.add(uploads[:3])
    report = files.store(effect)
    assert (report.added, report.problems) == (["a"], [])
    files.add(uploads[3:])
    assert files.store(effect).added == ["b"]


def test_pairs_for_which_there_is_no_room_wait_and_are_named_once(services, uploads, effect, files):
    """Nobody uploads them again, should there be room later or in another effect."""
    services.workspace.limits = PublicLimits(pairs=1)
    plan = files.add(uploads)
    report = files.store(effect)
    assert report.added == ["a"]
    (problem,) = report.problems
    assert "at most 1 pairs" in problem and "still wait: b." in problem
    assert files.plan.pairs == plan.pairs[1:]
    assert all(path.is_file() for path in files.plan.files.values())
    assert files.store(effect).added == [] and files.plan.pairs == plan.pairs[1:]
    services.workspace.store(effect).remove(["a"])
    assert files.store(effect).added == ["b"]
    assert files.plan is None and waiting_folders(services) == []


def test_equal_uploads_are_one_file(services, effect, files):
    """Uploads lie under the hash of what they hold: a picture that was given twice is there once."""
    path = services.workspace.cache_dir / "hash" / "x.png"
    path.parent.mkdir()
    draw_toy_pair(0)[0].save(path)
    files.add([(path, "x_before.png"), (path, "x_after.png")])
    assert files.store(effect).added == ["x"]


def test_only_uploads_are_read(uploads, files, tmp_path):
    secret = tmp_path / "secret.png"
    draw_toy_pair(0)[0].save(secret)
    with pytest.raises(WorkspaceError):
        files.add([*uploads, (secret, "my pairs/source/c.png")])
    with pytest.raises(WorkspaceError, match="name"):
        files.add([(uploads[0][0], "../..")])


def test_paths_of_uploads_name_no_place_on_disk(services, uploads, effect, files):
    files.add([(path, f"../../../../{name}") for path, name in uploads])
    assert files.store(effect).added == ["a", "b"]
    assert not list(services.workspace.root.parent.glob("**/my pairs"))


def test_a_full_disk_is_told_before_anything_is_written(services, uploads, effect, files, monkeypatch):
    files.add(uploads)
    monkeypatch.setattr(space_module, "MIN_FREE_BYTES", 10**18)
    for refused in (lambda: files.store(effect), lambda: files.add(uploads)):
        with pytest.raises(UserError, match="free"):
            refused()
    assert stored(services, effect) == []


def test_a_disk_that_fails_half_way_leaves_nothing_behind(services, uploads, effect, files, monkeypatch):
    """So that the person, who presses Add again, does not get half of the pairs twice."""
    files.add(uploads)
    store = services.workspace.store(effect)
    add_all = store.add_all
    monkeypatch.setattr(store, "add_all", lambda pairs: add_all(pair if pair[0] != "b" else fail() for pair in pairs))
    with pytest.raises(WorkspaceError, match="full"):
        files.store(effect)
    assert stored(services, effect) == []
    monkeypatch.undo()
    assert files.store(effect).added == ["a", "b"]


def fail():
    raise OSError(28, "No space left on device")


def test_discarded_files_are_gone_and_others_may_come(services, uploads, files):
    files.add(uploads)
    files.discard()
    assert files.plan is None and waiting_folders(services) == []
    assert len(files.add(uploads).pairs) == 2


def test_what_waits_is_found_again_until_it_is_stored_or_discarded(services, uploads, effect):
    imports = services.imports
    assert imports.newest() is None
    older, newer = imports.new_key(), imports.new_key()
    for key, some in ((older, uploads[:2]), (newer, uploads[2:])):
        with imports.locked(key) as files:
            files.plan = files.add(some).swapped()
    assert imports.newest() == newer
    with imports.locked(newer) as files:
        assert files.plan.is_corrected
        files.discard()
    assert imports.newest() == older
    with imports.locked(older) as files:
        files.store(effect)
    assert imports.newest() is None
    assert waiting_folders(services) == []


def test_what_nobody_touches_for_a_day_is_deleted_when_a_page_is_opened(services, uploads, monkeypatch):
    with services.imports.locked("page") as files:
        files.add(uploads)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + imports_module.KEPT_SECONDS - 60)
    assert services.imports.newest() == "page"
    monkeypatch.setattr(time, "monotonic", lambda: now + imports_module.KEPT_SECONDS + 60)
    assert services.imports.newest() is None
    assert waiting_folders(services) == []


def test_what_is_touched_every_day_stays_while_others_import(services, uploads, monkeypatch):
    now = time.monotonic()
    with services.imports.locked("slow") as files:
        files.add(uploads)
    for day in (0.9, 1.8):
        monkeypatch.setattr(time, "monotonic", lambda day=day: now + day * imports_module.KEPT_SECONDS)
        with services.imports.locked("slow") as files, services.imports.locked("other") as other:
            other.add(uploads[:1])
            other.discard()
            assert len(files.plan.pairs) == 2
            assert all(path.is_file() for path in files.plan.files.values())


def test_files_that_the_cache_has_lost_do_not_wait(services, uploads):
    with services.imports.locked("page") as files:
        files.add(uploads)
    shutil.rmtree(services.workspace.cache_dir / "imports")
    with services.imports.locked("page") as files:
        assert files.plan is None


def test_one_at_a_time_works_at_what_waits_under_one_key(services, uploads):
    """Two quick drops on one page: the second adds to what the first has left waiting."""
    begun = threading.Event()

    def drop_more():
        begun.set()
        with services.imports.locked("page") as files:
            files.add(uploads[2:])

    with services.imports.locked("page") as files:
        other = threading.Thread(target=drop_more)
        other.start()
        assert begun.wait(60)
        time.sleep(0.05)
        files.add(uploads[:2])
        assert len(files.plan.pairs) == 1
    other.join(60)
    assert not other.is_alive()
    with services.imports.locked("page") as files:
        assert len(files.plan.pairs) == 2
        with services.imports.locked("another page") as other_files:  # does not wait
            assert other_files.plan is None


def test_nothing_that_waits_survives_a_start(services, uploads, files):
    files.add(uploads)
    root = services.workspace.root
    services.close()
    Workspace(root).open().release()
    assert not (root / "cache" / "imports").exists()
