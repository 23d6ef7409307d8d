// One photo before and after: a divider, side by side, zoom, the area that may change, and brushes.
const find = (selector) => element.querySelector(selector);
const all = (selector) => [...element.querySelectorAll(selector)];
const viewer = find(".pb-view");
const [left, right] = all(".pb-pane");
const before = find("#edit-before img");
const after = find("#edit-after img");
const strength = find("#edit-strength");
const areaCanvas = find(".pb-area");
const paintCanvas = find(".pb-paint");
const MAX_DRAWN = 2048; // pixels; finer than that nobody brushes
const TINT = stripes("#d6189a", "#ffffff"); // two colors, so that one of them shows on whatever is below
const trouble = find("#edit-trouble");
const stage = find(".pb-stage");
let answer = null; // what the server sent last, previews aside
let shown = null; // the answer whose pictures are on the page
let turn = 0; // counts answers that wait for their pictures: only the last is shown
let size = null; // of the photo
let zoom = 1;
let tool = "look"; // look, add, remove or paint
let stroke = null; // the points of the stroke that is being made, and what was painted before it
let isPicking = false; // whether the next click takes a color
let pending = 0; // strokes that were made and not answered
let sending = Promise.resolve(); // uploads one after the other, since each stroke contains those before it
const dragged = { wanted: null, due: 0 }; // the strength to preview next, and when the answer to the last is overdue

// The stage leaves room in the window for the tools below it.
const tallest = () => Math.max(320, innerHeight - 340);

function stripes(one, other) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 12;
  const context = tile.getContext("2d");
  context.fillStyle = one;
  context.fillRect(0, 0, 12, 12);
  context.strokeStyle = other;
  context.lineWidth = 3;
  for (const x of [-12, 0, 12]) { context.moveTo(x, 12); context.lineTo(x + 12, 0); }
  context.stroke();
  return context.createPattern(tile, "repeat");
}

function place() {
  if (!size) return;
  stage.style.setProperty("--tallest", `${tallest() + 2}px`);
  const { width, height } = size;
  const room = left.clientWidth;
  const fit = Math.min(room / width, tallest() / height);
  for (const picture of all(".pb-layers")) {
    picture.style.width = `${width * fit * zoom}px`;
    picture.style.height = `${height * fit * zoom}px`;
  }
  viewer.classList.toggle("pb-zoomed", zoom > 1);
  find("[data-zoom-level]").textContent = zoom === 1 ? words.fit_short : `${Math.round(fit * zoom * 100)} %`;
}

function setView(view) {
  viewer.dataset.view = view;
  for (const button of all("[data-view-button]")) {
    button.setAttribute("aria-pressed", String(button.dataset.viewButton === view));
  }
  place();
}

function setCut(share) {
  viewer.style.setProperty("--cut", `${share}%`);
  find("#edit-divider").value = share;
}

function setTool(name) {
  tool = tool === name ? "look" : name;
  viewer.dataset.tool = tool;
  for (const button of all("[data-tool-button]")) {
    button.setAttribute("aria-pressed", String(button.dataset.toolButton === tool));
  }
  setPicking(false);
  setCut(tool === "look" ? 50 : 0);
  toggle("area", tool === "add" || tool === "remove");
}

function setPicking(on) {
  isPicking = on;
  find("[data-pick]").setAttribute("aria-pressed", String(on));
}

function toggle(name, on) {
  viewer.classList.toggle(`pb-shows-${name}`, on);
  find(`[data-toggle="${name}"]`).setAttribute("aria-pressed", String(viewer.classList.contains(`pb-shows-${name}`)));
}

function prepare(canvas) {
  const scale = Math.min(1, MAX_DRAWN / Math.max(size.width, size.height));
  canvas.width = Math.max(1, Math.round(size.width * scale));
  canvas.height = Math.max(1, Math.round(size.height * scale));
  return canvas.getContext("2d");
}

async function loaded(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}

function drawArea(image) {
  const context = prepare(areaCanvas);
  context.drawImage(image, 0, 0, areaCanvas.width, areaCanvas.height);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = TINT;
  context.fillRect(0, 0, areaCanvas.width, areaCanvas.height);
  context.globalCompositeOperation = "source-over";
}

function render() {
  const value = props.value;
  viewer.hidden = !value;
  if (value?.preview) {
    if (value.photo === shown?.photo) after.src = value.preview;
    dragged.due = 0;
    if (dragged.wanted !== null) drag(dragged.wanted);
    return;
  }
  answer = value;
  show();
}

