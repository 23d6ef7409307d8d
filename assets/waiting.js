// What the page waits for, in words, once that takes longer than a moment. Parts that have a place of their own for these words
// show them there: see `data-waits` in the styles.
const GRACE = 350; // milliseconds
const line = element.querySelector("[data-words]");
const waits = new Map(); // by key: the words, the last at the end
let timer = 0;

function show() {
  const words = [...waits.values()].pop() ?? "";
  line.textContent = words;
  line.hidden = !words;
  document.documentElement.dataset.waits = [...waits.keys()].join(" ");
}

document.addEventListener("pb-wait", ({ detail: { key, words } }) => {
  clearTimeout(timer);
  waits.delete(key);
  if (words) waits.set(key, words);
  if (words && line.hidden) timer = setTimeout(show, GRACE);
  else show();
});
