import json
from pathlib import Path
from urllib.parse import unquote

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from editor.errors import UserError
from editor.ui.components.previews import timeline_data
from editor.ui.tabs import timeline
from editor.views.clip import SIZES, framed
from tests.ui.histories import an_hour, watched


def file_of(address):
    return unquote(address.removeprefix("gradio_api/file="))


def test_every_moment_and_where_its_pictures_are(services, trained):
    snapshot = services.training.status(trained)
    sent = json.loads(timeline_data(services, snapshot))
    previews = snapshot.history.previews
    assert sent["steps"] == [point.step for point in previews]
    assert {len(sent[name]) for name in ("seconds", "psnr", "ssim")} == {len(previews)}
    assert sent["steps"][sent["best"]] == snapshot.history.best.step
    (name,) = [picture["name"] for picture in sent["pictures"]]
    for index, step in enumerate(sent["steps"]):  # as assets/moments.js names them
        path = f"{file_of(sent['folder'])}/{step}-{sent['seconds'][index]:.1f}/{name}.png"
        assert Image.open(path).size == (32, 32)


def test_an_hour_is_sent_compactly_and_once(services, trained):
    names = tuple(pair.name for pair in services.training.pairs(trained)[:8])
    snapshot = watched(services.training.status(trained), an_hour(700, pictures=names))
    listing = services.training.listing()
    sent = timeline.Live(*timeline.render(services, listing, snapshot))
    assert len(sent.previews) < 25_000
    assert len(sent.losses) < 20_000
    assert len(sent.psnr) < 12_000
    assert len(json.loads(sent.previews)["steps"]) == 700
    assert timeline.render(services, listing, snapshot) == tuple(sent)  # so that `only_changes` sends nothing


def test_before_the_first_preview(services):
    run = services.training.start("toy", services.presets["tiny"], 0.001)
    services.training.wait(30)
    empty = watched(services.training.status(run), an_hour(0))
    assert timeline_data(services, empty) == timeline_data(services, None) == ""
    assert timeline.compare(services, "") == ""


def test_any_other_run_can_be_compared_with(services, trained):
    other = services.library.duplicate_run(trained, "Other")
    snapshot = services.training.status(trained)
    choices = timeline.Live(*timeline.render(services, services.training.listing(), snapshot)).compared["choices"]
    assert [value for _, value in choices] == [timeline.SAME_RUN, other]
    assert json.loads(timeline.compare(services, trained))["run"] == trained


@pytest.mark.parametrize("run", ["gone", "../effects", "."])
def test_no_run_of_ours_is_compared_or_saved(services, run):
    for ask in (lambda: timeline.compare(services, run), lambda: timeline.save_animation(services, run, "gif")):
        with pytest.raises((UserError, gr.Error)):
            ask()


def test_an_animation_is_offered_with_its_name_and_size(services, trained):
    update = timeline.save_animation(services, trained, "gif")
    assert update["visible"]
    assert update["label"].startswith("Save GIF, ")
    assert update["label"].endswith((" kB", " MB"))
    assert Image.open(update["value"]).n_frames >= 3


def test_a_film_of_it(services, trained):
    update = timeline.save_animation(services, trained, "mp4")
    assert update["label"].startswith("Save MP4, ")
    assert Path(update["value"]).read_bytes()[4:8] == b"ftyp"


def test_a_clip_of_the_chosen_preview(services, trained, short_clips):
    """It wipes from a held-out picture to what the run makes of it."""
    update = timeline.save_animation(services, trained, "gif", "portrait")
    assert update["label"].startswith("Save GIF, ")
    history = services.training.status(trained).history
    shown = history.chosen or history.previews[-1]
    run = services.training.open(trained)
    pair = next(pair for pair in services.training.pairs(trained) if pair.name in shown.pictures)
    with Image.open(update["value"]) as clip:
        for index, path in ((0, pair.source), (2, run.preview_path(shown.step, pair.name))):
            clip.seek(index)
            frame = framed(Image.open(path).convert("RGB"), SIZES["portrait"])
            assert np.abs(np.asarray(clip.convert("RGB"), int) - np.asarray(frame, int)).mean() < 8


def test_what_no_clip_can_be_made_of_is_told(services, trained):
    for format, shape in (("avi", "square"), ("gif", "round"), (None, "square"), ("gif", ["square"])):
        with pytest.raises(UserError, match="format and a shape"):
            timeline.save_animation(services, trained, format, shape)
    with pytest.raises(UserError, match="no previews yet"):
        timeline.save_animation(services, services.library.duplicate_run(trained), "gif", "square")


@pytest.mark.parametrize("format", ["avi", "../x", None, ["gif"]])
def test_other_formats_are_refused(services, trained, format):
    with pytest.raises(UserError, match="gif, webp"):
        timeline.save_animation(services, trained, format)


def test_nothing_to_save(services, trained):
    with pytest.raises(gr.Error, match="Choose a run"):
        timeline.save_animation(services, None, "gif")
    empty = services.library.duplicate_run(trained)
    with pytest.raises(UserError, match="no previews yet"):
        timeline.save_animation(services, empty, "gif")