async function show() {
  const value = answer, own = ++turn;
  if (!value) { shown = stroke = null; return; }
  const urls = [value.before, value.after, value.area].filter(Boolean);
  const pictures = await Promise.all(urls.map(loaded)).catch((error) => { if (own === turn) throw error; });
  if (own !== turn) return;
  const isOther = value.photo !== shown?.photo;
  if (isOther) { stroke = null; trouble.textContent = ""; } // these belong to the previous photo
  // Until all strokes are answered, the page holds strokes that the answer lacks.
  const isDrawing = !isOther && (pending > 0 || (stroke && tool !== "look"));
  shown = value;
  size = { width: pictures[0].naturalWidth, height: pictures[0].naturalHeight };
  viewer.classList.toggle("pb-has-edit", Boolean(value.after));
  before.alt = words.before.replace("{name}", () => value.name);
  after.alt = words.edited.replace("{name}", () => value.name);
  before.src = value.before;
  after.src = value.after || value.before;
  place();
  if (!isDrawing) prepare(paintCanvas);
  if (isOther) {
    zoom = 1;
    place();
    if (tool === "look") setCut(50);
    if (viewer.getBoundingClientRect().top > innerHeight * 0.7) viewer.scrollIntoView(); // below the fold of a phone
  }
  if (!value.after) return;
  if (isOther || document.activeElement !== strength) { // else it may have been moved on meanwhile
    strength.value = value.strength;
    find("#edit-strength-value").textContent = `${value.strength} %`;
  }
  find("#edit-scope").value = value.scope;
  find('[data-toggle="heat"]').hidden = !value.heat;
  find(".pb-heat").src = value.heat || "";
  find("#edit-heat-note").textContent = value.heatTitle;
  find("[data-step=undo]").hidden = !value.canUndo;
  find("[data-step=redo]").hidden = !value.canRedo;
  if (!value.heat) toggle("heat", false);
  if (!isDrawing) drawArea(pictures[2]);
}

function answered() {
  pending -= 1;
  if (!pending) show();
}

function blob(canvas) { // a canvas that is too large for the browser has none
  return new Promise((done, failed) => canvas.toBlob((data) => data ? done(data) : failed(), "image/png"));
}

function flat(width, height, draw) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  draw(canvas.getContext("2d"));
  return canvas;
}

async function retouched(edit, drawn) {
  const image = await loaded(edit); // the edit in full, whatever the page shows by now
  const { naturalWidth: width, naturalHeight: height } = image;
  return flat(width, height, (context) => {
    context.drawImage(image, 0, 0);
    context.drawImage(drawn, 0, 0, width, height);
  });
}

function brushed(drawn) {
  const { width, height } = drawn;
  return flat(width, height, (context) => {
    context.drawImage(drawn, 0, 0);
    context.globalCompositeOperation = "source-in";
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
    context.globalCompositeOperation = "destination-over";
    context.fillStyle = "black";
    context.fillRect(0, 0, width, height);
  });
}

// What a stroke belongs to is noted when it ends: another photo may be shown before it is uploaded.
function finish() {
  const { photo, after: edit } = shown, isPaint = tool === "paint", canvas = isPaint ? paintCanvas : areaCanvas;
  const drawn = flat(canvas.width, canvas.height, (context) => context.drawImage(canvas, 0, 0));
  const name = isPaint ? "retouch" : "brush";
  pending += 1;
  sending = sending.then(async () => {
    const data = await blob(isPaint ? await retouched(edit, drawn) : brushed(drawn));
    const { path } = await upload(new File([data], `${name}.png`, { type: "image/png" }));
    trigger(name, { path, photo });
  }).catch(() => {
    trouble.textContent = words.not_sent;
    answered();
  });
}

function point(event) {
  const box = areaCanvas.getBoundingClientRect();
  return [(event.clientX - box.left) * areaCanvas.width / box.width, (event.clientY - box.top) * areaCanvas.height / box.height];
}

const sizeOn = (canvas) => find("#edit-brush-size").value / 100 * Math.max(canvas.width, canvas.height);

function line(context, points, width, color) {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  context.moveTo(...points[0]);
  for (const to of points.length > 1 ? points.slice(1) : points) context.lineTo(...to);
  context.stroke();
}

// A soft stroke is the shadow of a thinner one that is drawn beside the canvas: as one line, for the edges of two that overlap
// would add up to a hard one.
function paint() {
  const context = paintCanvas.getContext("2d"), { width, height } = paintCanvas;
  const color = find("#edit-brush-color").value, size = sizeOn(paintCanvas);
  const blur = 0.6 * size * find("#edit-brush-soft").value / 100;
  context.clearRect(0, 0, width, height);
  context.drawImage(stroke.base, 0, 0);
  if (!blur) return line(context, stroke.points, size, color);
  context.save();
  Object.assign(context, { shadowColor: color, shadowBlur: blur, shadowOffsetX: 2 * width });
  context.translate(-2 * width, 0);
  line(context, stroke.points, size - blur, color);
  context.restore();
}

function draw(event) {
  stroke.points.push(point(event));
  if (tool === "paint") return paint();
  const context = areaCanvas.getContext("2d");
  context.globalCompositeOperation = tool === "remove" ? "destination-out" : "source-over";
  line(context, stroke.points.slice(-2), sizeOn(areaCanvas), TINT);
}

