// Where the keyboard focus goes when the control that has it disappears, as Start does in favor of Pause and Stop.
// A rule says: from a control inside `from`, to the first of `to` that is there, or else to `last`.
const GRACE = 150; // milliseconds in which a redrawn list finds the button by itself, see `keep_focus.js`
const PATIENCE = 3000; // milliseconds until `last`, should none of `to` appear: a busy machine takes a while to begin
const spoken = element.querySelector("[data-spoken]");
let held = null, rule = null; // what has the focus, and the rule for when it disappears
let lost = 0, timer = 0; // when it disappeared, and when to try again

const isThere = (node) => node.isConnected && node.getClientRects().length > 0 && !node.disabled;
const find = (selector) => [...document.querySelectorAll(selector)].find(isThere);

function give(node) {
  if (!node.matches("a, button, input, select, textarea, [tabindex]")) node.tabIndex = -1;
  const { words } = rule;
  node.focus(); // which sets `held` and `rule` anew
  if (words) spoken.textContent = words;
}

function check() {
  clearTimeout(timer);
  if (!rule || document.activeElement !== document.body || isThere(held)) return void (lost = 0);
  lost ||= performance.now();
  const waited = performance.now() - lost;
  const successor = (rule.to && find(rule.to)) || ((waited > PATIENCE || !rule.to) && find(rule.last));
  if (successor && waited > GRACE) give(successor);
  else if (waited < 4 * PATIENCE) timer = setTimeout(check, 50);
}

document.addEventListener("focusin", ({ target }) => {
  if (spoken.textContent && !target.closest("#train-steering")) spoken.textContent = "";
  held = target;
  rule = rules.find(({ from }) => target.closest(from));
});
document.addEventListener("focusout", ({ target }) => {
  setTimeout(() => { // only now is it known whether the person moved on, or the control disappeared
    if (target !== held || document.activeElement !== document.body) return;
    if (isThere(target)) rule = null;
    else check();
  });
});
// An open list of choices lies over what is below it. Dragged files find it closed, and so does who comes back to the window,
// where the focus alone would open it again.
for (const kind of ["dragenter", "blur"]) {
  addEventListener(kind, () => {
    if (document.activeElement.matches("[role=combobox]")) document.activeElement.blur();
  });
}
// Who moves on with Tab leaves it open: Gradio 6.31 takes the key for typing, after the focus has gone.
document.addEventListener("focusout", ({ target }) => {
  if (!target.matches("[role=combobox]")) return;
  setTimeout(() => {
    if (document.activeElement !== target && target.ariaExpanded === "true") target.dispatchEvent(new FocusEvent("blur"));
  }, 100);
});
new MutationObserver(check).observe(document.body, { childList: true, subtree: true });
