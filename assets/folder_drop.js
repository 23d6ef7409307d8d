// A place for files, folders and zip files. Browsers upload files without their folders, so each path is sent along.
const zone = element.querySelector(".pb-drop");
const text = element.querySelector("[data-text]");
const idle = text.textContent;
const clutter = /(^|\/)(\.[^/]*|__MACOSX|Thumbs\.db|desktop\.ini)(\/|$)/i;

async function entriesOf(directory) {
  const reader = directory.createReader();
  const all = [];
  for (;;) { // readEntries returns at most 100 at a time
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return all;
    all.push(...some);
  }
}

// What cannot be read is listed without a `file`, so that it does not stop the others.
async function filesOf(entry, path = "") {
  try {
    if (entry.isFile) {
      const file = await new Promise((done, failed) => entry.file(done, failed));
      return [{ file, name: path + file.name }];
    }
    const inside = await Promise.all((await entriesOf(entry)).map((child) => filesOf(child, `${path}${entry.name}/`)));
    return inside.flat();
  } catch (error) {
    return [{ file: null, name: path + entry.name }];
  }
}

// Some files are listed and cannot be read, and a failed upload would not say which.
async function isReadable(file) {
  try {
    return Boolean(file) && Boolean(await file.slice(0, 1).arrayBuffer());
  } catch (error) {
    return false;
  }
}

function say(words) {
  text.textContent = words;
  const detail = { key: zone.dataset.wait, words: words === idle ? "" : words };
  if (detail.key) document.dispatchEvent(new CustomEvent("pb-wait", { detail }));
}

async function send(files) {
  const wanted = files.filter(({ name }) => !clutter.test(name));
  const dropped = { files: [], folder: zone.dataset.folder, total: wanted.length, unreadable: 0 };
  try {
    for (const { file, name } of wanted.length <= most ? wanted : []) { // more would be refused only after all of it arrived
      const number = dropped.files.length + dropped.unreadable + 1;
      say(zone.dataset.uploading.replace("{number}", number).replace("{total}", wanted.length));
      if (await isReadable(file)) dropped.files.push({ path: (await upload(file)).path, name });
      else dropped.unreadable += 1;
    }
  } catch (error) {
    Object.assign(dropped, { files: [], failed: true });
  }
  say(idle);
  trigger("dropped", dropped);
}

for (const input of element.querySelectorAll("input")) {
  input.addEventListener("change", () => {
    const files = [...input.files].map((file) => ({ file, name: file.webkitRelativePath || file.name }));
    input.value = "";
    if (files.length) send(files);
  });
}
for (const kind of ["dragenter", "dragover"]) {
  zone.addEventListener(kind, (event) => { event.preventDefault(); zone.classList.add("pb-target"); });
}
for (const kind of ["dragleave", "drop"]) {
  zone.addEventListener(kind, () => zone.classList.remove("pb-target"));
}
zone.addEventListener("drop", async (event) => {
  event.preventDefault();
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  send((await Promise.all(entries.map((entry) => filesOf(entry)))).flat());
});