function pick(event) {
  const [x, y] = point(event), { width, height } = areaCanvas;
  const pixel = flat(1, 1, (context) => {
    const [sx, sy] = [x / width * after.naturalWidth, y / height * after.naturalHeight].map(Math.floor);
    context.drawImage(after, sx, sy, 1, 1, 0, 0, 1, 1);
    if (paintCanvas.width) context.drawImage(paintCanvas, Math.floor(x), Math.floor(y), 1, 1, 0, 0, 1, 1);
  }).getContext("2d").getImageData(0, 0, 1, 1).data;
  find("#edit-brush-color").value = `#${[...pixel.slice(0, 3)].map((level) => level.toString(16).padStart(2, "0")).join("")}`;
  setPicking(false);
}

// How large a stroke would be, around the pointer.
function showRing(event) {
  const box = areaCanvas.getBoundingClientRect(), frame = stage.getBoundingClientRect();
  const side = find("#edit-brush-size").value / 100 * Math.max(box.width, box.height);
  Object.assign(find(".pb-ring").style, {
    width: `${side}px`, height: `${side}px`, left: `${event.clientX - frame.left}px`, top: `${event.clientY - frame.top}px`,
  });
}

function cutAt(event) {
  const box = left.getBoundingClientRect();
  setCut(Math.min(100, Math.max(0, (event.clientX - box.left) / box.width * 100)));
}

stage.addEventListener("pointerdown", (event) => {
  if (event.button || !viewer.classList.contains("pb-has-edit")) return;
  if (tool === "look") {
    if (viewer.dataset.view === "split" && zoom === 1) { stage.setPointerCapture(event.pointerId); stroke = {}; cutAt(event); }
    return;
  }
  event.preventDefault();
  if (tool === "paint" && (isPicking || event.altKey)) return pick(event);
  const isPreview = tool === "paint" && after.getAttribute("src") !== shown.after;
  trouble.textContent = isPreview ? words.quick_look : "";
  if (isPreview) return;
  stage.setPointerCapture(event.pointerId);
  const { width, height } = paintCanvas;
  stroke = { points: [], base: tool === "paint" && flat(width, height, (context) => context.drawImage(paintCanvas, 0, 0)) };
  draw(event);
});
stage.addEventListener("pointermove", (event) => {
  if (tool !== "look") showRing(event);
  if (!stroke) return;
  if (tool === "look") cutAt(event); else draw(event);
});
for (const kind of ["pointerup", "pointercancel"]) {
  stage.addEventListener(kind, () => {
    if (!stroke) return;
    stroke = null;
    if (tool !== "look") finish();
  });
}
viewer.addEventListener("pb-answered", answered);

// Undo and redo, behind the strokes that are still being sent.
function move(step) {
  const { photo } = shown;
  sending = sending.then(() => trigger(step, { photo }));
}

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
for (const [one, other] of [[left, right], [right, left]]) {
  one.addEventListener("scroll", () => {
    if (other.scrollLeft !== one.scrollLeft) other.scrollLeft = one.scrollLeft;
    if (other.scrollTop !== one.scrollTop) other.scrollTop = one.scrollTop;
  });
}
viewer.addEventListener("click", (event) => {
  const { viewButton, zoomButton, toggle: name, toolButton, step, pick: picks } = event.target.closest("button")?.dataset ?? {};
  if (viewButton) setView(viewButton);
  if (zoomButton) { zoom = zoomButton === "fit" ? 1 : Math.min(16, Math.max(1, zoom * Number(zoomButton))); place(); }
  if (name) toggle(name, !viewer.classList.contains(`pb-shows-${name}`));
  if (toolButton) setTool(toolButton);
  if (step) move(step);
  if (picks !== undefined) setPicking(!isPicking);
});
find("#edit-divider").addEventListener("input", (event) => setCut(event.target.value));
// One preview at a time (throttled), and after it one of the strength that is wanted by then.
function drag(value) {
  const isBusy = performance.now() < dragged.due;
  dragged.wanted = isBusy ? value : null;
  if (isBusy) return;
  dragged.due = performance.now() + 3000;
  trigger("drag", { value });
}
let settled = 0; // debounces: a key that is held down asks for many strengths, and only the last is wanted in full
for (const [kind, done] of [["input", false], ["change", true]]) {
  strength.addEventListener(kind, () => {
    const value = Number(strength.value);
    find("#edit-strength-value").textContent = `${value} %`;
    clearTimeout(settled);
    if (!done) return drag(value);
    dragged.wanted = null;
    settled = setTimeout(() => trigger("strength", { value }), 200);
  });
}
find("#edit-scope").addEventListener("change", (event) => trigger("scope", { value: event.target.value }));
new ResizeObserver(place).observe(stage);
addEventListener("resize", place);
watch("value", render);
render();
