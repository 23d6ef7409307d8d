// The list of runs. A row is updated where something changed, and left alone while its name is being edited.
const list = find(".pb-runs"), compared = new Set();
let sent = "";

function filled(row, run, isShown) {
  row.dataset.run = run.id;
  row.dataset.state = run.state;
  row.setAttribute("aria-current", String(isShown));
  find("strong", row).textContent = run.name;
  find(".pb-pill", row).textContent = run.state_label;
  find("[data-about]", row).textContent = run.about;
  for (const kind of ["score", "plain"]) find(`[data-${kind}]`, row).textContent = [run[kind], ...run.facts].filter(Boolean).join(" · ");
  const image = find("img", row), open = find(".pb-run-open", row);
  if (run.picture && image.getAttribute("src") !== run.picture) image.src = run.picture;
  image.hidden = !run.picture;
  open.setAttribute("aria-label", fill(words.show, { name: run.name }));
  open.title = open.getAttribute("aria-label");
  find("[type=checkbox]", row).checked = compared.has(run.id);
  find('[data-action="continue"]', row).textContent = run.state === "untrained" ? words.start : words.continue;
  for (const button of findAll(".pb-run-do button", row)) button.setAttribute("aria-label", fill(words.button, { action: button.textContent, name: run.name }));
  for (const action of ["continue", "rename", "delete"]) find(`[data-action="${action}"]`, row).disabled = run.live;
  for (const action of ["continue", "copy"]) find(`[data-action="${action}"]`, row).hidden = run.state === "shared"; // it has no pairs
  return row;
}

// The curves of the ticked runs, when others are ticked or one of them has a new preview.
function compare(runs) {
  for (const id of compared) if (!runs.some((run) => run.id === id)) compared.delete(id);
  const wanted = JSON.stringify(runs.filter((run) => compared.has(run.id)).map((run) => [run.id, run.name, run.score]));
  if (wanted === sent) return;
  sent = wanted;
  trigger("compare", { runs: [...compared] });
}

function take() {
  const { runs, shown, problems } = props.value ? JSON.parse(props.value) : { runs: [], shown: null, problems: [] };
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const place = focused && [...list.children].indexOf(focused.closest("[data-run]"));
  const old = new Map([...list.children].map((row) => [row.dataset.run, row]));
  for (const [id, row] of old) if (!runs.some((run) => run.id === id)) row.remove();
  const rows = runs.map((run) => {
    const row = old.get(run.id) || find("template").content.firstElementChild.cloneNode(true);
    return row.classList.contains("pb-editing") ? row : filled(row, run, run.id === shown);
  });
  rows.forEach((row, index) => {
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] || null);
  });
  find("[data-empty]").hidden = runs.length > 0;
  find(".pb-note").hidden = !problems.length;
  find(".pb-note ul").replaceChildren(...problems.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  compare(runs);
  if (!focused || (focused.isConnected && !focused.disabled)) return;
  const successor = list.children[Math.min(place, rows.length - 1)]; // the next run, should this one be gone
  if (successor) find(".pb-run-open", successor).focus();
}

function edit(row, isOn) {
  row.classList.toggle("pb-editing", isOn);
  const name = find("strong", row), input = find("p input", row);
  [name.hidden, input.hidden] = [isOn, !isOn];
  if (isOn) {
    input.value = name.textContent;
    input.select();
    input.focus();
  } else {
    take();
  }
}

list.addEventListener("click", ({ target, detail }) => {
  const row = target.closest("[data-run]");
  if (!row || detail > 1 || target.closest("label, input")) return; // the second click of a double click must not copy a run twice
  const pressed = target.closest("[data-action]"), marked = getSelection();
  if (!pressed && String(marked) && row.contains(marked.anchorNode)) return; // somebody marks words of the card
  const button = pressed || find("[data-action=show]", row); // the whole card shows its run
  if (button.disabled) return;
  if (button.dataset.action === "rename") edit(row, true);
  else trigger("act", { action: button.dataset.action, run: row.dataset.run, name: "" });
});
list.addEventListener("keydown", (event) => {
  if (!event.target.matches("p input")) return;
  const row = event.target.closest("[data-run]"), name = event.target.value.trim();
  if (event.key !== "Enter" && event.key !== "Escape") return;
  event.preventDefault(); // else Enter would also press the button that gets the focus
  const isNew = event.key === "Enter" && name && name !== find("strong", row).textContent;
  if (isNew) trigger("act", { action: "rename", run: row.dataset.run, name });
  edit(row, false);
  find('[data-action="rename"]', row).focus();
});
list.addEventListener("focusout", ({ target }) => {
  if (target.matches("p input")) edit(target.closest("[data-run]"), false);
});
list.addEventListener("change", ({ target }) => {
  if (!target.matches("[type=checkbox]")) return;
  const id = target.closest("[data-run]").dataset.run;
  if (target.checked) compared.add(id); else compared.delete(id);
  take();
});
watch("value", take);
take();
