"""The panel of all effects."""

import gradio as gr
import pytest

from editor.errors import UserError
from editor.ui import header
from editor.ui.messages.common import readable_bytes
from editor.ui.tabs import effects
from editor.ui.undo import undo
from tests.services import give_effect
from tests.ui.uploads import event


def names(services):
    return {effect.name for effect in services.workspace.effects()}


def test_create_selects_the_new_effect(services):
    update, name = header.create(services, "Sunglasses")
    assert update["value"] == "sunglasses"
    assert ("Sunglasses", "sunglasses") in update["choices"]
    assert name == ""


def test_the_panel_tells_what_everything_takes(services):
    panel = effects.table(services)
    assert "Toy" in panel and "8 pairs, " in panel and " kB" in panel
    assert "Everything takes" in panel and "The trash is empty" in panel


def test_the_panel_tells_what_runs_take(services, trained):
    give_effect(services, trained, None)
    size = readable_bytes(services.library.storage().runs[trained])
    assert f"<span>1 run, {size}</span>" in effects.table(services), "it says of no effect that it belongs to it"
    give_effect(services, trained, "toy")
    assert f"; 1 run, {readable_bytes(services.library.storage().runs[trained])}</span>" in effects.table(services)


def test_an_effect_is_renamed_and_called_by_its_old_name_again(services):
    chosen, step, button, panel = effects.manage(services, "toy", event(action="rename", name="toy", to="<b>Blue"))
    assert names(services) == {"<b>Blue"}
    assert chosen["value"] == "toy" and ("<b>Blue", "toy") in chosen["choices"]
    assert "&lt;b&gt;Blue" in panel and "<b>Blue" not in panel
    undo(services, step)
    assert names(services) == {"Toy"}


@pytest.mark.parametrize("kind", ["effect", "run"])
def test_what_is_damaged_is_told_and_can_be_deleted(services, trained, kind):
    place = services.workspace.effects_dir if kind == "effect" else services.workspace.runs_dir
    (place / "toy" / f"{kind}.json").write_text('{"name": 5}')
    panel = effects.table(services)
    assert f"The {kind} in the folder toy cannot be shown" in panel and f'data-action="delete {kind}"' in panel
    _, step, _, panel = effects.manage(services, None, event(action=f"delete {kind}", name="toy"))
    assert "cannot be shown" not in panel and not (place / "toy").exists()
    undo(services, step)
    assert "cannot be shown" in effects.table(services)
    with pytest.raises(UserError, match="no longer there"):
        effects.manage(services, None, event(action=f"delete {kind}", name="../toy"))


def test_a_copy_is_selected(services):
    chosen, *_ = effects.manage(services, "toy", event(action="duplicate", name="toy"))
    assert names(services) == {"Toy", "Toy copy"}
    assert chosen["value"] == "toy-copy"
    assert len(services.workspace.pairs("toy-copy")) == 8


def test_a_deleted_effect_comes_back(services):
    other = services.workspace.create_effect("Other").slug
    chosen, step, button, panel = effects.manage(services, "toy", event(action="delete", name="toy"))
    assert names(services) == {"Other"} and chosen["value"] == other
    assert "Toy (effect)" in panel and "Toy" in button["value"]
    *_, effect = undo(services, step)
    assert effect["value"] == "toy" and len(services.workspace.pairs("toy")) == 8


def test_the_trash_is_restored_and_emptied(services):
    trash_id = services.library.remove_pairs("toy", ["0001", "0002"])
    assert "0001, 0002 (pairs of Toy)" in effects.table(services)
    _, step, button, _ = effects.manage(services, "toy", event(action="restore", name=trash_id))
    assert step is None and not button["visible"]  # it may have offered the same
    assert len(services.workspace.pairs("toy")) == 8
    services.library.remove_pairs("toy", ["0001"])
    _, step, button, panel = effects.manage(services, "toy", event(action="empty", name=""))
    assert step is None and not button["visible"]  # what the button would bring back is gone
    assert "The trash is empty" in panel and services.library.trash() == []


@pytest.mark.parametrize("action", ["open", "rename", "duplicate", "delete", "restore", "explode"])
def test_the_panel_knows_only_what_is_there(services, action):
    with pytest.raises((UserError, gr.Error)):
        effects.manage(services, "toy", event(action=action, name="../toy", to="x"))
    assert names(services) == {"Toy"}
