"""Step 4: edit a new photo with what a run has learned."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from editor.ui import messages
from editor.ui.components.html import note, placeholder
from editor.ui.components.run_picker import run_picker
from editor.ui.handlers import bound, mistake, seed_from
from editor.workspace import Services, Snapshot

MAX_SHOWN_HEIGHT = 560  # pixels


class Tab(NamedTuple):
    """What the other parts of the page connect to."""

    run: gr.Dropdown
    hint: gr.HTML  # kept up to date by `render_hint`


def render_hint(snapshot: Snapshot | None) -> str:
    """Return what to do while there is nothing to edit with, else nothing."""
    if snapshot is None:
        return placeholder(messages.NO_RUN_TO_EDIT)
    return "" if snapshot.has_weights else placeholder(messages.NO_WEIGHTS)


def choose(services: Services, photo: str | None) -> tuple[Any, ...]:
    """Show a photo as it was understood, before any edit. A file that is no photo is told at once."""
    if not photo:
        return None, None, None, gr.update(interactive=False), ""
    path = services.editing.open_photo(Path(photo))
    return None, str(path), None, gr.update(interactive=False), ""


def edit(
    services: Services, run: str | None, photo: str | None, reference: str | None, seed: float | None
) -> tuple[Any, ...]:
    """Edit the photo and return what the page shows."""
    if not run:
        raise mistake(messages.NO_RUN_TO_EDIT)
    if not photo:
        raise mistake(messages.NO_PHOTO)
    result = services.editing.edit(run, Path(photo), seed=seed_from(seed), reference=reference or None)
    before, after = str(result.before), str(result.after)
    done = messages.edit_done(*result.size, result.seconds, result.reference)
    return (before, after), before, after, gr.update(value=after, interactive=True), note([], kind="good", title=done)


def references(services: Services, run: str | None) -> Any:
    """Return the pairs of the run that an edit may go by."""
    pairs = services.training.pairs(run) if run else []
    names = [pair.name for pair in pairs if not pair.is_held_out]
    return gr.update(choices=[(messages.ANY_REFERENCE, ""), *((name, name) for name in names)], value="")


def build(services: Services, run_state: gr.State) -> Tab:
    """Lay out the tab and connect it.

    Args:
        services: The one object to ask.
        run_state: The id of the run that the page shows.
    """
    with gr.Row(elem_classes="pb-row"):
        with gr.Column(scale=2, min_width=280):
            run = run_picker("edit-run")
            # Not gr.Image: it would decode the file before our checks, and a browser cannot show every format.
            photo = gr.File(label=messages.PHOTO_LABEL, file_types=["image"], height=170, elem_id="edit-photo")
            with gr.Accordion("Advanced", open=False, elem_id="edit-advanced"):
                reference = gr.Dropdown(
                    [(messages.ANY_REFERENCE, "")], value="", label="Reference pair", elem_id="edit-reference"
                )
                seed = gr.Number(0, label="Seed", precision=0, elem_id="edit-seed")
            button = gr.Button("Edit", variant="primary", elem_id="edit-button")
            done = gr.HTML(elem_id="edit-note")
            download = gr.DownloadButton("Download PNG", interactive=False, elem_id="edit-download")
        with gr.Column(scale=5, min_width=320, elem_classes="pb-viewer"):
            hint = gr.HTML(elem_id="edit-hint")
            slider = gr.ImageSlider(
                label="Before and after: drag the line",
                format="png",
                interactive=False,
                max_height=MAX_SHOWN_HEIGHT,
                buttons=["fullscreen"],
                elem_id="edit-slider",
                elem_classes="pb-picture pb-slider",
            )
            with gr.Row(elem_classes="pb-figures"):
                before, after = (
                    gr.Image(
                        label=label,
                        alt_text=alt,
                        format="png",
                        interactive=False,
                        buttons=["download", "fullscreen"],
                        elem_id=elem_id,
                        elem_classes="pb-picture",
                    )
                    for label, alt, elem_id in (
                        ("Before", "Your photo", "edit-before"),
                        ("After", "Your photo, edited", "edit-after"),
                    )
                )
    shown = [slider, before, after, download, done]
    gr.on(
        [photo.upload, photo.clear],
        bound(choose, services),
        photo,
        shown,
        trigger_mode="always_last",
        api_name="choose_photo",
    )
    button.click(
        bound(edit, services),
        [run_state, photo, reference, seed],
        shown,
        concurrency_id="device",
        concurrency_limit=1,
        api_name="edit",
    )
    run_state.change(bound(references, services), run_state, reference, api_visibility="private")
    return Tab(run, hint)
