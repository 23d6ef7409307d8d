// The heartbeat by which a page asks what is new: often while a run learns, seldom else, never while nobody can see it.
// The first look of a page has to be over before the next begins: it chooses what is shown, and would undo a choice that
// the person made in between.
const PATIENCE = 15_000; // milliseconds, should that look have failed
const opened = performance.now();
let last = 0;

function beat() {
  const rate = element.querySelector("[data-seconds]");
  if (document.hidden || (!rate && performance.now() - opened < PATIENCE)) return;
  const seconds = Number(rate?.dataset.seconds || 1);
  if (performance.now() - last < 1000 * seconds - 50) return;
  last = performance.now();
  trigger("beat");
}

const timer = setInterval(() => (element.isConnected ? beat() : clearInterval(timer)), 500);
document.addEventListener("visibilitychange", () => { last = 0; beat(); });
