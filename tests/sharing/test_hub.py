"""Effects on a stand-in of the Hub, from a run to an edit somewhere else."""

import re

import numpy as np
import pytest
import yaml
from PIL import Image

from editor import Editor
from editor.cli import app
from editor.editing.errors import EditorError
from editor.errors import UserError
from editor.hub import Hub, HubError, HubId
from editor.sharing.hub import HubChoices, model_card, push_run
from editor.training.effect_file import EffectFileError, unpack
from editor.training.effect_repo import fetch_effect
from tests.conftest import draw_toy_pair
from tests.standins.hub import MINE


def files(hub, repo="me/toy"):
    return hub.repos[repo].versions[hub.repos[repo].at("main")]


def test_an_effect_edits_by_its_name(trained_run, hub, tmp_path, monkeypatch):
    pushed = push_run(trained_run, "me/toy", HubChoices(license="cc-by-4.0"))
    photo, _ = draw_toy_pair(100)
    known = np.asarray(Editor.load(trained_run.path, "cpu").edit(photo).image, float)
    for name in ("me/toy", f"me/toy@{pushed.revision}"):
        edit = np.asarray(Editor.load(name, "cpu").edit(photo).image, float)
        assert np.abs(edit - known).mean() < 2
    with pytest.raises(EditorError, match="There is no me/hat here. There is no me/hat on the Hub"):
        Editor.load("me/hat", "cpu")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "me" / "toy").mkdir(parents=True)
    asked = len(hub.requests)
    with pytest.raises(EditorError, match="There is no run in me"):  # a path that exists wins
        Editor.load("me/toy", "cpu")
    assert len(hub.requests) == asked


def test_no_photograph_goes_there_unless_it_was_picked(trained_run, hub):
    push_run(trained_run, "me/toy")
    assert hub.repos["me/toy"].is_private
    assert not [name for name in files(hub) if name.endswith((".png", ".jpg"))]
    names = [pair.name for pair in trained_run.store.pairs()][:2]
    push_run(trained_run, "me/toy", HubChoices(tuple(names[1:]), samples=tuple(names[:1])))
    assert {"samples/1-before.jpg", "samples/1-after.jpg", "pairs/1-before.jpg"} <= set(files(hub))
    assert not [name for name in files(hub) if names[0] in name or names[1] in name]  # nor what they are called
    card = files(hub)["README.md"].decode()
    assert "![before](samples/1-before.jpg)" in card
    with pytest.raises(UserError, match="no pair named 'me'"):
        push_run(trained_run, "me/toy", HubChoices(samples=("me",)))


@pytest.mark.parametrize(
    ("license", "front"),
    [
        ("cc-by-4.0", {"license": "cc-by-4.0"}),
        ("My own terms: ask\n- evil: 1", {"license": "other", "license_name": "my-own-terms-ask-evil-1"}),
        ("", {}),
    ],
)
def test_the_model_card_is_what_the_hub_reads(trained_run, hub, license, front):
    push_run(trained_run, "me/toy", HubChoices(license=license))
    card = files(hub)["README.md"].decode()
    known = yaml.safe_load(card.split("---")[1])
    assert known == {
        "library_name": "pairbrush", "pipeline_tag": "image-to-image", "tags": ["pairbrush", "image-editing"], **front
    }  # fmt: skip
    assert "EFFECT.pairbrush" not in card and 'Editor.load("me/toy")' in card and "dB PSNR on pairs" in card
    python = re.search(r"```python\n(.*?)```", card, re.DOTALL)[1]
    assert len([line for line in python.splitlines() if line]) <= 5
    compile(python, "card", "exec")


def test_hostile_names_stay_text_in_the_card():
    card = "# <b>Hat</b>\n\n---\nlicense: mit\n---\n\nrest"
    assert yaml.safe_load(model_card(card, "me/toy").split("---")[1]).keys() == {"library_name", "pipeline_tag", "tags"}


def test_what_is_pulled_is_read_like_any_file_of_a_stranger(hub, tmp_path, trained_run):
    push_run(trained_run, "me/toy")
    good = files(hub)
    hub.add("you/odd", {**good, "config.json": b"{}"})
    hub.add("you/weights", {**good, "model.safetensors": b"\x80\x04pickle"})
    hub.add("you/many", {**good, "pairs/1-before.jpg": b"no picture", "run.py": b"import os"})
    for name in ("odd", "weights", "many"):
        file = fetch_effect(HubId(f"you/{name}"), tmp_path)
        with pytest.raises(EffectFileError, match=rf"^{name}.pairbrush is"):
            unpack(file, tmp_path / "runs" / name)
        assert not [*(tmp_path / "runs").iterdir()]
        with pytest.raises(EditorError, match=rf"^{name}.pairbrush is"):
            Editor.load(f"you/{name}", "cpu")


def test_the_command_line_pushes_and_pulls(trained_run, hub, tmp_path, capsys):
    app(["push", str(trained_run.path), "me/toy", "--license", "cc0-1.0"], standalone_mode=False)
    said = capsys.readouterr().out
    assert "/me/toy (only you can see it). This version: me/toy@" in said
    app(["pull", said.split()[-1], "--output", str(tmp_path / "out")], standalone_mode=False)
    photo = tmp_path / "me.png"
    draw_toy_pair(100)[0].save(photo)
    effect = tmp_path / "out" / "toy.pairbrush"
    app(["edit", str(effect), str(photo), "--output", str(tmp_path / "edits")], standalone_mode=False)
    assert Image.open(tmp_path / "edits" / "me.png").size == Image.open(photo).size
    for bad in ("toy", "me/toy@", "a/b/c"):
        with pytest.raises(UserError, match="name an effect as user/effect"):
            app(["pull", bad], standalone_mode=False)


def test_nobody_pushes_without_a_token(trained_run, hub, monkeypatch):
    with pytest.raises(HubError, match="has to know who you are"):
        push_run(trained_run, "me/toy", hub=Hub(token=False))
    assert MINE not in repr(Hub(token=MINE)) and not hub.repos
