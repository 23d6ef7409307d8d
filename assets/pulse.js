// The heartbeat by which a page asks what is new: often while somebody watches a run learn, seldom else, never while
// nobody can see the page. What a beat costs is taken from a training on the same processor.
// The first look of a page has to be over before the next begins: it chooses what is shown, and would undo a choice that
// the person made in between.
const PATIENCE = 15_000; // milliseconds, should that look have failed
const opened = performance.now();
let last = 0;
let wasWatched = false;

function beat() {
  const rate = element.querySelector("[data-seconds]");
  if (document.hidden || (!rate && performance.now() - opened < PATIENCE)) return;
  const isWatched = Boolean(document.querySelector("#train-status")?.offsetParent);
  if (isWatched && !wasWatched) last = 0; // what Train shows may be old by now
  wasWatched = isWatched;
  const seconds = isWatched ? Number(rate?.dataset.seconds || 1) : options.idle;
  if (performance.now() - last < 1000 * seconds - 50) return;
  last = performance.now();
  trigger("beat");
}

const timer = setInterval(() => (element.isConnected ? beat() : clearInterval(timer)), 500);
document.addEventListener("visibilitychange", () => { last = 0; beat(); });
