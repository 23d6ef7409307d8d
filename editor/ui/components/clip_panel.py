"""The panel of a clip in the Edit tab: how far its edit is, and what can be done."""

from __future__ import annotations

import time

from markupsafe import Markup

from editor.ui import messages
from editor.ui.components.html import from_template
from editor.workspace import ClipStatus


def clip_panel(status: ClipStatus, *, has_area: bool, is_retouched: bool) -> Markup:
    """Return the panel, which `edit_film.js` makes alive.

    Args:
        status: How far the edit is.
        has_area: Whether the clip may change only where the person brushed on its first frame.
        is_retouched: Whether the edit of its first frame was changed by hand.
    """
    share = status.num_done / status.num_frames if status.num_frames else 0
    return from_template(
        "clip_panel",
        state=status.state,
        words=messages.edit.clip_progress(status.state, status.num_done, status.num_frames, status.seconds_left),
        sentence=status.sentence,
        reach=messages.edit.clip_reach(has_area=has_area, is_retouched=is_retouched),
        percent=100 * min(share, 1),
        turn=time.monotonic_ns(),  # so that two answers differ, and the page asks again after each
    )
