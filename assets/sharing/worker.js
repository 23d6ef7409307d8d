// Edits in the background, so that the page stays responsive. Messages in: start, open and apply; out: progress, ready,
// edited and failed. They are worked off one after another; what a newer one makes needless is left out.
let ort, effect, cutouts, sessions;
let opened = null; // what is known of the photo, see `open`
let newest = { open: 0, apply: 0 }; // ids of messages

const report = (share) => postMessage({ kind: "progress", share });

// Ends what is being done; the page has a sentence for each reason.
function because(reason, error = new Error(reason)) {
  throw Object.assign(error, { reason });
}

async function start({ glue, wasm, graphs, pngs, described }) {
  ort = await import(URL.createObjectURL(new Blob([glue], { type: "text/javascript" })));
  ort.env.logLevel = "error";
  ort.env.wasm.wasmBinary = wasm;
  ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;
  effect = described;
  cutouts = [];
  for (const { small, large } of pngs) cutouts.push({ maps: mapsOf(bled(await cutoutFrom(small), effect.paste.bleed)), png: large });
  sessions = {};
  for (const [name, graph] of Object.entries(graphs)) sessions[name] = await ort.InferenceSession.create(new Uint8Array(graph));
}

const runs = (name) => async (planes, width, height) => {
  const picture = new ort.Tensor("float32", planes, [1, 3, height, width]);
  const result = await sessions[name].run({ picture });
  return Object.values(result)[0].data;
};

// Decodes a file upright, asks the network what to do with it, and finds where what the effect adds belongs.
async function open({ file }) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch((error) => because("file", error));
  const { width, height } = bitmap;
  if (width * height > effect.most_pixels) because("large");
  const drawing = new OffscreenCanvas(width, height).getContext("2d");
  drawing.drawImage(bitmap, 0, 0);
  bitmap.close();
  const photo = { width, height, data: drawing.getImageData(0, 0, width, height).data }, layers = onBackdrop(photo);
  const source = byPhoto(layers.shown, 1), after = effect.color_map?.gain_size ? null : effect.color_map;
  const detail = effect.detail && (await filtered(source, effect.detail, after, runs("detail"), report));
  const colorMap = detail ? null : after; // where there is a detail filter, it has done that
  const seen = fitted(detail ? detail.after : source, effect);
  const answer = await inWindows(seen.picture, effect.grid, runs("answer"));
  const whole = { left: 0, top: 0, width: seen.width, height: seen.height };
  const edit = cutouts.length && transferred(seen.picture, answer, { ...seen, box: whole }, { strength: 1, colorMap });
  const paste = edit && (await pasteFor(seen, edit, photo, cutouts, effect.paste));
  return { layers, detail, colorMap, seen, answer, paste };
}

const byPhoto = (photo, strength) => (effect.color_map?.gain_size ? mappedByPhoto(photo, effect.color_map, strength) : photo);

function apply({ strength, id }) {
  const { layers, detail, colorMap, seen, answer, paste } = opened ?? because("edit");
  const source = byPhoto(layers.shown, strength), shown = detail && strength ? withDetail(source, detail, strength) : source;
  const edit = transferred(shown, answer, seen, { strength, colorMap, paste, onRow: everyTenth(report) });
  if (effect.grain && strength) withGrain(edit, effect.grain, seedOf(layers.shown), strength);
  const { width, height, data } = layers.finish(edit);
  return { kind: "edited", id, strength, width, height, data };
}

function everyTenth(report) {
  let last = 0;
  return (share) => { if (share - last >= 0.1) report((last = share)); };
}

let begun; // the start, which everything waits for

async function answered(message) {
  await new Promise((done) => setTimeout(done)); // so that newer messages come in
  const begin = performance.now();
  try {
    await begun;
    if (message.kind === "start") return postMessage({ kind: "ready" });
    if (message.kind === "open") {
      if (message.id !== newest.open) return;
      opened = null;
      opened = await open(message);
    }
    if (message.id !== Math.max(newest.open, newest.apply)) return;
    const edited = apply(message);
    postMessage({ ...edited, seconds: (performance.now() - begin) / 1000 }, [edited.data.buffer]);
  } catch (error) {
    postMessage({ kind: "failed", reason: error.reason ?? "edit", detail: String(error.message ?? error), id: message.id });
  }
}

let queue = Promise.resolve();
onmessage = ({ data: message }) => {
  if (message.kind === "start") begun = start(message).catch((error) => because("start", error));
  else newest[message.kind] = message.id;
  queue = queue.then(() => answered(message));
};
