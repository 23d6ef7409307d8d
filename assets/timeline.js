// One moment of the run, chosen with a slider. At its right end the newest is followed; anywhere else nothing that
// arrives moves it.
const PLAY_SECONDS = 6;
const slider = find("[data-moments]"), grid = find(".pb-triples");
const playButton = find('[data-go="play"]'), newestButton = find('[data-go="newest"]'), bestButton = find(".pb-best");
let run = null, index = 0, isFollowing = true, isDragging = false, started = null;

function rows() {
  const wanted = run.pictures.map((picture) => picture.name).join("/");
  if (grid.dataset.run === run.run && grid.dataset.names === wanted) return;
  Object.assign(grid.dataset, { run: run.run, names: wanted });
  grid.replaceChildren(...run.pictures.map((picture) => {
    const row = find("template").content.firstElementChild.cloneNode(true);
    row.dataset.pair = picture.name;
    row.setAttribute("aria-label", fill(words.pair, { name: picture.name }));
    show(find(".pb-before img", row), picture.before, fill(words.before, { name: picture.name }));
    show(find(".pb-truth img", row), picture.after, fill(words.truth, { name: picture.name }));
    return row;
  }));
}

function render() {
  find("[data-empty]").hidden = Boolean(run);
  find("section").hidden = !run;
  if (!run) return;
  const section = find("section"), step = whole(run.steps[index]);
  section.dataset.step = run.steps[index];
  section.dataset.index = index;
  find("[data-kind]").textContent = run.held_out ? words.held_out : words.training_pairs;
  slider.max = lastOf(run);
  slider.value = index;
  slider.disabled = lastOf(run) === 0;
  slider.setAttribute("aria-valuetext", fill(words.moment, { step, time: clock(run.seconds[index]), psnr: psnrAt(run, index) }));
  const gain = run.psnr[index] - run.unedited;
  const signed = `${gain < 0 ? "" : "+"}${gain.toFixed(1)}`;
  const score = run.unedited === null ? psnrAt(run, index) : fill(words.gain, { psnr: psnrAt(run, index), gain: signed });
  findAll("dd").forEach((place, number) => {
    place.textContent = [step, clock(run.seconds[index]), score, run.ssim[index].toFixed(3), closenessAt(run, index)][number];
  });
  rows();
  for (const row of grid.children) {
    const name = row.dataset.pair;
    show(find(".pb-edited img", row), pictureAt(run, index, name), fill(words.edited, { name, step }));
  }
  const best = run.best, mark = find(".pb-best-mark");
  bestButton.hidden = mark.hidden = best === null;
  if (best !== null) {
    const name = run.pictures[0].name;
    mark.style.setProperty("--at", lastOf(run) ? best / lastOf(run) : 1);
    show(find("img", bestButton), pictureAt(run, best, name), "");
    find("b.pb-expert", bestButton).textContent = fill(words.best, { psnr: psnrAt(run, best), step: whole(run.steps[best]) });
    find("b.pb-simple", bestButton).textContent = fill(words.best_plain, { time: clock(run.seconds[best]) });
    bestButton.setAttribute("aria-pressed", String(index === best));
  }
  newestButton.setAttribute("aria-pressed", String(isFollowing));
  playButton.setAttribute("aria-pressed", String(started !== null));
  find("path", playButton).setAttribute("d", started === null ? "M7 4l13 8-13 8z" : "M6 4h4v16H6zM14 4h4v16h-4z");
  playButton.disabled = lastOf(run) === 0;
  publish("pairbrush:moment", { run, index, isFollowing });
}

function go(to) {
  if (!run) return;
  index = Math.min(Math.max(to, 0), lastOf(run));
  isFollowing = index === lastOf(run);
  render();
}

function play(now) {
  if (started === null || !element.isConnected) return;
  started ||= now;
  const share = Math.min((now - started) / (1000 * PLAY_SECONDS), 1);
  if (share === 1) started = null;
  go(Math.round(share * lastOf(run)));
  if (started !== null) requestAnimationFrame(play);
}

slider.addEventListener("input", () => { started = null; go(Number(slider.value)); });
slider.addEventListener("pointerdown", () => { isDragging = true; });
for (const end of ["pointerup", "pointercancel", "change"]) slider.addEventListener(end, () => { isDragging = false; });
newestButton.addEventListener("click", () => { started = null; go(lastOf(run)); });
bestButton.addEventListener("click", () => { started = null; go(run.best); });
playButton.addEventListener("click", () => {
  if (started === null) {
    started = 0;
    requestAnimationFrame(play);
  } else {
    started = null;
    render();
  }
});
subscribe("pairbrush:seek", ({ step }) => { started = null; if (run) go(nearestMoment(run, step)); });
subscribe("pairbrush:ask", () => { if (run) publish("pairbrush:moment", { run, index, isFollowing }); });

function take() {
  const previous = run;
  run = props.value ? JSON.parse(props.value) : null;
  if (!run) {
    publish("pairbrush:moment", { run, index: 0, isFollowing: true });
  } else if (!previous || previous.run !== run.run) {
    started = null;
    index = lastOf(run);
    isFollowing = true;
  } else if (isFollowing && !isDragging && started === null) {
    index = lastOf(run);
  } else {
    index = Math.min(index, lastOf(run)); // after a crash the end of the run is gone
  }
  render();
}
watch("value", take);
take();
