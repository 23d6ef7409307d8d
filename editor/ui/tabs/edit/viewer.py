"""The large picture of the Edit tab, and the controls around it: everything else is in `assets/edit_viewer.js`."""

from __future__ import annotations

from html import escape

import gradio as gr

from editor.ui import messages
from editor.ui.components.html import script

# Tells `edit_viewer.js` that a stroke which it sent was answered, well or not.
ANSWERED = "() => { document.querySelector('#edit-slider .pb-view').dispatchEvent(new Event('pb-answered')); }"


def viewer() -> gr.HTML:
    """Return the component. Its value is what `desk.show` or `desk.preview` says; it sends events, see `handlers`."""
    return gr.HTML(
        None,
        html_template=_template(),
        js_on_load=script("edit_viewer", words=messages.edit.VIEWER_WORDS),
        elem_id="edit-slider",
    )


def _template() -> str:
    words = messages.edit.VIEWER

    def switch(data: str, word: str, *, pressed: str = "false", extra: str = "") -> str:
        return f'<button type="button" {data} aria-pressed="{pressed}"{extra}>{escape(words[word])}</button>'

    scopes = "".join(f'<option value="{name}">{escape(label)}</option>' for name, label in messages.edit.SCOPES.items())
    views = switch('data-view-button="split"', "split", pressed="true") + switch('data-view-button="side"', "side")
    zoom = (
        f'<button type="button" data-zoom-button="0.5" aria-label="{escape(words["zoom_out"])}">−</button>'
        f'<button type="button" data-zoom-button="fit" data-zoom-level aria-label="{escape(words["fit"])}">'
        f"{escape(words['fit_short'])}</button>"
        f'<button type="button" data-zoom-button="2" aria-label="{escape(words["zoom_in"])}">+</button>'
    )
    overlays = switch('data-toggle="area"', "area") + switch('data-toggle="heat"', "heat", extra=" hidden")
    tools = "".join(switch(f'data-tool-button="{name}"', name) for name in ("add", "remove", "paint"))
    return f"""
<div class="pb-view" data-view="split" data-tool="look" hidden>
  <div class="pb-tools" role="toolbar" aria-label="{escape(words["view"])}">
    <span class="pb-group">{views}</span><span class="pb-group">{zoom}</span>
    <span class="pb-group pb-only-edited">{overlays}</span>
  </div>
  <div class="pb-stage">
    <div class="pb-pane" tabindex="0" role="group" aria-label="{escape(words["before"])}">
      <div class="pb-layers" id="edit-before"><img alt="" draggable="false"></div></div>
    <div class="pb-pane pb-over-pane" tabindex="0" role="group" aria-label="{escape(words["after"])}">
      <div class="pb-layers"><span id="edit-after"><img alt="" draggable="false"></span>
        <img class="pb-heat" alt="{escape(words["heat"])}" draggable="false">
        <canvas class="pb-area" aria-hidden="true"></canvas><canvas class="pb-paint" aria-hidden="true"></canvas>
      </div></div>
    <i class="pb-cut" aria-hidden="true"></i><i class="pb-ring" aria-hidden="true"></i>
  </div>
  <p class="pb-note pb-bad" id="edit-trouble" role="alert"></p>
  <p class="pb-help pb-only-heat" id="edit-heat-note"></p>
  <input id="edit-divider" class="pb-only-edited" type="range" min="0" max="100" step="1" value="50"
    aria-label="{escape(words["divider"])}">
  <div class="pb-tools pb-only-edited">
    <label>{escape(words["strength"])}
      <input id="edit-strength" type="range" min="0" max="150" step="5" value="100">
      <output id="edit-strength-value" for="edit-strength">100 %</output></label>
    <label>{escape(words["scope"])} <select id="edit-scope">{scopes}</select></label>
  </div>
  <div class="pb-tools pb-only-edited" role="toolbar" aria-label="{escape(words["brushes"])}">
    <span class="pb-group">{tools}</span>
    <span class="pb-group pb-only-corrected"><button type="button" data-undo>{escape(words["undo"])}</button></span>
    <label class="pb-only-brushing">{escape(words["size"])}
      <input id="edit-brush-size" type="range" min="1" max="20" step="1" value="5"></label>
    <label class="pb-only-painting">{escape(words["color"])}
      <input id="edit-brush-color" type="color" value="#222222"></label>
  </div>
</div>
"""
