import inspect
import re

from editor.config import PRESETS
from editor.ui import messages
from editor.ui.app import build_app
from editor.ui.theme import ASSETS, STYLES, launch_options

WANTED = [
    "effect",
    "effect-name",
    "effect-create",
    "pairs-sources",
    "pairs-targets",
    "pairs-folder",
    "pairs-plan",
    "pairs-doctor",
    "pairs-undo",
    "effects-panel",
    "effects-table",
    "pairs-report",
    "pairs-summary",
    "pairs-cards",
    "train-time",
    "train-preset",
    "train-fit",
    "train-fit-preview",
    "train-minutes",
    "train-seed",
    "train-batch-size",
    "train-reset",
    "train-clone",
    "train-start",
    "train-measure",
    "train-forecast",
    "train-hold",
    "train-preview-now",
    "train-save-now",
    "train-stop",
    "train-continue",
    "train-go",
    "train-run",
    "train-status",
    "train-losses",
    "train-psnr",
    "train-preview",
    "inspect-run",
    "inspect-i",
    "inspect-j",
    "inspect-photo",
    "inspect-readout",
    "inspect-view",
    "inspect-flow-scale",
    "inspect-color-range",
    "inspect-noise",
    "inspect-steps-count",
    "inspect-matrix",
    "inspect-matrix-kind",
    "inspect-matrix-start",
    "inspect-matrix-stop",
    "inspect-flow",
    "inspect-flow-legend",
    "inspect-scale",
    "inspect-shift",
    "inspect-warped",
    "inspect-x-j-hat",
    "inspect-y-j-hat",
    "inspect-y-error",
    "edit-run",
    "edit-photo",
    "edit-button",
    "edit-slider",
    "edit-tools",
    "edit-note",
]


def test_the_app_builds_with_an_id_for_every_control(services):
    app = build_app(services)
    ids = [block.elem_id for block in app.blocks.values() if getattr(block, "elem_id", None)]
    assert len(ids) == len(set(ids))
    assert set(WANTED) <= set(ids)


def test_every_event_has_a_name(services):
    names = {function.api_name for function in build_app(services).fns.values()}
    assert {"create_effect", "add_files", "start_training", "stop_training", "continue_training", "edit"} <= names


def test_what_an_event_brings_along_is_never_that_of_another_event(services):
    """While an event is answered, "once" drops all others, and "always_last" sends the last with data of the first."""
    told = [fn for fn in build_app(services).fns.values() if fn.fn and "event" in inspect.signature(fn.fn).parameters]
    assert len(told) > 10
    others = {fn.name for fn in told if fn.trigger_mode != "multiple"}
    assert not others


def test_pictures_are_not_made_lossy_and_have_words(services):
    for block in build_app(services).blocks.values():
        if type(block).__name__ in ("Image", "ImageSlider"):
            assert block.format == "png", block.elem_id
        if type(block).__name__ == "Image":
            assert block.alt_text, block.elem_id


def test_polling_never_waits_for_another_page(services):
    refreshes = [function for function in build_app(services).fns.values() if function.name == "refresh"]
    assert [function.concurrency_limit for function in refreshes].count(None) >= 3


def test_the_list_of_effects_is_stored_with_what_is_seen(services):
    """Of concurrent refreshes, both outputs come from the same one, or `Seen` would name a list that is not shown."""
    refreshes = [item for item in build_app(services).fns.values() if str(item.api_name).startswith("poll_page")]
    assert len(refreshes) > 3
    for refresh in refreshes:
        assert type(refresh.outputs[1]).__name__ == "State"
        assert refresh.outputs[2].elem_id == "effect"


def test_only_the_cache_is_served_and_nothing_is_recorded(services):
    options = launch_options(services.workspace.root)
    assert "allowed_paths" not in options  # files there would be shown as whatever they claim to be
    assert {str(services.workspace.effects_dir), str(services.workspace.runs_dir)} <= set(options["blocked_paths"])
    assert options["run_history"] is False
    assert options["enable_monitoring"] is False
    assert options["max_file_size"]


def test_every_preset_is_explained():
    assert set(PRESETS) == set(messages.train.PRESET_LABELS)


def test_styles_use_only_colors_that_the_theme_can_change():
    css = "".join((ASSETS / "css" / f"{name}.css").read_text(encoding="utf-8") for name in STYLES)
    assert "http" not in css
    rules = css.split("/* Header */")[1]
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", rules)) <= {"#b91c1c"}  # the button that removes


def test_every_place_for_pictures_takes_the_less_common_suffixes_too(services):
    wanted = {".jfif", ".avif", ".heic", ".heif"}
    blocks = list(build_app(services).blocks.values())
    pickers = [block for block in blocks if type(block).__name__ == "File"]
    places = [str(block.value) for block in blocks if "pb-drop" in str(getattr(block, "value", ""))]
    assert len(pickers) >= 2 and len(places) >= 4
    assert all(wanted < set(block.file_types) for block in pickers)
    assert all(wanted < set(re.search(r'accept="([^"]+)"', place)[1].split(",")) for place in places)
