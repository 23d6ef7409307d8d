// Frames of the Edit tab: squares of the photo that are edited instead of all of it. While the tool "frame" is chosen, they are
// drawn, moved and resized with a mouse, a finger or the keyboard; a frame is { left, top, side } in pixels of the photo.
const SMALLEST = 32; // pixels of the photo
const MAX_FRAMES = 12;
const frameLayer = element.querySelector(".pb-frames");
const declined = new Set(); // photos for which nothing more is to be suggested
let frames = [];
let grip = null; // the frame that is being drawn, moved or resized, and from where
let framesSettle = 0; // debounces the keys

const frameOf = ([x, y, side]) => ({ left: x, top: y, side });
const isOffered = () => Boolean(shown?.isLarge && !frames.length && !declined.has(shown.photo));
const suggested = () => (isOffered() ? shown.suggested.map(frameOf) : []);
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

function fitFrame(frame) {
  const most = Math.min(size.width, size.height);
  const side = Math.round(clamp(frame.side, Math.min(SMALLEST, most), most));
  const [x, y] = [frame.left, frame.top].map(Math.round);
  return Object.assign(frame, { side, left: clamp(x, 0, size.width - side), top: clamp(y, 0, size.height - side) });
}

function showFrames(value) {
  if (grip) return; // the person is at it
  frames = (value.frames ?? []).map(frameOf);
  drawFrames();
}

function frameElement(index) {
  const node = document.createElement("div");
  node.className = "pb-frame";
  node.tabIndex = 0;
  node.setAttribute("role", "group");
  node.dataset.frame = index;
  node.setAttribute("aria-label", words.frame.replace("{number}", index + 1));
  node.title = words.frame_keys;
  const remove = document.createElement("button");
  Object.assign(remove, { type: "button", className: "pb-remove", textContent: "×", title: words.remove_frame });
  remove.setAttribute("aria-label", `${words.remove_frame}: ${index + 1}`);
  for (const corner of ["nw", "ne", "sw", "se"]) {
    const handle = document.createElement("i");
    handle.className = "pb-grip";
    handle.dataset.corner = corner;
    node.append(handle);
  }
  node.append(remove);
  return node;
}

// What the frames look like, where the photo lies by now.
function drawFrames() {
  const nodes = [...frameLayer.querySelectorAll("[data-frame]")];
  for (const node of nodes.slice(frames.length)) node.remove();
  for (let index = nodes.length; index < frames.length; index += 1) frameLayer.append(frameElement(index));
  const box = before.parentElement.getBoundingClientRect(), origin = stage.getBoundingClientRect();
  const scale = size ? box.width / size.width : 0;
  const put = (node, { left: x, top: y, side }) => {
    const [width, height] = [`${side * scale}px`, `${side * scale}px`];
    Object.assign(node.style, { left: `${box.left - origin.left + x * scale}px`, top: `${box.top - origin.top + y * scale}px`, width, height });
    return node;
  };
  frameLayer.querySelectorAll("[data-frame]").forEach((node, index) => put(node, frames[index]));
  for (const ghost of frameLayer.querySelectorAll(".pb-ghost")) ghost.remove();
  const offer = suggested();
  for (const frame of offer) frameLayer.append(put(Object.assign(document.createElement("div"), { className: "pb-ghost" }), frame));
  const note = find("#edit-large");
  if (!note) return; // the tools are not there yet
  note.hidden = !isOffered();
  if (note.hidden) return;
  find("#edit-large-words").textContent = offer.length ? words.large_found : words.large;
  find("[data-frame-yes]").textContent = offer.length ? words.frame_yes : words.frame_add;
}

function sendFrames() {
  clearTimeout(framesSettle);
  const { photo } = shown, given = frames.map(({ left: x, top: y, side }) => [x, y, side]);
  sending = sending.then(() => trigger("frames", { photo, frames: given })); // behind strokes that are still being sent
}

function sendFramesSoon() {
  clearTimeout(framesSettle);
  framesSettle = setTimeout(sendFrames, 600);
}

