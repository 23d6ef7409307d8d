// Two moments on the same picture, with a divider between them: of the run that is shown, or of it and another one.
const picker = find("select"), divider = find(".pb-divider");
const sides = { a: { run: null, index: 0 }, b: { run: null, index: 0 } };
let shown = null; // the run of the page
let other = null; // the run chosen to compare with; null for the same one

const names = () => sides.a.run.pictures.map((picture) => picture.name).filter((name) => hasPicture(sides.b.run, name));

function pair(isNew) {
  const before = { a: sides.a.run, b: sides.b.run };
  sides.a.run = shown;
  sides.b.run = other || shown;
  for (const [key, side] of Object.entries(sides)) {
    const isOther = isNew || !before[key] || before[key].run !== side.run.run;
    if (!isOther) side.index = Math.min(side.index, lastOf(side.run));
    else if (other) side.index = side.run.best ?? lastOf(side.run);
    else side.index = key === "a" ? Math.floor(lastOf(side.run) / 2) : lastOf(side.run);
  }
}

function render() {
  const isEmpty = !shown || !names().length;
  find("[data-empty]").hidden = !isEmpty;
  find(".pb-placeholder").textContent = shown ? words.no_common_picture : words.nothing_to_compare;
  find("section").hidden = isEmpty;
  if (isEmpty) return;
  if (picker.dataset.names !== names().join("/")) {
    picker.dataset.names = names().join("/");
    const chosen = picker.value;
    picker.replaceChildren(...names().map((name) => new Option(name, name)));
    if (names().includes(chosen)) picker.value = chosen;
  }
  for (const [key, { run, index }] of Object.entries(sides)) {
    const place = find(`.pb-side[data-side="${key}"]`), input = find("input", place);
    const label = fill(words.label, { run: run.name, step: whole(run.steps[index]), psnr: psnrAt(run, index) });
    [input.max, input.value, input.disabled] = [lastOf(run), index, lastOf(run) === 0];
    input.setAttribute("aria-valuetext", label);
    find("[data-label]", place).textContent = label;
    find(`[data-tag="${key}"]`).textContent = label;
    const plain = fill(words.label_plain, { run: run.name, time: clock(run.seconds[index]) });
    for (const at of [find("[data-plain]", place), find(`[data-tag-plain="${key}"]`)]) at.textContent = plain;
    find('[data-go="best"]', place).hidden = run.best === null;
    show(find(`img[data-side="${key}"]`), pictureAt(run, index, picker.value), fill(words.compared, { name: picker.value, label }));
  }
  find(".pb-ab-view").style.setProperty("--divider", `${divider.value}%`);
}

for (const [key, side] of Object.entries(sides)) {
  const place = find(`.pb-side[data-side="${key}"]`);
  find("input", place).addEventListener("input", (event) => { side.index = Number(event.target.value); render(); });
  find('[data-go="best"]', place).addEventListener("click", () => { side.index = side.run.best; render(); });
  find('[data-go="newest"]', place).addEventListener("click", () => { side.index = lastOf(side.run); render(); });
}
picker.addEventListener("change", render);
divider.addEventListener("input", render);

subscribe("pairbrush:moment", ({ run }) => {
  if (run === shown) return; // only the slider of the timeline was moved
  const isNew = !shown || !run || shown.run !== run.run;
  shown = run;
  if (shown) pair(isNew);
  render();
});
function take() {
  other = props.value ? JSON.parse(props.value) : null;
  if (shown) pair(true);
  render();
}
watch("value", take);
take();
publish("pairbrush:ask");
