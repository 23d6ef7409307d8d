// Reads F, C and M_y's move under the pointer, and shows the same place in every other picture.
let known = { text: null, probe: null };
let place = null; // {kind, x, y}: a pixel of x_j, or one of x_i

function probe() {
  const text = element.querySelector(".pb-readout")?.dataset.probe ?? null;
  if (text !== known.text) {
    const found = text && JSON.parse(text);
    if (found) {
      const bytes = Uint8Array.from(atob(found.data), (letter) => letter.charCodeAt(0));
      const view = new DataView(bytes.buffer);
      found.values = Array.from({ length: bytes.length / 2 }, (_, index) => view.getInt16(2 * index, true));
    }
    known = { text, probe: found };
  }
  return known.probe;
}

function numbers(found, x, y) {
  const last = found.side - 1;
  const [column, row] = [x, y].map((value) => Math.round((value / (found.size - 1)) * last));
  const plane = found.side * found.side;
  return found.units.map((unit, index) => found.values[index * plane + row * found.side + column] / unit);
}

// Which pixel of x_j takes its content from this place of x_i?
function taker(found, x, y) {
  const plane = found.side * found.side;
  const step = (found.size - 1) / (found.side - 1);
  let best = { distance: Infinity };
  for (let index = 0; index < plane; index += 1) {
    const [column, row] = [index % found.side, Math.floor(index / found.side)];
    const dx = column * step + found.values[index] / found.units[0] - x;
    const dy = row * step + found.values[plane + index] / found.units[1] - y;
    const distance = Math.hypot(dx, dy);
    if (distance < best.distance) best = { distance, x: Math.round(column * step), y: Math.round(row * step) };
  }
  return best.distance <= 1.5 * Math.max(step, 1) ? best : null;
}

function cross(id, found, at) {
  const block = document.getElementById(id);
  const image = block?.querySelector("img");
  let mark = block?.querySelector(":scope > .pb-cross");
  if (!image || !at) { mark?.remove(); return; }
  if (!mark) {
    mark = document.createElement("span");
    mark.className = "pb-cross";
    mark.setAttribute("aria-hidden", "true");
    block.append(mark);
  }
  const [outer, inner] = [block.getBoundingClientRect(), image.getBoundingClientRect()];
  const inside = Math.min(Math.max(at.x, 0), found.size - 1) === at.x && Math.min(Math.max(at.y, 0), found.size - 1) === at.y;
  const [x, y] = [at.x, at.y].map((value) => (Math.min(Math.max(value, 0), found.size - 1) + 0.5) / found.size);
  mark.classList.toggle("pb-outside", !inside);
  mark.style.left = `${inner.left - outer.left + x * inner.width - block.clientLeft}px`;
  mark.style.top = `${inner.top - outer.top + y * inner.height - block.clientTop}px`;
}

const signed = (value, digits) => {
  const text = Math.abs(value).toFixed(digits);
  return `${Number(text) === 0 ? "" : value < 0 ? "\u2212" : "+"}${text}`;
};
const cell = (name, text) => `<span><b>${name}</b> ${text}</span>`;

function show() {
  const found = probe();
  const line = element.querySelector(".pb-readout");
  if (!found || !place) return;
  const at = place.kind === "target" ? place : taker(found, place.x, place.y);
  if (!at) {
    line.innerHTML = cell(`x_i (${place.x}, ${place.y})`, found.words.nothing);
    for (const id of found.targets) cross(id, found, null);
    for (const id of found.sources) cross(id, found, place);
    return;
  }
  const [dx, dy, scale, shift, mx, my, kept] = numbers(found, at.x, at.y);
  const from = place.kind === "source" ? place : { x: at.x + dx, y: at.y + dy };
  const pixel = (value) => value.toFixed(1);
  const words = found.words;
  line.innerHTML = [
    cell(`${words.pixel} (${at.x}, ${at.y})`, ""),
    cell("F", `dx ${signed(dx, 1)} px, dy ${signed(dy, 1)} px, ${words.from} (${pixel(at.x + dx)}, ${pixel(at.y + dy)}) ${words.inside}`),
    cell("C", `${words.scale} ${scale.toFixed(2)}×, ${words.shift} ${signed(50 * shift, 1)} %`),
    cell("M_y", `dx ${signed(mx, 1)} px, dy ${signed(my, 1)} px, ${words.keeps} ${(100 * kept).toFixed(0)} %`),
  ].join("");
  for (const id of found.targets) cross(id, found, at);
  for (const id of found.sources) cross(id, found, from);
}

function kindOf(block, found) {
  if (!block || !found) return null;
  return found.sources.includes(block.id) ? "source" : found.targets.includes(block.id) ? "target" : null;
}

// Screen readers read the line out for arrow keys, one pixel at a time, and not for a pointer that crosses hundreds.
function speak(isWanted) {
  element.querySelector(".pb-readout").setAttribute("aria-live", isWanted ? "polite" : "off");
}

const panel = element.closest(".tabitem, [role=tabpanel]") ?? document.body;

panel.addEventListener("pointermove", (event) => {
  if (event.target.tagName !== "IMG") return;
  const found = probe();
  const block = event.target.closest("[id^=inspect-]");
  const kind = kindOf(block, found);
  if (!kind) return;
  const box = event.target.getBoundingClientRect();
  const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  const pixel = (share) => Math.min(Math.max(Math.floor(share * found.size), 0), found.size - 1);
  place = { kind, x: pixel(x), y: pixel(y) };
  speak(false);
  show();
});

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

panel.addEventListener("keydown", (event) => {
  const found = probe();
  const kind = kindOf(event.target, found);
  const move = MOVES[event.key];
  if (!kind || !move) return;
  event.preventDefault();
  const middle = Math.floor(found.size / 2);
  const from = place?.kind === kind ? place : { x: middle, y: middle };
  const step = event.shiftKey ? 8 : 1;
  const [x, y] = [from.x + step * move[0], from.y + step * move[1]].map((v) => Math.min(Math.max(v, 0), found.size - 1));
  place = { kind, x, y };
  speak(true);
  show();
});

// Makes the pictures reachable by keyboard; again whenever new numbers arrive, since pictures come and go.
function prepare() {
  const found = probe();
  for (const id of found ? [...found.sources, ...found.targets] : []) {
    const block = document.getElementById(id);
    if (!block) continue;
    block.tabIndex = 0;
    block.setAttribute("role", "group");
    block.setAttribute("aria-label", `${block.querySelector("img")?.alt ?? id}. ${found.words.keys}`);
  }
  show();
}
watch("value", () => requestAnimationFrame(prepare));
prepare();
new ResizeObserver(() => show()).observe(panel);
