"""The address of the page, which names its tab, effect and run; see `assets/address.js`."""

from __future__ import annotations

from typing import Any

import gradio as gr
from markupsafe import Markup

from editor.ui.components.html import from_template, script
from editor.ui.selection import Selection

# JavaScript of the event by which a page is opened. In place of its second input, what this browser had selected the
# last time, it sends that and what the address says.
OPENING = f"""(...given) => {{
  {script("asked")}
  given[1] = {{ ...asked(), last: given[1] }};
  return given;
}}"""


def address_bar() -> gr.HTML:
    """Return an invisible element that writes the address. Its event "moved" comes when a person goes back or forth."""
    return gr.HTML(js_on_load=script("asked", "address"), elem_id="address", elem_classes="pb-polling")


def address(selection: Selection) -> Markup:
    """Return what the element should show: nothing that can be seen, and what the page shows."""
    return from_template("address", selection=selection)


def asked_for(sent: dict[str, Any]) -> tuple[Selection, str | None]:
    """Return what an address asks for, which may be anything, and what the browser had selected the last time."""
    effect, run, last = (
        value if isinstance(value := sent.get(name), str) else None for name in ("effect", "run", "last")
    )
    return Selection(effect, run), last
