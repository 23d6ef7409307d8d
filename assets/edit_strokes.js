// Brushes of the Edit tab: strokes say where the photo may change, or are painted on its edit.
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

function answered() {
  pending -= 1;
  if (!pending) show();
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

function begin(event) {
  event.preventDefault();
  if (tool === "paint" && (isPicking || event.altKey)) return pick(event);
  const isPreview = tool === "paint" && after.getAttribute("src") !== shown.after;
  trouble.textContent = isPreview ? words.quick_look : "";
  if (isPreview) return;
  stage.setPointerCapture(event.pointerId);
  const { width, height } = paintCanvas;
  stroke = { points: [], base: tool === "paint" && flat(width, height, (context) => context.drawImage(paintCanvas, 0, 0)) };
  draw(event);
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

function setTool(name) {
  tool = desk.dataset.tool = tool === name ? "look" : name;
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

// Undo and redo, behind the strokes that are still being sent.
function move(step) {
  const { photo } = shown;
  sending = sending.then(() => trigger(step, { photo }));
}
