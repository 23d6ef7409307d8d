// Two clicks make a pair: first on the picture before, then on the one after.
let chosen = [];

function show() {
  for (const choice of element.querySelectorAll("[data-path]")) {
    const place = chosen.indexOf(choice.dataset.path);
    choice.setAttribute("aria-pressed", place >= 0);
    choice.dataset.side = [words.before, words.after][place] || "";
  }
  const bar = element.querySelector(".pb-chosen");
  if (!bar) return;
  bar.hidden = !chosen.length;
  bar.querySelector("[data-make-pair]").hidden = chosen.length < 2;
  bar.querySelector("[data-chosen]").textContent =
    (chosen.length < 2 ? words.one : words.two).replace(/\{(before|after)\}/g, (_, side) => chosen[side === "before" ? 0 : 1]);
}

element.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-path]");
  if (choice) {
    const path = choice.dataset.path;
    chosen = chosen.includes(path) ? chosen.filter((other) => other !== path) : [...chosen.slice(0, 1), path];
    show();
  } else if (event.target.closest("[data-make-pair]")) {
    const [name, to] = chosen;
    chosen = [];
    trigger("act", { action: "pair", name, to });
  } else if (event.target.closest("[data-unchoose]")) {
    chosen = [];
    show();
  }
});
watch("value", () => {
  const there = new Set([...element.querySelectorAll("[data-path]")].map((choice) => choice.dataset.path));
  chosen = chosen.filter((path) => there.has(path));
  show();
});
