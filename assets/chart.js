// Draws a line chart. Lines stretch with the page, text does not, and colors follow the theme.
const KEY = `pairbrush-${element.closest("[id^=train-],[id^=runs-]").id}`;
const settings = { view: 0, axis: 0, scale: 0, smoothing: 5 };
try {
  Object.assign(settings, JSON.parse(localStorage.getItem(KEY)));
} catch (error) {
  console.info("This browser remembers no settings of charts.", error.message);
}
const svg = find("svg"), plot = find(".pb-plot"), pointer = find(".pb-pointer"), momentLine = find(".pb-moment");
let data = { title: "", xs: [], lines: [], mark: null };
let frame = null; // the axes and lines as drawn last
let pointed = null; // x under the pointer
let moment = null; // {step, seconds} of the timeline

const axisName = () => options.axes[settings.axis] || options.axes[0];
const view = () => options.views[settings.view] || options.views[0];
const isLog = () => options.isLog && settings.scale === 0;

// An axis: its ends and ticks in units of the data.
function nice(span, count, steps) {
  const rough = span / count;
  if (steps) return steps.find((step) => step >= rough) || Math.ceil(rough / 3600) * 3600;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) * power;
}
const CLOCK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
function linearAxis(low, high, { isTight = false, steps = null } = {}) {
  const span = high - low || Math.abs(high) || 1;
  const step = nice(span, 4, steps);
  const first = Math.floor(low / step + 1e-9);
  let last = isTight ? Math.floor(high / step + 1e-9) : Math.ceil(high / step - 1e-9);
  if (first === last && !isTight) last += 1;
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
  const start = ticks[0], end = isTight ? Math.max(high, start + span) : ticks[ticks.length - 1];
  return { ticks, start, end, place: (value) => Math.min(Math.max((value - start) / (end - start), 0), 1) };
}
function logAxis(low, high) {
  const marks = [];
  for (let power = Math.floor(Math.log10(low)) - 1; power <= Math.ceil(Math.log10(high)) + 1; power += 1) {
    for (const factor of [1, 2, 5]) marks.push(Number(`${factor}e${power}`));
  }
  const start = marks.filter((mark) => mark <= low * 1.0001).pop();
  const end = marks.find((mark) => mark >= high * 0.9999 && mark > start);
  let ticks = marks.filter((mark) => mark >= start && mark <= end);
  if (ticks.length > 7) {
    const decades = ticks.filter((tick) => Math.abs(Math.log10(tick) % 1) < 1e-6);
    ticks = decades.length > 1 ? decades : ticks.filter((_, index) => index % 2 === 0);
  }
  const [a, b] = [Math.log10(start), Math.log10(end)];
  return { ticks, start, end, place: (value) => Math.min(Math.max((Math.log10(value) - a) / (b - a), 0), 1) };
}

// A running mean over about `span` points; of the logarithms on a logarithmic scale.
function smooth(points, span) {
  if (span <= 1) return points;
  const keep = 1 - 1 / span, [into, back] = isLog() ? [Math.log10, (value) => 10 ** value] : [Number, Number];
  let weight = 0, mean = 0;
  return points.map(([x, y]) => {
    [mean, weight] = [keep * mean + (1 - keep) * into(y), keep * weight + (1 - keep)];
    return [x, back(mean / weight)];
  });
}

function readable(value) {
  if (value === 0 || Math.abs(value) >= 1e-3) {
    return Math.abs(value) >= 10000 ? `${Number((value / 1000).toPrecision(6))}k` : String(Number(value.toPrecision(6)));
  }
  return value.toExponential(0);
}
const formatted = (value) =>
  `${options.isLog ? Number(value.toPrecision(view().digits)) : value.toFixed(view().digits)} ${view().unit}`.trim();
const formattedX = (value) => axisName() === "seconds" ? clock(value) : readable(value);

function lines() {
  return data.lines.filter((line) => line.view === settings.view).map((line) => {
    const xs = data.xs[line.x][axisName()];
    const points = line.is_level
      ? [[0, line.y[0]], [xs[xs.length - 1], line.y[0]]]
      : xs.map((x, index) => [x, line.y[index]]).filter(([, y]) => y !== null && (!isLog() || y > 0));
    const span = options.isLog ? (points.length * (settings.smoothing / 10) ** 2) / 5 : 0;
    return { ...line, trace: options.isLog && settings.smoothing ? points : [], points: smooth(points, span) };
  }).filter((line) => line.points.length);
}

