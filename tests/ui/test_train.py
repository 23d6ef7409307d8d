import gradio as gr
import pytest

from editor.errors import UserError
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
    assert screen.losses.count("<polyline") == 6
    assert "left as it is" in screen.psnr
    assert screen.previews.count('class="pb-triple"') == 1
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
