import shutil

import pytest

from editor.image_files import load_image
from editor.images import to_tensor
from editor.metrics.psnr import psnr
from editor.samples.catalog import SAMPLES
from editor.workspace import EditSettings, Services, Workspace, WorkspaceError
from tests.disk import failing_disk

NAMES = [sample.name for sample in SAMPLES]


def test_the_first_launch_brings_the_sample_effects_once(tmp_path):
    for _ in range(2):
        services = Services(Workspace(tmp_path / "workspace"), device="cpu")
        effects = services.workspace.effects()
        stores = [services.workspace.store(effect.slug) for effect in effects]
        services.close()
    assert sorted(effect.name for effect in effects) == sorted(NAMES)
    assert all(len(store.pairs()) > 20 and store.held_out() for store in stores)


def test_the_first_launch_brings_editors_that_have_learned_the_samples(tmp_path):
    services = Services(Workspace(tmp_path / "workspace"), device="cpu")
    try:
        runs = services.training.runs()
        assert [run.effect for run in runs] == NAMES, "the newest is the first"
        for run in runs:
            snapshot = services.training.status(run.id)
            assert snapshot.state == "finished"
            pair = next(pair for pair in services.training.pairs(run.id) if pair.is_held_out)
            last = snapshot.history.previews[-1]
            assert services.training.preview(run.id, last.step, last.pictures)
            edited = services.editing.edit(services.editing.open_photo(pair.source), EditSettings(run=run.id))
            gained = psnr(*(to_tensor(load_image(path))[None] for path in (edited.after, pair.target)))
            assert gained.item() > snapshot.history.unedited_psnr + 5, "dB"
    finally:
        services.close()


def test_who_deleted_the_sample_effects_does_not_get_them_again(tmp_path):
    services = Services(Workspace(tmp_path / "workspace"), device="cpu")
    for effect in services.workspace.effects():
        services.library.delete_effect(effect.slug)
    services.close()
    services = Services(Workspace(tmp_path / "workspace"), device="cpu")
    try:
        assert services.workspace.effects() == []
        assert sorted(entry.name for entry in services.library.trash()) == sorted(NAMES)
    finally:
        services.close()


def test_a_start_that_fails_leaves_the_workspace_to_others(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("editor.workspace.first_launch.copy_folder", fail)
        with pytest.raises(WorkspaceError, match="disk is full"):
            Services(Workspace(tmp_path / "workspace"), device="cpu")
    Services(Workspace(tmp_path / "workspace"), device="cpu").close()


def test_where_the_disk_is_full_at_the_first_launch_the_next_one_brings_all_of_the_sample(tmp_path):
    """Whichever file does not fit. A part of it, such as an effect without its run, would keep the rest away."""
    moment, root = 1, tmp_path / "workspace"
    while True:
        shutil.rmtree(root, ignore_errors=True)
        with failing_disk(moment, is_lasting=True) as disk:
            try:
                Services(Workspace(root), device="cpu").close()
            except WorkspaceError as error:
                assert "disk is full" in str(error)
        if not disk.failed:
            break
        again = Services(Workspace(root), device="cpu")
        try:
            assert sorted(effect.name for effect in again.workspace.effects()) == sorted(NAMES)
            assert [run.effect for run in again.training.runs()] == NAMES
            assert again.library.problems() == []
        finally:
            again.close()
        moment += 1 if moment < 4 else 60
    assert moment > 50
