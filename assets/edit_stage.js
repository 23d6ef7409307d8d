// The stage of the Edit tab: one photo before and after, a divider or side by side, zoom, the area that may change. What it
// shows is told to the tools and the styles by attributes of the desk, the part of the page that holds all of the tab:
// data-photo is "coming" (not read by the server yet), "plain" (there is no edit of it) or "edited"; data-clip is the photo
// that is the first frame of a clip.
const desk = element.closest("#edit-desk");
const find = (selector) => desk.querySelector(selector);
const all = (selector) => [...desk.querySelectorAll(selector)];
const viewer = element.querySelector(".pb-view");
const stage = element.querySelector(".pb-stage");
const [left, right] = element.querySelectorAll(".pb-pane");
const before = element.querySelector("#edit-before img");
const after = element.querySelector("#edit-after img");
const areaCanvas = element.querySelector(".pb-area");
const paintCanvas = element.querySelector(".pb-paint");
const trouble = element.querySelector("#edit-trouble");
const MAX_DRAWN = 2048; // pixels; finer than that nobody brushes
const MAX_ZOOM = 16;
const TINT = stripes("#d6189a", "#ffffff"); // two colors, so that one of them shows on whatever is below
let answer = null; // what the server sent last, previews aside
let shown = null; // the answer whose pictures are on the page
let turn = 0; // counts answers that wait for their pictures: only the last is shown
let size = null; // of the photo
let zoom = 1; // 1 fits the photo into the stage
let tool = "look"; // look, add, remove, paint or frame
let stroke = null; // the points of the stroke that is being made, and what was painted before it
let isPicking = false; // whether the next click takes a color
let pending = 0; // strokes that were made and not answered
let sending = Promise.resolve(); // uploads one after the other, since each stroke contains those before it

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

// The desk reaches down to the end of the window, wherever it begins.
function fitDesk() {
  if (!desk.offsetParent) return;
  const top = desk.getBoundingClientRect().top + scrollY;
  desk.style.setProperty("--room", `${Math.round(innerHeight - top - 12)}px`);
}

// CSS pixels for a pixel of the photo that fits into the stage.
const fitting = () => Math.min(left.clientWidth / size.width, left.clientHeight / size.height);

function place() {
  if (!size || !left.clientWidth) return;
  stage.style.setProperty("--shape", size.height / size.width);
  const scale = fitting() * zoom;
  const across = (left.scrollLeft + left.clientWidth / 2) / left.scrollWidth; // what is in the middle stays there
  const down = (left.scrollTop + left.clientHeight / 2) / left.scrollHeight;
  for (const picture of all(".pb-layers")) {
    picture.style.width = `${Math.floor(size.width * scale)}px`;
    picture.style.height = `${Math.floor(size.height * scale)}px`;
  }
  viewer.classList.toggle("pb-zoomed", zoom > 1);
  left.scrollLeft = across * left.scrollWidth - left.clientWidth / 2;
  left.scrollTop = down * left.scrollHeight - left.clientHeight / 2;
  drawFrames();
  find("[data-zoom-level]").textContent = zoom === 1 ? words.fit_short : `${Math.round(scale * 100)} %`;
}

function setZoom(to) {
  const full = 1 / (fitting() || 1);
  const wanted = { fit: 1, full, in: zoom * 2, out: zoom / 2 }[to];
  zoom = Math.min(Math.max(MAX_ZOOM, full), Math.max(1, wanted));
  place();
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

function cutAt(event) {
  const box = left.getBoundingClientRect();
  setCut(Math.min(100, Math.max(0, (event.clientX - box.left) / box.width * 100)));
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

// A photo that was just dropped is shown from the browser's own file. Some formats only the server can read.
async function showComing(file) {
  const own = ++turn, url = URL.createObjectURL(file);
  const picture = await loaded(url).catch(() => null);
  if (own !== turn) return URL.revokeObjectURL(url);
  shown = stroke = null;
  viewer.hidden = false;
  desk.dataset.photo = "coming";
  trouble.textContent = "";
  find("#edit-name").textContent = file.name;
  size = picture && { width: picture.naturalWidth, height: picture.naturalHeight };
  before.parentElement.hidden = !picture;
  if (picture) before.src = url;
  zoom = 1;
  fitDesk();
  place();
}

document.addEventListener("pb-coming", ({ detail: { file } }) => { if (element.isConnected) showComing(file); });
document.addEventListener("pb-wait", ({ detail: { key, words: said } }) => { // an answer, or none: then as it was before
  if (element.isConnected && key === "edit" && !said && desk.dataset.photo === "coming") setTimeout(show);
});

// The panel of a clip hears of each answer: with other settings, the clip is to be edited anew.
function tellClip(value) {
  if (!value?.isClip && !desk.dataset.clip) return;
  if (value?.isClip) desk.dataset.clip = value.photo;
  else delete desk.dataset.clip;
  desk.dispatchEvent(new Event("pb-shown"));
}

async function show() {
  const value = answer, own = ++turn;
  if (!value) {
    shown = stroke = null;
    viewer.hidden = true;
    delete desk.dataset.photo;
    tellClip(null);
    return;
  }
  const urls = [value.before, value.after, value.area].filter(Boolean);
  const pictures = await Promise.all(urls.map(loaded)).catch((error) => { if (own === turn) throw error; });
  if (own !== turn) return;
  const isOther = value.photo !== shown?.photo;
  if (isOther) { stroke = null; trouble.textContent = ""; } // these belong to the previous photo
  // Until all strokes are answered, the page holds strokes that the answer lacks.
  const isDrawing = !isOther && (pending > 0 || (stroke && tool !== "look"));
  if (before.src.startsWith("blob:")) URL.revokeObjectURL(before.src);
  shown = value;
  size = { width: pictures[0].naturalWidth, height: pictures[0].naturalHeight };
  viewer.hidden = before.parentElement.hidden = false;
  desk.dataset.photo = value.after ? "edited" : "plain";
  tellClip(value);
  find("#edit-name").textContent = find("#edit-name").title = value.name;
  find("#edit-zip").hidden = value.count < 2;
  before.alt = words.before.replace("{name}", () => value.name);
  after.alt = words.edited.replace("{name}", () => value.name);
  before.src = value.before;
  after.src = value.after || value.before;
  if (isOther) zoom = 1;
  fitDesk();
  place();
  if (!isDrawing) prepare(paintCanvas);
  if (isOther) {
    if (tool === "look") setCut(50);
    if (viewer.getBoundingClientRect().top > innerHeight * 0.7) viewer.scrollIntoView(); // below the fold of a phone
  }
  if (!value.after) return;
  showTools(value, isOther);
  find('[data-toggle="heat"]').hidden = !value.heat;
  find(".pb-heat").src = value.heat || "";
  find("#edit-heat-note").textContent = value.heatTitle;
  if (!value.heat) toggle("heat", false);
  if (!isDrawing) drawArea(pictures[2]);
}
