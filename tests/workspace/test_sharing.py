import numpy as np
import pytest
from PIL import Image

from editor.editing.editor import Editor
from editor.errors import UserError
from editor.sharing.effect import export_effect
from editor.training.effect_file import EffectFileError
from editor.workspace import EditSettings, WorkspaceError
from editor.workspace.sharing import NAMELESS, usable_name
from tests.conftest import draw_toy_pair
from tests.services import open_visitors


@pytest.fixture(scope="module")
def made(trained_run, tmp_path_factory):
    path = tmp_path_factory.mktemp("made") / "toy.pairbrush"
    export_effect(trained_run, path)
    return path


def upload(services, path, name="toy.pairbrush"):
    place = services.workspace.new_cache_folder("uploads") / name
    place.write_bytes(path.read_bytes())
    return place


def test_a_file_of_a_run_becomes_an_effect_that_edits_and_cannot_learn(services, trained, tmp_path):
    path = services.sharing.make(trained, ".pairbrush", license="cc0-1.0")
    assert services.workspace.is_upload(path), "the page may have it"
    facts = services.sharing.facts(trained)
    assert facts.explained is None and 0.5 < facts.weight_bytes / path.stat().st_size < 2
    run = services.sharing.open(path)
    status = services.training.status(run)
    assert (status.state, status.is_live, status.has_weights) == ("shared", False, True)
    effect = services.workspace.effect(status.run.effect_slug)
    assert effect.name == "toy 2" or effect.name == "toy", effect
    assert status.run.name not in {other.name for other in services.training.runs() if other.id != run}
    assert not services.workspace.pairs(effect.slug)

    draw_toy_pair(100, 64)[0].save(tmp_path / "me.png")
    photo = services.editing.open_photo(tmp_path / "me.png")
    settings = EditSettings(run=run, version=services.editing.version(run))
    edit = np.asarray(Image.open(services.editing.edit(photo, settings).after), float)
    with Image.open(tmp_path / "me.png") as picture:
        wanted = np.asarray(Editor.load(path, "cpu").edit(picture.convert("RGB")).image, float)
    assert abs(edit - wanted).mean() < 1

    for ask in (lambda: services.training.resume(run, 1), lambda: services.library.duplicate_run(run)):
        with pytest.raises(WorkspaceError, match="without the pairs"):
            ask()
    services.library.rename_run(run, "Another name")
    trash = services.library.delete_run(run)
    services.library.restore(trash)
    assert services.training.status(run).state == "shared"


def test_what_cannot_be_opened_leaves_nothing(services, made, tmp_path):
    before = services.workspace.effect_names(), services.training.runs()
    with pytest.raises(WorkspaceError, match="did not get through"):
        services.sharing.open(made)  # from elsewhere on this machine
    (tmp_path / "odd").write_bytes(made.read_bytes()[:-100])
    with pytest.raises(EffectFileError, match="toy.pairbrush"):
        services.sharing.open(upload(services, tmp_path / "odd"))
    with pytest.raises(WorkspaceError):
        services.sharing.make("../../etc", ".pairbrush")
    with pytest.raises(WorkspaceError, match="formats"):
        services.sharing.make("toy", ".exe")
    assert (services.workspace.effect_names(), services.training.runs()) == before
    assert not list(services.workspace.runs_dir.glob(".*tmp"))


def test_limits_of_visitors_hold_for_effects_that_come_as_files(tmp_path, made):
    with open_visitors(tmp_path / "public", effects=2, runs=1) as visitors, visitors.services_of("a" * 64) as services:
        run = services.sharing.open(upload(services, made))
        assert services.training.status(run).state == "shared"
        with pytest.raises(UserError, match="at most"):
            services.sharing.open(upload(services, made))
        assert [status.run.id for status in services.training.listing().statuses] == [run]
        assert len(services.workspace.effects()) == 2


@pytest.mark.parametrize("name", ["", " ", "\u200b", "\n\t"])
def test_an_effect_without_a_name_gets_one(name):
    assert usable_name(name) == NAMELESS


def test_long_and_odd_names_fit():
    assert usable_name("x" * 500) == "x" * 60
    assert usable_name("<b>\n../x</b>") == "<b> ../x</b>"
