"""The previews of a run as a timeline: held-out pairs as edited by the weights of any moment, and two moments compared.

Python sends the scores of all moments and where the pictures lie; `assets/timeline.js` and `assets/compare.js` show one
moment, or two, so that moving through them needs no server.
"""

from __future__ import annotations

import gradio as gr

from editor.pairs.folder import Pair
from editor.ui import messages
from editor.ui.components.chart import compact
from editor.ui.components.html import address, from_template, script
from editor.ui.components.run_charts import MAX_PSNR
from editor.workspace import RunStatus, Services


def timeline() -> gr.HTML:
    """Return the place for `timeline_data`."""
    return gr.HTML(
        html_template=from_template("timeline"),
        js_on_load=script("bus", "moments", "timeline", words=messages.runs.TIMELINE_WORDS),
        apply_default_css=False,
        elem_id="train-preview",
    )


def comparison() -> gr.HTML:
    """Return the place where two moments are compared. Its value is the `timeline_data` of another run, or nothing."""
    return gr.HTML(
        html_template=from_template("comparison"),
        js_on_load=script("bus", "moments", "compare", words=messages.runs.TIMELINE_WORDS),
        apply_default_css=False,
        elem_id="timeline-ab",
    )


def timeline_data(services: Services, snapshot: RunStatus | None) -> str:
    """Return every moment of a run: about 20 kB after an hour, and the same text while nothing changes."""
    previews = snapshot.history.previews if snapshot else ()
    if not (snapshot and previews):
        return ""
    run, history = snapshot.run, snapshot.history
    shown = [pair for pair in services.training.pairs(run.id) if pair.name in previews[-1].pictures]
    return compact(
        {
            "run": run.id,
            "name": run.name,
            "folder": address(services.timelines.folder(snapshot)),
            "pictures": [_picture(services, pair) for pair in shown],
            "held_out": previews[-1].is_held_out,
            "unedited": history.unedited_psnr and round(min(history.unedited_psnr, MAX_PSNR), 2),
            "best": previews.index(history.best) if history.best else None,
            "steps": [point.step for point in previews],
            "seconds": [round(point.seconds, 1) for point in previews],
            "psnr": [round(min(point.psnr, MAX_PSNR), 2) for point in previews],
            "ssim": [round(point.ssim, 3) for point in previews],
        }
    )


def _picture(services: Services, pair: Pair) -> dict[str, str]:
    before, after = (address(services.workspace.thumbnail(path)) for path in (pair.source, pair.target))
    return {"name": pair.name, "before": before, "after": after}
