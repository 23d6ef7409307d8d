"""The previews of a run as a timeline: held-out pairs edited with what it knew at any moment, and two of them compared.

Python sends the scores of all moments and where the pictures lie; `assets/timeline.js` and `assets/compare.js` show one
moment, or two, so that moving through them needs no server.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import gradio as gr

from editor.pairs.folder import Pair
from editor.ui import messages
from editor.ui.components.chart import compact
from editor.ui.components.html import address, placeholder, script
from editor.ui.components.run_charts import MAX_PSNR
from editor.workspace import RunStatus, Services


def timeline() -> gr.HTML:
    """Return the place for `timeline_data`."""
    return gr.HTML(
        html_template=_TIMELINE,
        js_on_load=script("bus", "moments", "timeline", words=messages.runs.TIMELINE_WORDS),
        apply_default_css=False,
        elem_id="train-preview",
    )


def comparison() -> gr.HTML:
    """Return the place where two moments are compared. Its value is the `timeline_data` of another run, or nothing."""
    return gr.HTML(
        html_template=_COMPARISON,
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
            "folder": address(services.timelines.folder(run.id)),
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


def _button(action: str, label: str, title: str = "") -> str:
    hint = f' title="{escape(title)}"' if title else ""
    return f'<button type="button" data-go="{action}"{hint}>{escape(label)}</button>'


def _facts(names: Sequence[str]) -> str:
    return "".join(f"<div><dt>{escape(name)}</dt><dd></dd></div>" for name in names)


_FIGURES = "\n    ".join(
    f'<figure class="pb-{kind}"><img loading="lazy" decoding="async">'
    f"<figcaption>{escape(caption)}</figcaption></figure>"
    for kind, caption in messages.runs.PREVIEW_CAPTIONS.items()
)
_TIMELINE = f"""
<div data-empty>{placeholder(messages.runs.NO_PREVIEW)}</div>
<section class="pb-previews" aria-label="{escape(messages.runs.TIMELINE)}" hidden>
  <header><strong>{escape(messages.runs.TIMELINE)}</strong><span data-kind></span></header>
  <div class="pb-scrub">
    <button type="button" data-go="play" aria-pressed="false" aria-label="{escape(messages.runs.PLAY)}"
      title="{escape(messages.runs.PLAY)}"><svg viewBox="0 0 24 24" aria-hidden="true"><path/></svg></button>
    <div class="pb-track"><i class="pb-best-mark" title="{escape(messages.runs.BEST)}" hidden></i>
      <input type="range" min="0" step="1" aria-label="{escape(messages.runs.MOMENT)}" data-moments></div>
    {_button("newest", messages.runs.NEWEST, messages.runs.FOLLOW)}
  </div>
  <div class="pb-moment-row"><dl>{_facts(messages.runs.MOMENT_FACTS)}</dl>
    <button type="button" class="pb-best" data-go="best" hidden><img alt="" decoding="async">
      <span>{escape(messages.runs.BEST)}<b></b></span></button></div>
  <div class="pb-triples"></div>
  <template><div class="pb-triple" role="group">
    {_FIGURES}
  </div></template>
</section>
"""


def _side(side: str, name: str) -> str:
    return (
        f'<div class="pb-side" data-side="{side}" role="group" aria-label="{escape(name)}"><p><b>{escape(name)}</b>'
        f'<span data-label></span></p><div class="pb-scrub"><div class="pb-track"><input type="range" min="0" step="1" '
        f'aria-label="{escape(f"{name}: {messages.runs.MOMENT}")}"></div>'
        f"{_button('best', messages.runs.BEST_SHORT)}{_button('newest', messages.runs.NEWEST)}</div></div>"
    )


_COMPARISON = f"""
<div data-empty>{placeholder(messages.runs.NOTHING_TO_COMPARE)}</div>
<section class="pb-ab" hidden>
  <div class="pb-sides-ab">{_side("a", messages.runs.LEFT)}{_side("b", messages.runs.RIGHT)}</div>
  <label class="pb-which">{escape(messages.runs.PICTURE)} <select></select></label>
  <div class="pb-ab-view"><img data-side="a"><img data-side="b">
    <span class="pb-tag" data-tag="a"></span><span class="pb-tag" data-tag="b"></span>
    <i class="pb-ab-line"></i>
    <input type="range" min="0" max="100" step="1" value="50" class="pb-divider"
      aria-label="{escape(messages.runs.DIVIDER)}"></div>
</section>
"""
