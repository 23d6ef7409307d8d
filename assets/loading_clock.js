// The clock of Gradio's loading sign (6.31) goes on when the sign is gone: it asks for every frame as long as the page is
// open, which takes a twentieth of a core from a training on the same machine. It counts tenths of seconds: here it is
// called that often, by a timer, for which nothing is drawn.
{
  const frame = window.requestAnimationFrame.bind(window);
  const isClock = (called) => /\(performance\.now\(\)-.*\)\/1e3/.test(called);
  window.requestAnimationFrame = (called) => (isClock(called) ? setTimeout(called, 100) : frame(called));
}
