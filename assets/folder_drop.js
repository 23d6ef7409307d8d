// A place for files, folders and zip files, which takes what is dropped anywhere in the part of the page around it, if that
// says so. Browsers upload files without their folders, so each path is sent along.
const zone = element.querySelector(".pb-drop");
const area = element.closest(".pb-drop-area") ?? zone;
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

// The wait goes on after the upload: the event that is sent then says with what.
function say(words) {
  text.textContent = words;
  zone.toggleAttribute("data-busy", words !== idle);
  const key = zone.dataset.wait;
  if (key && words !== idle) document.dispatchEvent(new CustomEvent("pb-wait", { detail: { key, words } }));
}

function showComing(file) {
  if (file && zone.dataset.wait) document.dispatchEvent(new CustomEvent("pb-coming", { detail: { file } }));
}

async function send(files) {
  const wanted = files.filter(({ name }) => !clutter.test(name));
  const part = (more) => ({ files: [], folder: zone.dataset.folder, total: wanted.length, unreadable: 0, ...more });
  let dropped = part({}), number = 0;
  if (wanted.length <= most) showComing(wanted.find(({ file }) => file)?.file);
  try {
    for (const { file, name } of wanted.length <= most ? wanted : []) { // more would be refused only after all of it arrived
      if (dropped.files.length === at_once) { // what has arrived is worked on while the rest is uploaded
        const answered = new Promise((done) => zone.addEventListener("pb-answered", done, { once: true }));
        trigger("dropped", dropped);
        await answered; // else what a person clicks meanwhile would come after all parts
        dropped = part({ isLater: true });
      }
      number += 1;
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
// Another place for files in the same area has taken a file before it comes here. A photo of the page is no file.
const isForUs = (event) => !event.defaultPrevented && (area === zone || event.dataTransfer.types.includes("Files"));
for (const kind of ["dragenter", "dragover"]) {
  area.addEventListener(kind, (event) => {
    if (!isForUs(event)) return;
    event.preventDefault();
    zone.classList.add("pb-target");
  });
}
area.addEventListener("dragleave", ({ relatedTarget }) => {
  if (!area.contains(relatedTarget)) zone.classList.remove("pb-target");
});
area.addEventListener("drop", async (event) => {
  zone.classList.remove("pb-target");
  if (!isForUs(event)) return;
  event.preventDefault();
  // Read at once: the list is empty after the event. A picture that is dragged out of another page has no entry.
  const things = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry() ?? item.getAsFile?.()).filter(Boolean);
  const found = things.map((thing) => (thing instanceof File ? [{ file: thing, name: thing.name }] : filesOf(thing)));
  send((await Promise.all(found)).flat());
});
