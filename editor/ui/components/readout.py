"""F, C and M_y's move at the pixel under the pointer, read by the page from numbers that are sent with the pictures."""

from __future__ import annotations

import json

from markupsafe import Markup

from editor.ui import messages
from editor.ui.components.html import from_template
from editor.workspace import Inspected

# What a pixel of each picture is: one of x_j, or the place in x_i that it is fetched from.
SOURCES = ("inspect-x-i", "inspect-y-i", "inspect-cutout")
TARGETS = (
    "inspect-x-j",
    "inspect-flow",
    "inspect-scale",
    "inspect-shift",
    "inspect-warped",
    "inspect-x-j-hat",
    "inspect-x-error",
    "inspect-move",
    "inspect-kept",
    "inspect-paint",
    "inspect-y-j-hat",
    "inspect-y-j",
    "inspect-y-error",
    "inspect-matte",
    "inspect-pasted",
)


def readout(inspected: Inspected | None = None) -> Markup:
    """Return the line of numbers; `assets/inspect_readout.js` fills it.

    Args:
        inspected: What is on the page.
    """
    if inspected is None:
        return from_template("readout", probe="")
    words = {"sources": SOURCES, "targets": TARGETS, "words": messages.inspect.READOUT_WORDS}
    return from_template("readout", probe=json.dumps(inspected.probe._asdict() | words))