function addFrames(given) {
  if (!shown?.after || frames.length >= MAX_FRAMES) return;
  const side = Math.min(size.width, size.height) / 3;
  const middle = { left: (size.width - side) / 2, top: (size.height - side) / 2, side };
  frames.push(...(given.length ? given : [middle]).map(fitFrame));
  if (tool !== "frame") setTool("frame");
  drawFrames();
  sendFrames();
  frameLayer.querySelector(`[data-frame="${frames.length - 1}"]`).focus();
}

// A finger or mouse that removes a frame stays at the photo; who uses keys is led to what has the focus.
function removeFrame(index, isPointer) {
  frames.splice(index, 1);
  drawFrames();
  sendFrames();
  (frameLayer.querySelector("[data-frame]") ?? find("[data-frame-add]")).focus({ preventScroll: isPointer });
}

function inPhoto(event) {
  const box = before.parentElement.getBoundingClientRect(), scale = size.width / box.width;
  return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
}

function frameDown(event) {
  const node = event.target.closest("[data-frame]");
  if (event.target.closest("button")) return;
  const [x, y] = inPhoto(event), corner = event.target.closest("[data-corner]")?.dataset.corner;
  const frame = node && frames[Number(node.dataset.frame)];
  if (frame && !corner) grip = { frame, dx: frame.left - x, dy: frame.top - y };
  else if (frame) grip = { frame, x: frame.left + (corner[1] === "w" ? frame.side : 0), y: frame.top + (corner[0] === "n" ? frame.side : 0) };
  else if (frames.length < MAX_FRAMES) grip = { frame: { left: x, top: y, side: 0 }, x, y, isNew: true };
  if (!grip) return;
  event.preventDefault();
  grip.from = [x, y];
  stage.setPointerCapture(event.pointerId);
  node?.focus();
}

// A corner that is dragged keeps the opposite corner in its place.
function frameMove(event) {
  const [x, y] = inPhoto(event), { frame } = grip;
  grip.isMoved ||= Math.hypot(x - grip.from[0], y - grip.from[1]) * before.parentElement.clientWidth > 4 * size.width;
  if (!grip.isMoved) return;
  if (grip.dx !== undefined) Object.assign(frame, { left: x + grip.dx, top: y + grip.dy });
  else {
    const [right, down] = [x >= grip.x, y >= grip.y];
    const room = Math.min(right ? size.width - grip.x : grip.x, down ? size.height - grip.y : grip.y);
    const side = clamp(Math.max(Math.abs(x - grip.x), Math.abs(y - grip.y)), SMALLEST, Math.max(room, SMALLEST));
    Object.assign(frame, { side, left: right ? grip.x : grip.x - side, top: down ? grip.y : grip.y - side });
  }
  if (grip.isNew && !frames.includes(frame)) frames.push(frame);
  fitFrame(frame);
  drawFrames();
}

function frameUp() {
  const { isMoved } = grip;
  grip = null;
  if (isMoved) sendFrames();
}

function frameKey(event) {
  const index = Number(event.target.dataset.frame), frame = frames[index];
  if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); return removeFrame(index, false); }
  const step = event.shiftKey ? 1 : Math.max(1, Math.round(frame.side / 20));
  const [dx, dy] = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key] ?? [0, 0];
  const grow = { "+": step, "=": step, "-": -step }[event.key] ?? 0;
  if (!dx && !dy && !grow) return;
  event.preventDefault();
  fitFrame(Object.assign(frame, { left: frame.left + dx - grow / 2, top: frame.top + dy - grow / 2, side: frame.side + grow }));
  drawFrames();
  sendFramesSoon();
}

frameLayer.addEventListener("keydown", (event) => { if (event.target.matches("[data-frame]")) frameKey(event); });
frameLayer.addEventListener("click", ({ target, detail }) => { // detail counts clicks: 0 for a key
  if (target.closest(".pb-remove")) removeFrame(Number(target.closest("[data-frame]").dataset.frame), detail > 0);
});
left.addEventListener("scroll", drawFrames);
