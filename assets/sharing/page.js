// The page: takes a photo, shows it before and after, and saves the edit. The worker does the work.
const find = (id) => document.getElementById(id);
const words = JSON.parse(find("words").textContent), effect = JSON.parse(find("effect").textContent);
const fill = (text, values) => text.replace(/{(\w+)}/g, (_, name) => values[name]);
let shown = ""; // name of the photo that is shown
let edit = null; // its edit, as the worker sent it
let last = 0; // id of the newest message to the worker
let chosen = 0; // how many files were chosen: of two, the later one is shown

function say(text, isBad = false) {
  find("status").textContent = text;
  find("status").classList.toggle("bad", isBad);
}

function fail(reason, detail = "") {
  find("progress").hidden = true;
  say(fill(words[reason], { detail, megapixels: effect.most_pixels / 1e6 }), true);
}

async function unpacked(id) {
  const text = atob(find(id).textContent), bytes = new Uint8Array(text.length);
  find(id).remove(); // the text takes as much memory as the network
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

// Starts the worker with everything that the page holds.
async function begin() {
  const worker = new Worker(URL.createObjectURL(new Blob([find("worker").textContent], { type: "text/javascript" })));
  worker.onmessage = ({ data }) => receive(data);
  worker.onerror = (event) => fail("start", event.message);
  const glue = new TextDecoder().decode(await unpacked("glue")), wasm = await unpacked("wasm"), graphs = {};
  for (const name of effect.graphs) graphs[name] = await unpacked(`graph-${name}`);
  const floats = async (id) => new Float32Array(await unpacked(id));
  const tables = effect.color_map && { ...effect.color_map, table: await floats("table") };
  if (tables?.gain_size) tables.gains = await floats("gains");
  const pngs = [];
  for (let number = 1; number <= (effect.paste?.count ?? 0); number++) {
    pngs.push({ small: await unpacked(`small-${number}`), large: await unpacked(`large-${number}`) });
  }
  worker.postMessage({ kind: "start", glue, wasm, graphs, pngs, described: { ...effect, color_map: tables } }, [wasm, ...Object.values(graphs)]);
  return worker;
}

function receive(message) {
  if (message.kind === "progress") {
    find("progress").hidden = false;
    find("progress").value = message.share;
  } else if (message.id !== undefined && message.id !== last) {
    return; // a newer one is on its way
  } else if (message.kind === "failed") fail(message.reason, message.detail);
  else if (message.kind === "edited") show(message);
  else if (!chosen) say(words.ready);
}

// Shows an edit, and with the first one of a photo the photo itself.
function show(message) {
  edit = message;
  const { width, height } = edit;
  find("progress").hidden = true;
  find("edited").width = width;
  find("edited").height = height;
  find("edited").getContext("2d").putImageData(new ImageData(edit.data, width, height), 0, 0);
  find("stage").classList.remove("waits");
  for (const id of ["png", "jpeg"]) find(id).disabled = false;
  say(fill(words.done, { width, height, seconds: edit.seconds.toFixed(1) }));
}

async function open(file) {
  if (!file) return;
  const turn = ++chosen;
  say(words.editing);
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  if (turn !== chosen) return bitmap?.close();
  if (!bitmap) return fail("file");
  const { width, height } = bitmap, canvas = find("original"), isTooLarge = width * height > effect.most_pixels;
  if (!isTooLarge) {
    [canvas.width, canvas.height] = [width, height];
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
  }
  bitmap.close();
  if (isTooLarge) return fail("large");
  shown = file.name.replace(/\.[^.]*$/, "");
  edit = null;
  find("edited").width = 1; // takes away the edit of the photo before
  find("stage").style.setProperty("--shape", width / height);
  find("drop").hidden = true;
  find("desk").hidden = false;
  ask({ kind: "open", file });
}

function ask(message) {
  last += 1;
  const id = last, strength = Number(find("strength").value);
  find("stage").classList.add("waits");
  for (const button of ["png", "jpeg"]) find(button).disabled = true;
  say(words.editing);
  started.then((worker) => worker.postMessage({ ...message, strength, id }), failToStart);
}

async function save(type, ending) {
  const canvas = document.createElement("canvas"), drawing = canvas.getContext("2d");
  [canvas.width, canvas.height] = [edit.width, edit.height];
  drawing.putImageData(new ImageData(edit.data, edit.width, edit.height), 0, 0);
  if (type === "image/jpeg") { // it knows no transparency
    drawing.globalCompositeOperation = "destination-over";
    drawing.fillStyle = "white";
    drawing.fillRect(0, 0, edit.width, edit.height);
  }
  const blob = await new Promise((done) => canvas.toBlob(done, type, 0.95));
  if (!blob) return fail("save");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${shown}-edited.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

let wait = 0;
find("strength").addEventListener("input", ({ target }) => {
  document.querySelector("output").textContent = `${Math.round(100 * target.value)}%`;
  clearTimeout(wait);
  wait = setTimeout(() => ask({ kind: "apply" }), 150);
});
find("cut").addEventListener("input", ({ target }) => find("stage").style.setProperty("--at", `${target.value}%`));
find("file").addEventListener("change", ({ target }) => { open(target.files[0]); target.value = ""; });
find("another").addEventListener("click", () => find("file").click());
find("png").addEventListener("click", () => save("image/png", "png"));
find("jpeg").addEventListener("click", () => save("image/jpeg", "jpg"));
addEventListener("paste", ({ clipboardData }) => open(clipboardData.files[0]));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => { event.preventDefault(); open(event.dataTransfer.files[0]); });
for (const name of ["dragenter", "dragleave", "drop"]) {
  addEventListener(name, ({ type, relatedTarget }) => document.body.classList.toggle("over", type === "dragenter" || (type === "dragleave" && relatedTarget !== null)));
}

const started = begin();
const failToStart = (error) => fail("start", error.message);
started.catch(failToStart);
