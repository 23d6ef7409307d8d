import json
from dataclasses import replace

import gradio as gr
import pytest

from editor.errors import UserError
from editor.training.history import PreviewPoint
from editor.ui.components.run_status import run_status
from editor.ui.tabs import train


def shown(services, run, effect="toy"):
    snapshot = services.training.snapshot(run) if run else None
    return train.Live(*train.render(services, effect, services.workspace.pairs(effect), snapshot))


def test_before_any_run(services):
    screen = shown(services, None)
    assert "Toy" in screen.effect
    assert "7 to learn from" in screen.effect
    assert "No run yet" in screen.status
    assert screen.start["interactive"]
    assert not screen.stop["interactive"]
    assert not screen.resume["interactive"]


def test_a_finished_run(services, trained):
    screen = shown(services, trained)
    assert 'data-state="finished"' in screen.status
    assert "Held-out PSNR" in screen.status
    assert len(json.loads(screen.losses)["lines"]) == 4
    assert "left as it is" in screen.psnr
    assert len(json.loads(screen.previews)["pictures"]) == 1
    assert screen.resume["interactive"]


def test_buttons_while_learning_and_after(services):
    run = train.start(services, "toy", "tiny", 10, 3)
    screen = shown(services, run)
    assert [screen.start["interactive"], screen.stop["interactive"], screen.resume["interactive"]] == [
        False,
        True,
        False,
    ]
    assert services.training.open(run).config.seed == 3
    train.stop(services)
    services.training.wait(30)
    screen = shown(services, run)
    assert [screen.start["interactive"], screen.stop["interactive"], screen.resume["interactive"]] == [
        True,
        False,
        True,
    ]
    train.resume(services, run, 10)
    assert services.training.active == run
    train.stop(services)


def test_another_run_is_shown_while_one_is_learning(services, trained):
    train.start(services, "toy", "tiny", 10, 0)
    screen = shown(services, trained)
    assert screen.stop["interactive"]
    assert not screen.resume["interactive"]


@pytest.mark.parametrize(
    "arguments",
    [
        (None, "tiny", 1, 0),
        ("toy", "huge", 1, 0),
        ("toy", "tiny", 0, 0),
        ("toy", "tiny", None, 0),
        ("toy", "tiny", 1, -1),
        ("toy", "tiny", 1, 0.5),
        ("toy", "tiny", 1, None),
        ("../toy", "tiny", 1, 0),
    ],
)
def test_starts_that_cannot_be(services, arguments):
    with pytest.raises((gr.Error, UserError)):
        train.start(services, *arguments)
    assert services.training.runs() == []


def test_continuing_nothing(services):
    with pytest.raises(gr.Error):
        train.resume(services, None, 3)


def test_presets_are_explained(services):
    assert train.preset_choices(services) == [("Tiny, 32 px", "tiny")]


@pytest.mark.parametrize(
    ("curve", "sentence"),
    [
        (lambda t: 20 + t / 20, None),
        (lambda t: 25.0, "gained nothing for"),
        (lambda t: 20 + t / 10 if t < 60 else 26 - (t - 60) / 20, "since step 600"),
    ],
)
def test_advice_in_words(services, trained, curve, sentence):
    snapshot = services.training.snapshot(trained)
    times = [5.0 * index for index in range(41)]
    previews = tuple(PreviewPoint(int(10 * t), t, curve(t), 0.9, True, ()) for t in times)
    history = replace(snapshot.history, previews=previews, chance_shift=0.05)
    status = run_status(replace(snapshot, state="running", history=history))
    assert "1.6 px of the model" in status
    assert (sentence in status) if sentence else ("gained nothing" not in status and "by heart" not in status)
    assert ("Used for editing" in status) == (curve(200.0) < curve(60.0))
    assert "stop now" not in run_status(replace(snapshot, state="finished", history=history)), (
        "there is nothing to stop"
    )
