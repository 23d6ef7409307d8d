"""Handlers of the buttons that save; `workspace.downloads` writes the files, `ui.archive_route` sends them all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import gradio as gr

from editor.ui import messages
from editor.ui.archive_route import archive_address
from editor.ui.components.html import address, note
from editor.ui.inputs import sent
from editor.ui.tabs.edit.checks import editable
from editor.workspace import DownloadItem, EditState, NamePattern, Services


def set_names(services: Services, state: EditState, pattern: str | None) -> EditState:
    """Keep how saved photos are called.

    Raises:
        UserError: No names come of that pattern.
    """
    state = replace(state, names=_names(pattern))
    services.desk.save(state)
    return state


def save_shown(
    services: Services, state: EditState, run: str | None, event: gr.EventData, pattern: str | None = None
) -> dict[str, str]:
    """Return the shown edit as a file for `edit_file.js`: its address and name.

    Raises:
        gr.Error: There is nothing to download yet.
    """
    (format,) = sent(event._data, format=str)
    state = editable(services, state, run)
    item = DownloadItem(state.photo, state.brush, state.corrected, state.shown + 1)
    path = services.downloads.picture(item, state.settings, format, _names(pattern))
    return _file(path)


def save_clip(
    services: Services, state: EditState, run: str | None, shape: str | None, format: str | None
) -> dict[str, str]:
    """Return a clip of the shown edit for `edit_file.js`, see `save_shown`."""
    state = editable(services, state, run)
    return _file(
        services.downloads.clip(DownloadItem(state.photo, state.brush, state.corrected), state.settings, format, shape)
    )


def save_all(
    services: Services, state: EditState, run: str | None, event: gr.EventData, pattern: str | None = None
) -> tuple[dict[str, str], str]:
    """Return where `edit_file.js` finds all edits as one zip file, and a note that it comes while it is written.

    Raises:
        gr.Error: There is nothing to download yet.
    """
    (format,) = sent(event._data, format=str)
    state = editable(services, state, run)
    photos = [
        DownloadItem(photo, state.brushes.get(photo.path), state.correction(photo), number)
        for number, photo in enumerate(state.photos, 1)
    ]
    key, archive = services.archives.add(photos, state.settings, format, _names(pattern))
    return {"url": archive_address(key), "name": archive.name}, note([messages.edit.ZIP_COMES])


def _names(pattern: str | None) -> NamePattern:
    return NamePattern(pattern.strip()) if pattern and pattern.strip() else NamePattern()


def _file(path: Path) -> dict[str, str]:
    return {"url": address(path), "name": path.name}
