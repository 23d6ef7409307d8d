"""The one function for other programs, `edit(image, effect)`: through `gradio_client`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from editor.errors import UserError
from editor.ui import messages
from editor.ui.handlers import bound
from editor.ui.inputs import sent
from editor.workspace import DownloadItem, EditSettings, Services, Visitors

NAME = "edit"


def build(services: Services | Visitors) -> None:
    """Add the function to the app that is being built, without a control on the page."""
    handler = bound(edit, services)
    # Gradio derives what it says to programs from these, but for the request, which it passes by itself.
    handler.__annotations__ |= {"image": dict, "effect": str, "return": dict}
    gr.api(handler, api_name=NAME, api_description=messages.app.API, concurrency_limit=1)


def hide_others(app: gr.Blocks) -> None:
    """Leave the events of the page, which mean nothing without it, out of what programs are told."""
    for event in app.fns.values():
        if event.api_name != NAME:
            event.api_visibility = "private"


def edit(services: Services, image: dict[str, Any], effect: str) -> dict[str, Any]:
    """Edit one picture with what was learned last of an effect.

    Args:
        services: Those of the one who asks.
        image: A file that was uploaded, as `gradio_client.handle_file` sends it.
        effect: Name of an effect, or of one run.

    Returns:
        The edit at full size as a PNG file.

    Raises:
        UserError: There is no such effect, it has learned nothing yet, or the file is no picture.
    """
    path, effect = (*sent(image, path=str), *sent({"effect": effect}, effect=str))
    if not services.workspace.is_upload(Path(path)):
        raise UserError(messages.app.API_NO_FILE)
    run = _newest(services, effect)
    name = image.get("orig_name")
    photo = services.editing.open_photo(Path(path), name if isinstance(name, str) and name else None)
    settings = EditSettings(run=run, version=services.editing.version(run))
    edited = services.downloads.picture(DownloadItem(photo), settings, "PNG")
    return {"path": str(edited), "orig_name": edited.name, "meta": {"_type": "gradio.FileData"}}


def _newest(services: Services, effect: str) -> str:
    """Return the id of the newest run with weights that a name means.

    Raises:
        UserError: There is none.
    """
    useful = [status.run for status in services.training.listing().statuses if status.has_weights]
    for run in useful:
        if effect.strip().casefold() in {text.casefold() for text in (run.effect, run.name, run.id)}:
            return run.id
    names = ", ".join(dict.fromkeys(run.effect for run in useful)) or messages.app.API_NONE
    raise UserError(messages.app.API_NO_EFFECT.format(effect=effect[:100], names=names))
