// The heartbeat by which a page asks what is new: often while a run learns, seldom else, never while nobody can see it.
let last = 0;

function beat() {
  if (document.hidden) return;
  const seconds = Number(element.querySelector("[data-seconds]")?.dataset.seconds || 1);
  if (performance.now() - last < 1000 * seconds - 50) return;
  last = performance.now();
  trigger("beat");
}

const timer = setInterval(() => (element.isConnected ? beat() : clearInterval(timer)), 500);
document.addEventListener("visibilitychange", () => { last = 0; beat(); });
