import zipfile

import pytest

from editor.errors import UserError
from editor.images import load_image, to_tensor
from editor.metrics.psnr import psnr
from editor.pairs.samples import SAMPLE_EFFECT
from editor.workspace import Services, Workspace, WorkspaceError
from editor.workspace import space as space_module
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
        snapshot = services.training.snapshot(run.id)
        assert (run.effect, snapshot.state) == (SAMPLE_EFFECT, "finished")
        pair = services.training.pairs(run.id)[-1]
        last = snapshot.history.previews[-1]
        assert services.training.preview(run.id, last.step, last.pictures)
        edited = services.editing.edit(run.id, pair.source)
        gained = psnr(*(to_tensor(load_image(path))[None] for path in (edited.after, pair.target)))
        assert gained.item() > snapshot.history.unedited_psnr + 5, "dB"
    finally:
        services.close()


def test_a_folder_of_uploads_becomes_pairs(services, uploads):
    effect = services.workspace.create_effect("New").slug
    report = services.import_folder(effect, uploads)
    assert (report.added, report.problems) == (["a", "b"], [])
    assert len(services.workspace.store(effect).pairs()) == 2
    assert list((services.workspace.cache_dir / "folders").iterdir()) == []


def test_a_zip_becomes_pairs(services, uploads):
    archive = services.workspace.cache_dir / "pairs.ZIP"
    with zipfile.ZipFile(archive, "w") as file:
        for path, name in uploads:
            file.write(path, name)
    effect = services.workspace.create_effect("New").slug
    assert services.import_folder(effect, [(archive, "pairs.ZIP")]).added == ["a", "b"]


def test_a_folder_without_the_two_sides_is_explained(services, uploads):
    report = services.import_folder("toy", [(path, "holiday/x.png") for path, _ in uploads[:1]])
    assert report.added == []
    assert "The folder" in report.problems[0]


def test_only_uploads_are_read(services, uploads, tmp_path):
    secret = tmp_path / "secret.png"
    draw_toy_pair(0)[0].save(secret)
    with pytest.raises(WorkspaceError):
        services.import_folder("toy", [*uploads, (secret, "my pairs/source/c.png")])


def test_paths_of_uploads_stay_in_their_folder(services, uploads):
    files = [(path, f"../../../../{name}") for path, name in uploads]
    effect = services.workspace.create_effect("New").slug
    assert services.import_folder(effect, files).added == ["a", "b"]
    assert not list(services.workspace.root.parent.glob("**/my pairs"))


def test_a_full_disk_is_told_before_anything_is_written(services, uploads, monkeypatch):
    monkeypatch.setattr(space_module, "MIN_FREE_BYTES", 10**18)
    with pytest.raises(UserError, match="free"):
        services.import_folder("toy", uploads)
    assert len(services.workspace.store("toy").pairs()) == 8


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
        patch.setattr("editor.workspace.sample.draw_sample_effect", fail)
        with pytest.raises(WorkspaceError, match="disk is full"):
            Services(Workspace(tmp_path / "workspace"), device="cpu")
    Services(Workspace(tmp_path / "workspace"), device="cpu").close()
