"""Files to keep."""

from dataclasses import replace

import gradio as gr
import pytest
from PIL import Image

from editor.errors import UserError
from editor.ui.tabs.edit import choices, corrections, downloads, settings
from editor.workspace import EditState
from tests.ui.edit.events import event, path_of


def test_a_state_without_settings_finds_the_first_weights(services, trained, state):
    early = replace(state, settings=None)
    assert choices.variations(services, early, trained).count("<figure>") == 4
    assert downloads.save_shown(services, early, trained, event(format="PNG"))["name"] == "photo-0-toy.png"
    assert settings.set_strength(services, early, trained, event(value=50)).state.settings.run == trained
    untrained = services.library.duplicate_run(trained)
    for use in (choices.variations, corrections.add_pair, lambda *a: downloads.save_all(*a, event(format="PNG"))):
        with pytest.raises(gr.Error, match="learned nothing yet"):
            use(services, early, untrained)
    with pytest.raises(gr.Error, match="learned nothing yet"):
        corrections.continue_warm(services, untrained, 3)


def test_files_to_keep(services, trained, state):
    assert downloads.save_shown(services, state, trained, event(format="PNG"))["name"] == "photo-0-toy.png"
    file, _ = downloads.save_all(services, state, trained, event(format="JPEG"))
    assert file["name"] == "toy-edits.zip"
    named = downloads.save_shown(services, state, trained, event(format="PNG"), "{number} {name}")
    assert named["name"] == "001-photo-0.png"


def test_a_clip_to_show(services, trained, state, short_clips):
    file = downloads.save_clip(services, state, trained, "portrait", "gif")
    assert file["name"] == "photo-0-toy-clip.gif"
    with Image.open(path_of(file["url"])) as clip:
        assert clip.size == (540, 960) and clip.is_animated
    with pytest.raises(UserError, match="format and a shape"):
        downloads.save_clip(services, state, trained, None, "gif")
    with pytest.raises(gr.Error, match="photo"):
        downloads.save_clip(services, EditState(), trained, "portrait", "gif")
