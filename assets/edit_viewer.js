// What a person does on the stage and with the tools beside it. The tools are a component of their own, which may be there
// later than this one, so their events are heard on the desk.
const dragged = { wanted: null, due: 0 }; // the strength to preview next, and when the answer to the last is overdue
let settled = 0; // debounces: a key that is held down asks for many strengths, and only the last is wanted in full
let panned = null; // where the pointer was when it last moved a zoomed photo

function render() {
  const value = props.value;
  if (value?.preview) {
    if (value.photo === shown?.photo) after.src = value.preview;
    dragged.due = 0;
    if (dragged.wanted !== null) drag(dragged.wanted);
    return;
  }
  answer = value;
  show();
}

function showTools(value, isOther) {
  const strength = find("#edit-strength");
  if (isOther || document.activeElement !== strength) { // else it may have been moved on meanwhile
    strength.value = value.strength;
    find("#edit-strength-value").textContent = `${value.strength} %`;
  }
  find("#edit-scope").value = value.scope;
  find("[data-step=undo]").hidden = !value.canUndo;
  find("[data-step=redo]").hidden = !value.canRedo;
  showFrames(value);
}

// One preview at a time (throttled), and after it one of the strength that is wanted by then.
function drag(value) {
  const isBusy = performance.now() < dragged.due;
  dragged.wanted = isBusy ? value : null;
  if (isBusy) return;
  dragged.due = performance.now() + 3000;
  trigger("drag", { value });
}

function strengthMoved(strength, isDone) {
  const value = Number(strength.value);
  find("#edit-strength-value").textContent = `${value} %`;
  clearTimeout(settled);
  if (!isDone) return drag(value);
  dragged.wanted = null;
  settled = setTimeout(() => trigger("strength", { value }), 200);
}

stage.addEventListener("pointerdown", (event) => {
  if (event.button || !shown?.after) return;
  if (tool === "frame") return frameDown(event);
  if (tool !== "look") return begin(event);
  if (zoom > 1 && event.pointerType === "mouse") panned = event;
  else if (zoom === 1 && viewer.dataset.view === "split") { stroke = {}; cutAt(event); }
  if (panned || stroke) stage.setPointerCapture(event.pointerId);
});
stage.addEventListener("pointermove", (event) => {
  if (tool !== "look") showRing(event);
  if (grip) return frameMove(event);
  if (panned) {
    left.scrollBy(panned.clientX - event.clientX, panned.clientY - event.clientY);
    panned = event;
  } else if (stroke && tool === "look") cutAt(event);
  else if (stroke) draw(event);
});
for (const kind of ["pointerup", "pointercancel"]) {
  stage.addEventListener(kind, () => {
    panned = null;
    if (grip) return frameUp();
    if (!stroke) return;
    stroke = null;
    if (tool !== "look") finish();
  });
}
for (const [one, other] of [[left, right], [right, left]]) {
  one.addEventListener("scroll", () => {
    if (other.scrollLeft !== one.scrollLeft) other.scrollLeft = one.scrollLeft;
    if (other.scrollTop !== one.scrollTop) other.scrollTop = one.scrollTop;
  });
}
viewer.addEventListener("pb-answered", answered);

desk.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const { viewButton, zoomButton, toggle: name, toolButton, step, pick: picks, save } = button?.dataset ?? {};
  if (viewButton) setView(viewButton);
  if (zoomButton) setZoom(zoomButton);
  if (name) toggle(name, !viewer.classList.contains(`pb-shows-${name}`));
  if (toolButton) setTool(toolButton);
  if (step) move(step);
  if (picks !== undefined) setPicking(!isPicking);
  if (button?.matches("[data-frame-add]")) addFrames([]);
  if (button?.matches("[data-frame-yes]")) addFrames(suggested());
  if (button?.matches("[data-frame-no]")) { declined.add(shown.photo); drawFrames(); }
  if (save) trigger(save === "all" ? "archive" : "download", { format: find("#edit-format").value });
  if (button?.matches(".pb-head [data-remove]") && shown) trigger("remove", { photo: shown.photo });
});
desk.addEventListener("input", ({ target }) => {
  if (target.id === "edit-divider") setCut(target.value);
  if (target.id === "edit-strength") strengthMoved(target, false);
}, true);
desk.addEventListener("change", ({ target }) => {
  if (target.id === "edit-strength") strengthMoved(target, true);
  if (target.id === "edit-scope") trigger("scope", { value: target.value });
}, true);

// Keys as in other programs that paint, while the tab is open and nobody types.
const listen = (event) => {
  if (!element.isConnected) return document.removeEventListener("keydown", listen);
  const isTyping = event.target.matches("textarea, select, [contenteditable], input:not([type=range], [type=color], [type=checkbox], [type=radio])");
  if (isTyping || event.altKey || !shown?.after || !viewer.offsetParent) return;
  const key = event.key.toLowerCase(), isCommand = event.ctrlKey || event.metaKey;
  const step = isCommand && (key === "y" || (key === "z" && event.shiftKey) ? "redo" : key === "z" && "undo");
  const grow = !isCommand && tool !== "look" && { "[": -1, "]": 1 }[key];
  if (!step && !grow) return;
  event.preventDefault();
  if (grow) find("#edit-brush-size").stepUp(grow);
  else if (!find(`[data-step=${step}]`).hidden || pending) move(step);
};
document.addEventListener("keydown", listen);

for (const watched of [desk, stage, document.body]) new ResizeObserver(() => { fitDesk(); place(); }).observe(watched);
addEventListener("resize", () => { fitDesk(); place(); });
setView("split");
desk.dataset.tool = tool;
watch("value", render);
render();
