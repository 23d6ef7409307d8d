"""Handlers of the panel of a clip: its edit begins, is looked at while it goes on, is stopped and saved."""

from __future__ import annotations

import gradio as gr

from editor.ui import messages
from editor.ui.components.clip_panel import clip_panel
from editor.ui.components.html import address
from editor.ui.tabs.edit.checks import editable, with_photo_of
from editor.workspace import EditState, Services, can_edit_clips


def drop_help() -> str:
    """Return what can be dropped on the tab: clips only where there is what reads them."""
    return f"{messages.edit.PHOTO_HELP} {messages.edit.CLIP_HELP}" if can_edit_clips() else messages.edit.PHOTO_HELP


def look(services: Services, state: EditState, run: str | None, event: gr.EventData) -> str:
    """Return how far the edit of a clip is."""
    return _panel(services, editable(services, with_photo_of(services, state, event), run))


def start(services: Services, state: EditState, run: str | None, event: gr.EventData) -> str:
    """Begin to edit a clip."""
    state = editable(services, with_photo_of(services, state, event), run)
    services.clips.start(state.photo, state.settings, state.brush)
    return _panel(services, state)


def stop(services: Services, state: EditState, run: str | None, event: gr.EventData) -> str:
    """Stop editing a clip."""
    state = editable(services, with_photo_of(services, state, event), run)
    services.clips.stop([state.photo.path])
    return _panel(services, state)


def save(services: Services, state: EditState, run: str | None, event: gr.EventData) -> dict[str, str]:
    """Return the edited clip as a file for `edit_file.js`."""
    state = editable(services, with_photo_of(services, state, event), run)
    path = services.clips.saved(state.photo, state.shown + 1, state.settings, state.brush, state.names)
    return {"url": address(path), "name": path.name}


def _panel(services: Services, state: EditState) -> str:
    if state.photo.clip is None:
        return ""
    return clip_panel(
        services.clips.status(state.photo, state.settings, state.brush),
        has_area=state.settings.mask == "brushed" and state.brush is not None,
        is_retouched=state.corrected is not None,
    )
