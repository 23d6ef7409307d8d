// Polling: a page asks what is new, often while somebody watches a run learn, and seldom otherwise, for an answer takes
// processor time from a training on the same machine. While nobody can see the page, it asks only whether that is done.
// The first refresh of a page has to be over before the next begins: it chooses what is shown, and would undo a choice
// that the person made in between.
const PATIENCE = 15_000; // milliseconds to wait for the first refresh, should it have failed
const opened = performance.now();
let last = 0;
let wasWatched = false;

function poll() {
  const interval = element.querySelector("[data-seconds]");
  const isLearning = Number(interval?.dataset.seconds) < options.idle;
  if ((document.hidden && !isLearning) || (!interval && performance.now() - opened < PATIENCE)) return;
  const isWatched = Boolean(document.querySelector("#train-status")?.offsetParent);
  if (isWatched && !wasWatched) last = 0; // what Train shows may be old by now
  wasWatched = isWatched;
  const seconds = document.hidden ? options.hidden : isWatched ? Number(interval?.dataset.seconds || 1) : options.idle;
  if (performance.now() - last < 1000 * seconds - 50) return;
  last = performance.now();
  trigger("poll");
}

const timer = setInterval(() => (element.isConnected ? poll() : clearInterval(timer)), 500);
document.addEventListener("visibilitychange", () => { last = 0; poll(); });
