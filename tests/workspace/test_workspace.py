import errno
import os
import time

import pytest
from PIL import Image

from editor.image_files import save_png
from editor.workspace import Workspace, WorkspaceError
from editor.workspace.workspace import STILL_SECONDS, TTL_SECONDS
from tests.conftest import fill_with_toy_pairs


@pytest.fixture
def workspace(tmp_path):
    workspace = Workspace(tmp_path / "workspace")
    lock = workspace.open()
    yield workspace
    lock.release()


def test_effects_persist_and_the_newest_comes_first(workspace):
    workspace.create_effect("Sunglasses")
    workspace.create_effect("  Ink   drawing ")
    assert [effect.name for effect in Workspace(workspace.root).effects()] == ["Ink drawing", "Sunglasses"]
    assert (workspace.effects_dir / "ink-drawing" / "effect.json").is_file()


@pytest.mark.parametrize("name", ["", "   ", "x" * 100, "SUNGLASSES"])
def test_effect_names_that_are_refused(workspace, name):
    workspace.create_effect("Sunglasses")
    with pytest.raises(WorkspaceError):
        workspace.create_effect(name)
    assert len(workspace.effects()) == 1


def test_what_is_no_effect_does_not_hide_the_others(workspace):
    workspace.create_effect("Hats")
    (workspace.effects_dir / "damaged").mkdir()
    (workspace.effects_dir / "damaged" / "effect.json").write_text("{")
    assert [effect.name for effect in workspace.effects()] == ["Hats"]


def test_effects_of_equal_slug_stay_apart(workspace):
    assert workspace.create_effect("Hats!").slug != workspace.create_effect("Hats?").slug


def test_an_effect_that_was_not_finished_does_not_appear(workspace):
    def fail(store):
        store.directory.joinpath("half").touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(WorkspaceError, match="disk is full"):
        workspace.create_effect("Hats", fill=fail)
    assert workspace.effects() == []
    assert workspace.create_effect("Hats").slug == "hats"
    assert not (workspace.effects_dir / "hats" / "half").exists()


@pytest.mark.parametrize("name", ["..", "../effects", "/etc", "", ".", "no-such-run", "a/b"])
def test_run_names_from_a_browser_never_leave_the_workspace(workspace, name):
    with pytest.raises(WorkspaceError):
        workspace.run_dir(name)


def test_a_link_to_a_folder_outside_is_no_run(workspace, tmp_path):
    (tmp_path / "outside").mkdir()
    (workspace.runs_dir / "linked").symlink_to(tmp_path / "outside", target_is_directory=True)
    with pytest.raises(WorkspaceError):
        workspace.run_dir("linked")


@pytest.mark.parametrize("slug", ["..", "../runs", "", "nothing"])
def test_effect_names_from_a_browser_must_be_known(workspace, slug):
    with pytest.raises(WorkspaceError, match="no longer there"):
        workspace.store(slug)


def test_a_second_app_is_kept_out(workspace):
    with pytest.raises(WorkspaceError, match="open in another"):
        Workspace(workspace.root).open()


def test_a_place_that_cannot_be_a_folder_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match="cannot be written"):
        Workspace(tmp_path / "file" / "workspace").open()


def test_opening_sweeps_uploads_and_keeps_thumbnails(tmp_path):
    workspace = Workspace(tmp_path / "workspace")
    workspace.open().release()
    (workspace.cache_dir / "upload").mkdir()
    (workspace.cache_dir / "file").touch()
    (workspace.thumbnails_dir / "kept.png").touch()
    workspace.open().release()
    assert sorted(path.name for path in workspace.cache_dir.iterdir()) == ["thumbnails"]
    assert (workspace.thumbnails_dir / "kept.png").exists()


def test_only_files_in_the_cache_are_uploads(workspace, tmp_path):
    upload = workspace.cache_dir / "picture.png"
    upload.touch()
    (tmp_path / "secret.png").touch()
    assert workspace.is_upload(upload)
    assert not workspace.is_upload(tmp_path / "secret.png")
    assert not workspace.is_upload(workspace.cache_dir / ".." / ".." / "secret.png")


def test_thumbnails_are_small_and_made_once(workspace, tmp_path):
    picture = tmp_path / "wide.png"
    save_png(Image.new("RGB", (900, 300), "teal"), picture)
    thumbnail = workspace.thumbnail(picture)
    written = thumbnail.stat().st_mtime_ns
    assert Image.open(thumbnail).size == (256, 85)
    assert workspace.thumbnail(picture) == thumbnail
    assert thumbnail.stat().st_mtime_ns == written
    save_png(Image.new("RGB", (300, 300), "red"), picture)
    assert workspace.thumbnail(picture) != thumbnail


def test_pairs_are_read_again_after_every_change(workspace):
    slug = workspace.create_effect("Toy").slug
    store = workspace.store(slug)
    assert workspace.pairs(slug) == ()
    fill_with_toy_pairs(store, 5)
    assert len(workspace.pairs(slug)) == 5
    assert workspace.pairs(slug) is workspace.pairs(slug)
    store.set_held_out(["0000"])
    assert [pair.name for pair in workspace.pairs(slug) if pair.is_held_out] == ["0000"]
    store.remove(["0001"])
    assert len(workspace.pairs(slug)) == 4


def test_old_edits_leave_the_cache_whatever_the_wall_clock_says(workspace, monkeypatch):
    old = workspace.new_cache_folder("edits")
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: 0.0)
        assert workspace.new_cache_folder("edits").is_dir() and old.is_dir()
    later = time.monotonic() + TTL_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    new = workspace.new_cache_folder("edits")
    assert new.is_dir()
    assert not old.exists()


def test_folders_of_uploads_leave_the_cache_once_they_are_empty(workspace):
    """Gradio deletes uploads after an hour, and leaves the folder of each."""
    old = time.time() - STILL_SECONDS - 1
    empty, full, younger, other = (workspace.cache_dir / name for name in ("0" * 64, "1" * 64, "2" * 64, "thumbnails"))
    for folder in (empty, full, younger):
        folder.mkdir()
    (full / "cat.png").touch()
    for folder in (empty, full, other):
        os.utime(folder, (old, old))
    workspace.new_cache_folder("edits")
    assert not empty.exists()
    assert all(folder.is_dir() for folder in (full, younger, other))
    (full / "cat.png").unlink()
    os.utime(full, (old, old))
    workspace.new_cache_folder("imports")
    assert not full.exists()
