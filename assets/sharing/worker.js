// Edits in the background, so that the page stays responsive. Messages in: start, open and apply; out: progress, ready,
// edited and failed. They are worked off one after another.
let ort, effect, sessions, photo, layers, detail, seen, answer;

const report = (share) => postMessage({ kind: "progress", share });

// Ends what is being done; the page has a sentence for each reason.
function because(reason, error = new Error(reason)) {
  throw Object.assign(error, { reason });
}

async function start({ glue, wasm, graphs, described }) {
  ort = await import(URL.createObjectURL(new Blob([glue], { type: "text/javascript" })));
  ort.env.logLevel = "error";
  ort.env.wasm.wasmBinary = wasm;
  ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;
  effect = described;
  sessions = {};
  for (const [name, graph] of Object.entries(graphs)) sessions[name] = await ort.InferenceSession.create(new Uint8Array(graph));
  return { kind: "ready" };
}

const runs = (name) => async (planes, width, height) => {
  const picture = new ort.Tensor("float32", planes, [1, 3, height, width]);
  const result = await sessions[name].run({ picture });
  return Object.values(result)[0].data;
};

// Decodes a file upright, and asks the network what to do with it.
async function open({ file }) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch((error) => because("file", error));
  const { width, height } = bitmap;
  if (width * height > effect.most_pixels) because("large");
  const drawing = new OffscreenCanvas(width, height).getContext("2d");
  drawing.drawImage(bitmap, 0, 0);
  bitmap.close();
  photo = { width, height, data: drawing.getImageData(0, 0, width, height).data };
  layers = onBackdrop(photo);
  detail = effect.detail && (await filtered(layers.shown, effect.detail, effect.color_map, runs("detail"), report));
  seen = fitted(detail ? detail.after : layers.shown, effect);
  answer = await inWindows(seen, effect.grid, runs("answer"));
}

function apply({ strength, id }) {
  const shown = detail && strength ? withDetail(layers.shown, detail, strength) : layers.shown;
  const edit = transferred(shown, answer, seen, { strength, colorMap: detail ? null : effect.color_map, onRow: everyTenth(report) });
  const { width, height, data } = layers.finish(edit);
  return { kind: "edited", id, strength, width, height, data };
}

function everyTenth(report) {
  let last = 0;
  return (share) => { if (share - last >= 0.1) report((last = share)); };
}

let queue = Promise.resolve();
onmessage = ({ data: message }) => {
  queue = queue.then(async () => {
    const begun = performance.now();
    try {
      if (message.kind === "start") postMessage(await start(message));
      else {
        if (message.file) await open(message);
        const edited = apply(message);
        postMessage({ ...edited, seconds: (performance.now() - begun) / 1000 }, [edited.data.buffer]);
      }
    } catch (error) {
      const reason = error.reason ?? (message.kind === "start" ? "start" : "edit");
      postMessage({ kind: "failed", reason, detail: String(error.message ?? error), id: message.id });
    }
  });
};
