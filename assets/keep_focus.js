// Drawing a list anew takes the focus along with the button that had it: whoever works by keyboard gets it back.
let focused = null;

function markOf(button) {
  const { action, look, path, kind, value } = button.dataset;
  return JSON.stringify([button.closest("[data-item]")?.dataset.item, action, look, path, kind, value]);
}

element.addEventListener("focusin", ({ target }) => {
  const button = target.closest("button");
  focused = button && markOf(button);
});
element.addEventListener("focusout", ({ target }) => {
  setTimeout(() => { // by then it is known whether the person left, or the button did
    if (target.isConnected && !element.contains(document.activeElement)) focused = null;
  });
});
watch("value", () => {
  if (focused === null || document.activeElement !== document.body) return;
  const button = [...element.querySelectorAll("button")].find((other) => markOf(other) === focused);
  button?.focus({ preventScroll: true });
});