function draw() {
  const shown = lines();
  find(".pb-chart").classList.toggle("pb-is-empty", !shown.length);
  find("[data-title]").textContent = options.views.length > 1 ? `${data.title} ${view().name}` : data.title;
  const scale = options.isLog ? "" : view().unit && `${view().unit}, `;
  find("[data-unit]").textContent = `${scale}${view().hint}`;
  for (const button of findAll("button[data-tool]")) {
    button.setAttribute("aria-pressed", String(settings[button.dataset.tool] === Number(button.dataset.choice)));
  }
  for (const input of findAll("input[data-tool]")) input.value = settings[input.dataset.tool];
  frame = null;
  if (!shown.length) return;
  const ys = shown.flatMap((line) => [...line.points, ...line.trace].map(([, y]) => y));
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  const end = Math.max(...shown.map((line) => line.points[line.points.length - 1][0]));
  const x = linearAxis(0, end, { isTight: true, steps: axisName() === "seconds" ? CLOCK_STEPS : null });
  const y = isLog() ? logAxis(low, high) : linearAxis(low, high);
  frame = { x, y, lines: shown };
  const at = ([px, py]) => `${(100 * x.place(px)).toFixed(2)},${(100 - 100 * y.place(py)).toFixed(2)}`;
  const path = (points, kind, color) => points.length
    ? `<polyline class="${kind}" style="stroke:${color}" points="${(points.length > 1 ? points : [...points, ...points]).map(at).join(" ")}"/>`
    : "";
  svg.innerHTML = [
    ...y.ticks.map((tick) => `<path class="pb-grid" d="M0 ${(100 - 100 * y.place(tick)).toFixed(2)}H100"/>`),
    ...x.ticks.map((tick) => `<path class="pb-grid" d="M${(100 * x.place(tick)).toFixed(2)} 0V100"/>`),
    ...shown.map((line) => path(line.trace, "pb-trace", line.color)),
    ...shown.map((line) => path(line.points, line.is_level ? "pb-line pb-dashed" : "pb-line", line.color)),
  ].join("");
  const last = (line) => line.points[line.points.length - 1][1];
  svg.setAttribute("aria-label", `${find("[data-title]").textContent}: ${shown.map((line) => `${line.label} ${formatted(last(line))}`).join(", ")}`);
  const labels = [
    ...y.ticks.map((tick) => `<span class="pb-y" style="top:${100 - 100 * y.place(tick)}%">${readable(tick)}</span>`),
    ...x.ticks.map((tick) => `<span class="pb-x" style="left:${100 * x.place(tick)}%">${formattedX(tick)}</span>`),
  ];
  const dot = data.mark === null ? null : shown[0].points[data.mark];
  if (dot) labels.push(`<i class="pb-dot" style="left:${100 * x.place(dot[0])}%;top:${100 - 100 * y.place(dot[1])}%;--line:${shown[0].color}"></i>`);
  find("[data-marks]").innerHTML = labels.join("");
  find(".pb-legend").replaceChildren(...shown.map((line) => {
    const item = document.createElement("li"), sample = document.createElement("i"), value = document.createElement("b");
    sample.className = line.is_level ? "pb-dashed" : "";
    sample.style.setProperty("--line", line.color);
    item.append(sample, `${line.label} `, value);
    return item;
  }));
  readOut();
}

const nearest = (points, x) => points.reduce((best, point) => (Math.abs(point[0] - x) < Math.abs(best[0] - x) ? point : best));

// The legend shows the values at the pointer, else at the moment of the timeline, else the newest.
function readOut() {
  if (!frame) return;
  const here = moment && frame.x && moment[axisName()];
  const x = pointed ?? here;
  momentLine.hidden = here === null;
  if (here !== null) momentLine.style.left = `${100 * frame.x.place(here)}%`;
  pointer.hidden = pointed === null;
  if (pointed !== null) pointer.style.left = `${100 * frame.x.place(pointed)}%`;
  const longest = frame.lines.reduce((a, b) => (b.points.length > a.points.length ? b : a));
  find(".pb-x-title").textContent = x === null
    ? words[axisName()]
    : fill(words.at, { axis: words[axisName()], x: axisName() === "seconds" ? clock(x) : whole(pointed === null ? x : nearest(longest.points, x)[0]) });
  findAll(".pb-legend b").forEach((value, index) => {
    const points = frame.lines[index].points;
    value.textContent = formatted((x === null ? points[points.length - 1] : nearest(points, x))[1]);
  });
}

function under(event) {
  const box = plot.getBoundingClientRect();
  return frame.x.start + (frame.x.end - frame.x.start) * Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
}
plot.addEventListener("pointermove", (event) => { if (frame) { pointed = under(event); readOut(); } });
plot.addEventListener("pointerleave", () => { pointed = null; readOut(); });
if (options.hasMoment) {
  plot.classList.add("pb-seeks");
  plot.addEventListener("click", (event) => { if (frame) publish("pairbrush:seek", { step: under(event) }); });
  subscribe("pairbrush:moment", ({ run, index, isFollowing }) => {
    moment = run && !isFollowing ? { steps: run.steps[index], seconds: run.seconds[index] } : null;
    readOut();
  });
}
function choose(tool, value) {
  settings[tool] = value;
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch (error) {
    console.info("This browser remembers no settings of charts.", error.message);
  }
  draw();
}
for (const button of findAll("button[data-tool]")) {
  button.addEventListener("click", () => choose(button.dataset.tool, Number(button.dataset.choice)));
}
for (const input of findAll("input[data-tool]")) {
  input.addEventListener("input", () => choose(input.dataset.tool, Number(input.value)));
}
function take() {
  if (props.value) data = JSON.parse(props.value);
  draw();
}
watch("value", take);
take();
publish("pairbrush:ask");
