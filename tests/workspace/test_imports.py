import zipfile

import pytest

from editor.errors import UserError
from editor.workspace import WorkspaceError
from editor.workspace import space as space_module
from editor.workspace.folders import Workspace
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


def stored(services, effect):
    return [pair.name for pair in services.workspace.store(effect).pairs()]


def test_a_folder_of_uploads_becomes_pairs(services, uploads, effect):
    waiting = services.imports.add(None, uploads)
    assert waiting.plan.is_certain and not stored(services, effect)
    report, rest = services.imports.store(effect, waiting)
    assert (report.added, report.problems, rest) == (["a", "b"], [], None)
    assert stored(services, effect) == ["a", "b"]
    assert list((services.workspace.cache_dir / "imports").iterdir()) == []


def test_a_zip_becomes_pairs(services, uploads, effect):
    archive = services.workspace.cache_dir / "pairs.ZIP"
    with zipfile.ZipFile(archive, "w") as file:
        for path, name in uploads:
            file.write(path, name)
    waiting = services.imports.add(None, [(archive, "pairs.ZIP")])
    assert services.imports.store(effect, waiting)[0].added == ["a", "b"]


def test_what_has_no_partner_waits_for_it(services, uploads, effect):
    waiting = services.imports.add(None, uploads[:3])
    report, waiting = services.imports.store(effect, waiting)
    assert (report.added, report.problems) == (["a"], [])
    waiting = services.imports.add(waiting, uploads[3:])
    assert services.imports.store(effect, waiting)[0].added == ["b"]


def test_equal_uploads_are_one_file(services, effect):
    """Uploads lie under the hash of what they hold: a picture that was given twice is there once."""
    path = services.workspace.cache_dir / "hash" / "x.png"
    path.parent.mkdir()
    draw_toy_pair(0)[0].save(path)
    waiting = services.imports.add(None, [(path, "x_before.png"), (path, "x_after.png")])
    assert services.imports.store(effect, waiting)[0].added == ["x"]


def test_only_uploads_are_read(services, uploads, tmp_path):
    secret = tmp_path / "secret.png"
    draw_toy_pair(0)[0].save(secret)
    with pytest.raises(WorkspaceError):
        services.imports.add(None, [*uploads, (secret, "my pairs/source/c.png")])
    with pytest.raises(WorkspaceError, match="name"):
        services.imports.add(None, [(uploads[0][0], "../..")])


def test_paths_of_uploads_name_no_place_on_disk(services, uploads, effect):
    waiting = services.imports.add(None, [(path, f"../../../../{name}") for path, name in uploads])
    assert services.imports.store(effect, waiting)[0].added == ["a", "b"]
    assert not list(services.workspace.root.parent.glob("**/my pairs"))


def test_a_full_disk_is_told_before_anything_is_written(services, uploads, effect, monkeypatch):
    waiting = services.imports.add(None, uploads)
    monkeypatch.setattr(space_module, "MIN_FREE_BYTES", 10**18)
    for refused in (lambda: services.imports.store(effect, waiting), lambda: services.imports.add(None, uploads)):
        with pytest.raises(UserError, match="free"):
            refused()
    assert stored(services, effect) == []


def test_a_disk_that_fails_half_way_leaves_nothing_behind(services, uploads, effect, monkeypatch):
    """So that the person, who presses Add again, does not get half of the pairs twice."""
    waiting, store = services.imports.add(None, uploads), services.workspace.store(effect)
    add = store.add
    monkeypatch.setattr(store, "add", lambda name, *sides: fail() if name == "b" else add(name, *sides))
    with pytest.raises(WorkspaceError, match="full"):
        services.imports.store(effect, waiting)
    assert stored(services, effect) == []
    monkeypatch.undo()
    assert services.imports.store(effect, waiting)[0].added == ["a", "b"]


def fail():
    raise OSError(28, "No space left on device")


def test_discarded_files_are_gone(services, uploads):
    waiting = services.imports.add(None, uploads)
    services.imports.discard(waiting)
    assert not waiting.folder.exists()
    assert services.imports.add(waiting, uploads).folder.is_dir()  # a page that had kept them starts anew


def test_nothing_that_waits_survives_a_start(services, uploads):
    waiting = services.imports.add(None, uploads)
    root = services.workspace.root
    services.close()
    Workspace(root).open().release()
    assert not waiting.folder.exists()
