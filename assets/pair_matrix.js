// Shows pictures and numbers of the cell of the heat map under the pointer or the keyboard focus; a click or Enter opens it
// in the upper part of the tab.
let known = { text: null, data: null };
let shown = null; // [i, j]

function data() {
  const text = element.querySelector("[data-matrix]")?.dataset.matrix ?? null;
  if (text !== known.text) known = { text, data: text && JSON.parse(text) };
  return known.data;
}

const cells = () => element.querySelector("tbody")?.rows;
const cellAt = (i, j) => cells()?.[i]?.cells[j + 1];

function placeOf(target) {
  const cell = target.closest?.("tbody td");
  return cell && [cell.parentElement.rowIndex - 1, cell.cellIndex - 1];
}

function figure(source, text, sprite) {
  const box = document.createElement("figure");
  const picture = document.createElement(sprite ? "i" : "img");
  if (sprite) {
    const [i, j, m] = sprite;
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", text);
    picture.style.backgroundImage = `url("${source}")`;
    picture.style.backgroundSize = `${100 * m}% ${100 * m}%`;
    const share = (k) => (m > 1 ? (100 * k) / (m - 1) : 0);
    picture.style.backgroundPosition = `${share(j)}% ${share(i)}%`;
  } else {
    picture.src = source;
    picture.alt = text;
  }
  const caption = document.createElement("figcaption");
  caption.textContent = text;
  box.append(picture, caption);
  return box;
}

function showCell(i, j) {
  const found = data();
  const aside = element.querySelector(".pb-matrix-look");
  if (!found || !aside || !cellAt(i, j)) return;
  for (const old of element.querySelectorAll("td[aria-selected]")) { old.removeAttribute("aria-selected"); old.tabIndex = -1; }
  const cell = cellAt(i, j);
  cell.setAttribute("aria-selected", "true");
  cell.tabIndex = 0;
  shown = [i, j];
  const title = document.createElement("p");
  const called = (k) => (found.heldOut[k] ? words.held_out.replace("{name}", () => found.names[k]) : found.names[k]);
  title.textContent = `i = ${called(i)}, j = ${called(j)}`;
  const numbers = document.createElement("p");
  const decibel = (value) => (value === null ? words.not_yet : `${value.toFixed(1)} dB`);
  numbers.textContent = `x̂_j ${decibel(found.source[i][j])}, ŷ_j ${decibel(found.target[i][j])}`;
  const pictures = document.createElement("div");
  if (found.sheets.length) {
    const m = found.names.length;
    pictures.append(
      figure(found.x[i], "x_i"), figure(found.sheets[0], "x̂_j", [i, j, m]), figure(found.x[j], "x_j"),
      figure(found.y[i], "y_i"), figure(found.sheets[1], "ŷ_j", [i, j, m]), figure(found.y[j], "y_j"),
    );
  }
  aside.replaceChildren(title, numbers, pictures);
}

function open(place) {
  const found = data();
  if (!found || !place) return;
  trigger("pick", { i: found.names[place[0]], j: found.names[place[1]] });
  document.getElementById("inspect-i")?.scrollIntoView({ behavior: "smooth", block: "start" });
}

element.addEventListener("pointerover", (event) => { const place = placeOf(event.target); if (place) showCell(...place); });
element.addEventListener("focusin", (event) => { const place = placeOf(event.target); if (place) showCell(...place); });
element.addEventListener("click", (event) => open(placeOf(event.target)));

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
element.addEventListener("keydown", (event) => {
  const place = placeOf(event.target);
  if (!place) return;
  if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(place); return; }
  const move = MOVES[event.key];
  const next = move && cellAt(place[0] + move[0], place[1] + move[1]);
  if (next && place[1] + move[1] >= 0 && place[0] + move[0] >= 0) { event.preventDefault(); next.tabIndex = 0; next.focus(); }
});

function prepare() {
  const [i, j] = shown ?? [0, 0];
  const cell = cellAt(i, j) ?? cellAt(0, 0);
  if (cell) cell.tabIndex = 0;
  if (shown && cellAt(i, j)) showCell(i, j);
}
watch("value", prepare);
prepare();
