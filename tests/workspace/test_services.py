import shutil

import pytest

from editor.image_files import load_image
from editor.images import to_tensor
from editor.metrics.psnr import psnr
from editor.samples.party import SAMPLE_EFFECT
from editor.workspace import EditSettings, Services, Workspace, WorkspaceError
from tests.disk import failing_disk


def test_the_first_launch_draws_the_sample_effect_once(tmp_path):
    for _ in range(2):
        services = Services(Workspace(tmp_path / "workspace"), device="cpu")
        (effect,) = services.workspace.effects()
        store = services.workspace.store(effect.slug)
        services.close()
    assert effect.name == SAMPLE_EFFECT
    assert len(store.pairs()) > 20
    assert store.held_out()


def test_the_first_launch_brings_an_editor_that_has_learned_the_sample(tmp_path):
    services = Services(Workspace(tmp_path / "workspace"), device="cpu")
    try:
        (run,) = services.training.runs()
        snapshot = services.training.status(run.id)
        assert (run.effect, snapshot.state) == (SAMPLE_EFFECT, "finished")
        pair = services.training.pairs(run.id)[-1]
        last = snapshot.history.previews[-1]
        assert services.training.preview(run.id, last.step, last.pictures)
        edited = services.editing.edit(services.editing.open_photo(pair.source), EditSettings(run=run.id))
        gained = psnr(*(to_tensor(load_image(path))[None] for path in (edited.after, pair.target)))
        assert gained.item() > snapshot.history.unedited_psnr + 5, "dB"
    finally:
        services.close()


def test_who_deleted_the_sample_effect_does_not_get_it_again(tmp_path):
    services = Services(Workspace(tmp_path / "workspace"), device="cpu")
    services.library.delete_effect(services.workspace.effects()[0].slug)
    services.close()
    services = Services(Workspace(tmp_path / "workspace"), device="cpu")
    try:
        assert services.workspace.effects() == []
        assert [entry.name for entry in services.library.trash()] == [SAMPLE_EFFECT]
    finally:
        services.close()


def test_a_start_that_fails_leaves_the_workspace_to_others(tmp_path, monkeypatch):
    def fail(store):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("editor.workspace.first_launch.draw_sample_effect", fail)
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
            assert [effect.name for effect in again.workspace.effects()] == [SAMPLE_EFFECT]
            assert [run.effect for run in again.training.runs()] == [SAMPLE_EFFECT]
            assert again.library.problems() == []
        finally:
            again.close()
        moment += 1 if moment < 4 else 25
    assert moment > 50
