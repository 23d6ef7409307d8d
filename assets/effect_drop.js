// Takes an effect file that is dropped anywhere on the page before any other place for files sees it, or one that a part of
// the page hands over as "pb-effect".
const isEffect = (file) => Boolean(file) && file.name.toLowerCase().endsWith(suffix);
const tell = (words) => document.dispatchEvent(new CustomEvent("pb-wait", { detail: { key: "effect-file", words } }));

async function send(file) {
  tell(words.opening);
  try {
    trigger("dropped", { path: (await upload(file)).path, name: file.name });
  } catch (error) {
    tell("");
    trigger("dropped", { path: "", name: file.name });
  }
}

document.addEventListener("pb-effect", ({ detail }) => send(detail.file));
// Without this, a file that is dropped beside the places for files never gets here. After them: they look whether it was taken.
document.addEventListener("dragover", (event) => {
  if (!event.defaultPrevented && event.dataTransfer?.types.includes("Files")) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const file = [...(event.dataTransfer?.files ?? [])].find(isEffect);
  if (!file) return;
  event.preventDefault();
  event.stopPropagation();
  for (const zone of document.querySelectorAll(".pb-target")) zone.classList.remove("pb-target");
  send(file);
}, true);
