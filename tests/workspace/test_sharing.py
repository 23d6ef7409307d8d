import traceback

import numpy as np
import pytest
from PIL import Image

from editor.editing.editor import Editor
from editor.errors import UserError
from editor.hub import HubError
from editor.sharing.effect import export_effect
from editor.training.effect_file import EffectFileError
from editor.workspace import Choices, EditSettings, HubChoices, WorkspaceError
from editor.workspace.sharing import NAMELESS, usable_name
from tests.conftest import draw_toy_pair
from tests.services import open_services, open_visitors
from tests.standins.hub import MINE

YOURS = "hf_secret_of_you"


@pytest.fixture(scope="module")
def made(trained_run, tmp_path_factory):
    path = tmp_path_factory.mktemp("made") / "toy.pairbrush"
    export_effect(trained_run, path)
    return path


def personal(services):
    """Let the services be those of an app that nobody else can reach."""
    services.sharing.is_personal = True


def upload(services, path, name="toy.pairbrush"):
    place = services.workspace.new_cache_folder("uploads") / name
    place.write_bytes(path.read_bytes())
    return place


def test_a_file_of_a_run_becomes_an_effect_that_edits_and_cannot_learn(services, trained, tmp_path):
    path = services.sharing.make(trained, ".pairbrush", Choices(license="cc0-1.0"))
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


def test_an_effect_goes_to_the_hub_and_comes_back_in_another_workspace(services, trained, hub, tmp_path):
    personal(services)
    pushed = services.sharing.push(trained, "", HubChoices(license="cc0-1.0"))
    assert (pushed.repo, pushed.url.endswith("/me/toy")) == ("me/toy", True), "named after the account and the effect"
    assert hub.repos["me/toy"].is_private
    with open_services(tmp_path / "second") as second:
        personal(second)
        run = second.sharing.pull(f" me/toy@{pushed.revision} ")
        assert second.training.status(run).state == "shared"
        assert not [*(second.workspace.cache_dir / "pulled").glob("*")], "what was downloaded is kept once"
    for name in ("toy", "me/toy@", "../toy", "https://elsewhere/a/b"):
        with pytest.raises(WorkspaceError, match="user/effect"):
            services.sharing.pull(name)
    with pytest.raises(HubError, match="no me/hat on the Hub"):
        services.sharing.pull("me/hat")


def test_nobody_acts_as_the_one_who_runs_the_app(services, trained, hub):
    """The machine is logged in as "me"; whoever else reaches the app brings a token, or has none."""
    with pytest.raises(HubError, match="button in step 5"):
        services.sharing.push(trained, "me/toy")
    assert not hub.requests
    services.sharing.push(trained, "toy", token=YOURS)
    assert [*hub.repos] == ["you/toy"] and hub.repos["you/toy"].is_private
    with pytest.raises(HubError, match="no you/toy on the Hub, or it is private"):
        services.sharing.pull("you/toy")
    assert {token for *_, token in hub.requests} == {YOURS, None}
    hub.repos["me/secret"] = hub.repos.pop("you/toy")
    hub.repos["me/secret"].owner = "me"
    for token in (None, YOURS):
        with pytest.raises(HubError, match="or it is private"):
            services.sharing.pull("me/secret", token)
    assert MINE not in {token for *_, token in hub.requests}
    hub.busy = True
    with pytest.raises(HubError):  # what one visitor has fetched, another does not find on this machine
        services.sharing.pull("me/secret")


def test_a_token_is_in_no_file_log_or_message(services, trained, hub, caplog):
    caplog.set_level("DEBUG")
    services.sharing.push(trained, "toy", token=YOURS)
    services.sharing.pull("you/toy", YOURS)
    wrong = "hf_secret_of_nobody"
    for ask in (
        lambda: services.sharing.push(trained, "toy", token=wrong),
        lambda: services.sharing.pull("a/b", wrong),
    ):
        with pytest.raises(HubError, match="button in step 5") as caught:
            ask()
        assert "hf_secret" not in "".join(traceback.format_exception(caught.value))
    assert "hf_secret" not in caplog.text
    files = [path for path in services.root.rglob("*") if path.is_file()]
    assert files and not [path for path in files if b"hf_secret" in path.read_bytes()]
