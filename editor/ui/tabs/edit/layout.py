"""The Edit tab laid out and connected."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import gradio as gr

from editor.ui import messages
from editor.ui.components.decimal_box import decimal_box
from editor.ui.components.html import answered, from_template, placeholder, script
from editor.ui.components.run_picker import run_picker
from editor.ui.components.waiting import wait_begins, wait_ends
from editor.ui.handlers import bound
from editor.ui.inputs import PICTURES, sent
from editor.ui.tabs.edit import choices, clips, corrections, downloads, photos, settings
from editor.ui.tabs.edit.viewer import tools, viewer
from editor.workspace import EditState, NamePattern, RunStatus, Services

WATCH_SECONDS = 3.0
TAB_INDEX = 3
WAIT = "edit"  # key of what this tab waits for


class Tab(NamedTuple):
    """What the other parts of the page connect to."""

    run: gr.Dropdown
    hint: gr.HTML  # kept up to date by `render_hint`
    newest: gr.Checkbox
    timer: gr.Timer  # runs while `newest` is on and the tab is open, see `watching`
    changes: list[Any]  # events after which the page refreshes


def render_hint(snapshot: RunStatus | None) -> str:
    """Return what to do while there is nothing to edit with, else nothing."""
    if snapshot is None:
        return placeholder(messages.edit.NO_RUN_TO_EDIT)
    return "" if snapshot.has_weights else placeholder(messages.common.NO_WEIGHTS)


def watching(services: Services, is_newest: bool, event: gr.EventData) -> gr.Timer:
    """Follow the newest weights only while the tab is open."""
    (index,) = sent(event._data, index=int)
    return gr.Timer(active=bool(is_newest) and index == TAB_INDEX)


def build(services: Services, run_state: gr.State, load: Any) -> Tab:
    """Lay out the tab and connect it.

    Args:
        services: The one object to ask.
        run_state: The id of the run that the page shows.
        load: Adds a listener for when a page is opened.
    """
    state = gr.State(EditState())
    with gr.Row(elem_id="edit-desk", elem_classes="pb-drop-area"):
        with gr.Column(elem_classes="pb-viewer"):
            hint = gr.HTML(elem_id="edit-hint")
            view = viewer()
            takes = _choices("edit-takes")
            with gr.Row(elem_classes="pb-film"):
                strip = _choices("edit-strip", "filmstrip")
                # Not gr.Image: it would decode the file before our checks, and a browser cannot show every format.
                photo = gr.HTML(
                    from_template(
                        "drop_place",
                        folder="",
                        label=messages.edit.PHOTO_LABEL,
                        help=clips.drop_help(),
                        wait=WAIT,
                    ),
                    js_on_load=script("folder_drop", most=photos.MAX_PHOTOS, at_once=photos.AT_ONCE),
                    elem_id="edit-photo",
                )
        with gr.Column(elem_classes="pb-side"):
            run = run_picker("edit-run")
            tools()
            film = gr.HTML(js_on_load=script("edit_film"), elem_id="edit-film")
            done = gr.HTML(elem_id="edit-note")
            with gr.Accordion(messages.edit.REFERENCE_AND_SEED, open=False, elem_id="edit-advanced"):
                references = _choices("edit-reference")
                seed = gr.Number(
                    0,
                    label=messages.edit.EDIT_SEED,
                    precision=0,
                    elem_id="edit-seed",
                    info=messages.edit.EDIT_SEED_INFO,
                )
                variations = gr.Button(messages.edit.SHOW_REFERENCES, size="sm", elem_id="edit-variations")
            with gr.Accordion(messages.edit.COMPARE_AND_FOLLOW, open=False, elem_id="edit-compare"):
                again = gr.Button(messages.edit.EDIT_AGAIN, size="sm", elem_id="edit-button")
                newest = gr.Checkbox(
                    label=messages.edit.NEWEST_WEIGHTS,
                    info=messages.edit.NEWEST_INFO,
                    elem_id="edit-newest",
                    interactive=True,
                )
                compared = gr.Dropdown(
                    [],
                    multiselect=True,
                    max_choices=choices.MAX_COMPARED,
                    label=messages.edit.RUNS_TO_COMPARE,
                    info=messages.edit.COMPARE_INFO,
                    elem_id="edit-compare-runs",
                )
                compare = gr.Button(messages.edit.COMPARE_HERE, size="sm", elem_id="edit-compare-button")
            with gr.Accordion(messages.edit.MAKE_IT_A_PAIR, open=False, elem_id="edit-pair"):
                gr.Markdown(messages.edit.PAIR_HELP, elem_classes="pb-help")
                corrected = gr.File(
                    label=messages.edit.CORRECTED_LABEL, file_types=PICTURES, height=130, elem_id="edit-corrected"
                )
                add = gr.Button(messages.edit.ADD_AS_PAIR, elem_id="edit-add-pair")
                with gr.Row(elem_classes="pb-keep"):
                    minutes = decimal_box(
                        3,
                        label=messages.edit.WARM_MINUTES,
                        elem_id="edit-warm-minutes",
                        min_width=80,
                    )
                    warm = gr.Button(messages.edit.CONTINUE_WARM, elem_id="edit-warm", min_width=150)
                pair_note = gr.HTML(elem_id="edit-pair-note")
            with gr.Accordion(messages.edit.CLIP, open=False, elem_id="edit-clip"):
                shape, format = (
                    gr.Radio(choices, value=choices[0][1], show_label=False, container=False, elem_id=elem_id)
                    for choices, elem_id in (
                        (messages.common.clip_shapes(), "edit-clip-shape"),
                        ([(words, name) for name, words in messages.common.FORMATS.items()], "edit-clip-format"),
                    )
                )
                clip = gr.Button(messages.edit.MAKE_CLIP, size="sm", elem_id="edit-clip-button")
            with gr.Accordion(messages.edit.NAMES, open=False, elem_id="edit-names"):
                pattern = gr.Textbox(
                    NamePattern().text,
                    label=messages.edit.NAME_PATTERN,
                    info=messages.edit.NAME_PATTERN_INFO,
                    max_lines=1,
                    elem_id="edit-name-pattern",
                )
            examples = _choices("edit-examples")
    file = gr.HTML(
        None,
        html_template=from_template("edit_file"),
        js_on_load=script("edit_file"),
        elem_id="edit-file",
    )
    timer = gr.Timer(WATCH_SECONDS, active=False)

    shown = [state, view, strip, done]

    def on(event: Any, handler: Callable[..., Any], inputs: Any, outputs: Any, *, wait: str = "", **more: Any) -> Any:
        """Connect an event that may need the device. All that change the state run one after another."""
        # With "always_last", Gradio would send the data of the first event again in place of the last one's.
        has_data = "event" in inspect.signature(handler).parameters
        more = {
            "trigger_mode": "multiple" if has_data else "always_last",
            "api_visibility": "private",
            "concurrency_id": "device",
            **more,
        }
        if wait:
            num_inputs = len(inputs) if isinstance(inputs, list) else 1
            more["js"] = wait_begins(WAIT, wait, num_inputs)
        begun = event(
            bound(handler, services),
            inputs,
            outputs,
            show_progress="hidden",
            concurrency_limit=1,
            **more,
        )
        if wait:
            wait_ends(WAIT, begun)
        return begun

    given = [state, run_state]
    words = messages.edit.WAITS
    on(load, photos.restore, None, [*shown, seed, pattern])
    on(run_state.change, choices.change_run, given, [*shown, examples, references], wait=words["run"])
    taken = on(photo.dropped, photos.drop, given, shown, wait=words["photos"])
    for outcome in (taken.success, taken.failure):
        outcome(None, None, None, js=answered("#edit-photo .pb-drop"), api_visibility="private")
    on(again.click, photos.edit, given, shown, wait=words["edit"])
    on(strip.clear, photos.clear, state, [*shown, takes], trigger_mode="multiple")
    for place in (strip, view):
        on(place.remove, photos.remove, state, shown)
    for row in (examples, references, strip, takes):
        on(row.choose, choices.choose, given, [*shown, references, seed, run_state], wait=words["edit"])
    on(strip.pause, photos.pause, state, shown)
    on(strip.retry, photos.retry, given, shown)
    on(strip.next, photos.edit_next, state, shown, trigger_mode="multiple")
    on(view.drag, settings.drag, given, view)
    on(view.strength, settings.set_strength, given, shown, wait=words["edit"])
    on(view.scope, settings.set_scope, given, shown, wait=words["edit"])
    for stroke in (
        on(view.brush, settings.brush, given, shown, wait=words["stroke"]),
        on(view.retouch, corrections.retouch, given, shown, wait=words["stroke"]),
    ):
        for outcome in (stroke.success, stroke.failure):  # `then` is not called after a failure
            outcome(None, None, None, js=answered("#edit-slider .pb-view"), api_visibility="private")
    on(view.frames, settings.set_frames, given, shown, wait=words["edit"])
    on(view.undo, corrections.undo, given, shown, wait=words["edit"])
    on(view.redo, corrections.redo, given, shown, wait=words["edit"])
    on(seed.input, settings.set_seed, [state, seed], shown, wait=words["edit"])
    on(variations.click, choices.variations, given, takes, wait=words["references"])
    on(compared.focus, choices.comparable, run_state, compared, trigger_mode="once")
    on(compare.click, choices.compare, [state, compared], takes, wait=words["compare"])
    on(newest.input, settings.set_newest, [*given, newest], [*shown, timer], wait=words["edit"])
    on(timer.tick, settings.watch, given, [*shown, newest, timer], trigger_mode="once")
    on(view.download, downloads.save_shown, [*given, pattern], file, wait=words["file"])
    on(clip.click, downloads.save_clip, [*given, shape, format], file, wait=words["clip"])
    for event, handler, output in (
        (film.look, clips.look, film),
        (film.begin, clips.start, film),
        (film.halt, clips.stop, film),
        (film.keep, clips.save, file),
    ):
        on(event, handler, given, output, concurrency_id="clips")  # a look must not wait for the device
    for left in (pattern.blur, pattern.submit):
        on(left, downloads.set_names, [state, pattern], state)
    on(view.archive, downloads.save_all, [*given, pattern], [file, done], wait=words["zip"])
    # After a failure the component is emptied, since one that holds a file accepts no other.
    stored = on(corrected.upload, corrections.correct, [*given, corrected], [*shown, corrected], wait=words["photos"])
    stored.failure(None, None, corrected, js="() => null", api_visibility="private")
    changes = [
        on(add.click, corrections.add_pair, given, pair_note, trigger_mode="once", wait=words["pair"]),
        on(
            warm.click,
            corrections.continue_warm,
            [run_state, minutes],
            pair_note,
            trigger_mode="once",
            wait=words["warm"],
        ),
    ]
    return Tab(run, hint, newest, timer, changes)


def _choices(elem_id: str, *scripts: str) -> gr.HTML:
    return gr.HTML(
        js_on_load=script("keep_focus", "edit_choices", *scripts),
        elem_id=elem_id,
        elem_classes="pb-choices",
    )
