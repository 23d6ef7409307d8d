import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import gradio as gr
import pytest

from editor.config import PRESETS, DetailConfig
from editor.errors import UserError
from editor.image_files import load_image
from editor.images import square_of
from editor.samples.catalog import SAMPLES
from editor.training.forecast import Forecast
from editor.training.run_folder import RunFolder
from editor.ui.components.fit_preview import SIDE
from editor.ui.components.page_thumbnails import PageThumbnails
from editor.ui.components.run_status import run_label, run_status
from editor.ui.components.settings_form import read_settings, settings, settings_of
from editor.ui.tabs import start_form, train
from tests.conftest import TINY, draw_toy_pair, fill_with_toy_pairs
from tests.ui.forms import tiny


def test_presets_are_explained(services):
    assert start_form.preset_choices(services) == [("Tiny, 32 px", "tiny")]


def test_the_form_says_what_start_will_do(services, trained):
    describe = partial(start_form.describe, services, trained, "tiny", 0.5)
    assert describe(*tiny()) == ("Start: 30 seconds, tiny 32 px", "Continue: 30 seconds more", "All as in Tiny.")
    label, _, note = describe(*tiny(use_skips=False, **{"optimizer.batch_size": 2}))
    assert label == "Start: 30 seconds, custom 32 px"
    assert note == "Custom: Batch size 2 (was 4); Skip connections off (was on)."
    assert "must be a multiple" in describe(*tiny(image_size=33))[2]
    assert "Batch size must be a whole number from 1 to 256" in describe(*tiny(**{"optimizer.batch_size": 0}))[2]


def test_the_settings_of_a_run_fill_the_form(services, trained):
    preset, *values = start_form.clone(services, trained)
    config = services.training.open(trained).config
    assert preset == "tiny"
    assert replace(read_settings(services.presets, preset, values), preset=config.preset) == config
    other = replace(TINY, transformer=replace(TINY.transformer, depth=2))
    with pytest.raises(UserError, match="network that this page does not offer"):
        settings_of(services.presets, other)
    for name, config in PRESETS.items():
        shown, *values = settings_of(PRESETS, config)
        assert shown == name and values == [setting.of(config) for setting in settings()]
        assert read_settings(PRESETS, name, values) == config


def test_the_settings_of_the_sample_run_and_of_a_run_with_a_detail_filter_fill_the_form():
    sample = RunFolder.open(SAMPLES[0].run).config
    assert settings_of(PRESETS, sample)[0] == "standard"
    detailed = replace(PRESETS["draft"], detail=DetailConfig(mode="on", size=1000, scale=0.5))
    assert settings_of(PRESETS, detailed)[0] == "draft"


@pytest.mark.parametrize(
    ("fitting", "peak", "words", "batch"),
    [
        (4, 1000.0, "About 120 steps in 1 minute", gr.skip()),
        (
            2,
            3000.0,
            "and there is room for 2.1 GB. So it learns from 2 pictures at a time",
            2,
        ),
        (0, 3000.0, "Close other programs", gr.skip()),
    ],
)
def test_a_forecast_in_words(services, monkeypatch, fitting, peak, words, batch):
    found = Forecast(
        batch_size=4, seconds_per_step=0.5, peak_memory_mib=peak, room_mib=2000.0, fitting_batch_size=fitting
    )
    monkeypatch.setattr(services.training, "forecast", lambda config: found)
    note, update = start_form.measure(services, "tiny", 1, *tiny())
    assert words in note
    assert update == batch


@pytest.mark.parametrize("is_busy", [True, False])
def test_a_forecast_says_whether_others_use_the_machine(services, monkeypatch, is_busy):
    found = Forecast(
        batch_size=4, seconds_per_step=0.5, is_busy=is_busy, peak_memory_mib=None, room_mib=None, fitting_batch_size=4
    )
    monkeypatch.setattr(services.training, "forecast", lambda config: found)
    assert ("Another program keeps" in start_form.measure(services, "tiny", 1, *tiny())[0]) == is_busy


def test_a_forecast_of_a_time_that_makes_no_sense(services):
    with pytest.raises(UserError, match="training time"):
        start_form.measure(services, "tiny", 0, *tiny())


@pytest.fixture
def wide(services, monkeypatch):
    """An effect with square pairs, and three that are not; there is time for all their small copies."""
    monkeypatch.setattr(train, "PageThumbnails", partial(PageThumbnails, seconds=60))

    def fill(store):
        fill_with_toy_pairs(store, 2)
        for seed in range(3):
            store.add(f"wide-{seed}", *(side.crop((0, 8, 48, 40)) for side in draw_toy_pair(seed, 48)))

    return services.workspace.create_effect("Wide", fill=fill).slug


def fit_of(services, effect, fit=None):
    """Return whether the choice is there, and its preview."""
    pairs, listing = services.workspace.pairs(effect), services.training.listing()
    screen = train.Live(*train.render(services, effect, pairs, listing, None, fit))
    return screen.fit["visible"], screen.fit_preview


def test_only_pairs_that_are_not_square_ask_for_a_choice(services, wide):
    assert fit_of(services, "toy") == (False, "")
    is_there, preview = fit_of(services, wide)
    assert is_there
    assert re.findall('alt="(.*?)"', preview) == [
        f"wide-{number} {side}, as the model would see it" for number in range(3) for side in ("before", "after")
    ]
    is_there, preview = fit_of(services, "toy", "crop")
    assert is_there, "what is chosen stays in sight"
    assert "All pairs are square" in preview and "<img" not in preview
    screen = train.Live(*train.render(services, None, (), services.training.listing(), None))
    assert screen.fit == {"visible": False, "__type__": "update"}


def test_the_preview_is_what_the_model_would_see(services, wide):
    sources = services.workspace.store(wide).source_dir
    for fit in ("whole", "crop"):
        _, preview = fit_of(services, wide, fit)
        path = re.search('src="gradio_api/file=(.*?)"', preview)[1]
        seen = load_image(Path(unquote(path)))
        assert seen.tobytes() == square_of(load_image(sources / "wide-0.png"), SIDE, fit).tobytes()


def test_a_run_keeps_what_was_chosen(services, wide, monkeypatch):
    monkeypatch.setattr(services.training, "_enter", lambda run, budget, key: None)
    run = train.start(services, wide, "tiny", 1, *tiny(fit="crop"))
    config = services.training.open(run).config
    assert config == replace(TINY, fit="crop"), "and it is still of its preset"
    snapshot = services.training.status(run)
    assert "px, cropped" in run_label(snapshot.run) and "px, cropped" in run_status(snapshot), "and it is told"
    assert services.training.open(services.library.duplicate_run(run)).config == config
    preset, fit, *values = start_form.clone(services, run)
    assert (preset, fit) == ("tiny", "crop")
    assert read_settings(services.presets, preset, [fit, *values]) == config
    assert start_form.describe(services, run, "tiny", 1, *tiny(fit="crop"))[2] == "All as in Tiny."
    assert start_form.fill(services, "tiny")[1] == gr.skip(), "another quality changes nothing about it"
    changed = train.start(services, wide, "tiny", 1, *tiny(fit="crop", seed=4))
    assert services.training.open(changed).config.preset == "custom"
