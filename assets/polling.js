// Polling: a page asks what is new, often while somebody watches a run learn, seldom otherwise, and never while nobody can
// see the page, for an answer takes processor time from a training on the same machine.
// The first refresh of a page has to be over before the next begins: it chooses what is shown, and would undo a choice
// that the person made in between.
const PATIENCE = 15_000; // milliseconds to wait for the first refresh, should it have failed
const opened = performance.now();
let last = 0;
let wasWatched = false;

function poll() {
  const interval = element.querySelector("[data-seconds]");
  if (document.hidden || (!interval && performance.now() - opened < PATIENCE)) return;
  const isWatched = Boolean(document.querySelector("#train-status")?.offsetParent);
  if (isWatched && !wasWatched) last = 0; // what Train shows may be old by now
  wasWatched = isWatched;
  const seconds = isWatched ? Number(interval?.dataset.seconds || 1) : options.idle;
  if (performance.now() - last < 1000 * seconds - 50) return;
  last = performance.now();
  trigger("poll");
}

const timer = setInterval(() => (element.isConnected ? poll() : clearInterval(timer)), 500);
document.addEventListener("visibilitychange", () => { last = 0; poll(); });
