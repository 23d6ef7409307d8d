// Two clicks make a pair, first on the picture before, then on the one after; so does dragging one onto another.
let first = null; // the path of the picture that was clicked first
let dragged = null; // the button of the picture that is being dragged

function show() {
  for (const choice of element.querySelectorAll("[data-path]")) {
    const isFirst = choice.dataset.path === first;
    choice.setAttribute("aria-pressed", isFirst);
    choice.dataset.side = isFirst ? words.before : "";
  }
  const bar = element.querySelector(".pb-chosen");
  if (!bar) return;
  const text = bar.querySelector("[data-chosen]");
  bar.dataset.idle ??= text.textContent; // what the server says of the last correction
  text.textContent = first === null ? bar.dataset.idle : words.one.replace("{before}", () => first);
  bar.hidden = first === null && bar.dataset.undo !== "true";
  bar.querySelector("[data-unchoose]").hidden = first === null;
}

function choose(path) {
  first = path;
  show();
}

function pair(before, after) {
  choose(null);
  trigger("act", { action: "pair", name: before, to: after });
}

element.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-path]");
  if (event.target.closest("[data-unchoose]")) return choose(null);
  if (!choice) return;
  const { path } = choice.dataset;
  if (first === null) choose(path);
  else if (first === path) choose(null);
  else pair(first, path);
});

// A picture stays on the side where it is. Of two that are left over, the one that is dragged is the one after.
element.addEventListener("dragstart", (event) => {
  dragged = event.target.closest("[data-path]");
  if (!dragged) return;
  event.dataTransfer.setData("text/plain", dragged.dataset.path);
  event.dataTransfer.effectAllowed = "link";
});
element.addEventListener("dragend", () => { dragged = null; });
const targetOf = (event) => {
  const target = event.target.closest("[data-path]");
  return dragged && target && target !== dragged ? target : null;
};
for (const kind of ["dragenter", "dragover"]) {
  element.addEventListener(kind, (event) => {
    const target = targetOf(event);
    for (const other of element.querySelectorAll(".pb-target")) other.classList.remove("pb-target");
    if (!target) return;
    event.preventDefault();
    target.classList.add("pb-target");
  });
}
element.addEventListener("drop", (event) => {
  const target = targetOf(event), source = dragged;
  if (!target) return;
  event.preventDefault();
  target.classList.remove("pb-target");
  const isBefore = target.dataset.at === "after" || (!target.dataset.at && source.dataset.at === "before");
  const [before, after] = isBefore ? [source, target] : [target, source];
  pair(before.dataset.path, after.dataset.path);
});

let shown = 0; // the revision of the plan that the page shows

// Answers of events that ran at the same time may come in another order than plans were made. What is shown then is old.
watch("value", () => {
  const plan = element.querySelector(".pb-plan"), before = shown;
  shown = plan ? Number(plan.dataset.revision) : before + 1;
  if (shown < before) trigger("act", { action: "show", name: "", to: "" });
});
watch("value", () => {
  const there = [...element.querySelectorAll("[data-path]")].map((choice) => choice.dataset.path);
  if (!there.includes(first)) first = null;
  show();
});
