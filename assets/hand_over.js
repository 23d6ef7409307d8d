// Where the keyboard goes when the control that had it gives way, as Start does to Pause and Stop.
// A rule says: from here, to the first of these that is there, or else to that.
const GRACE = 150; // milliseconds in which a list that is drawn anew finds the button by itself, see `keep_focus.js`
const PATIENCE = 1500; // until the last resort, should none of the heirs come
const told = element.querySelector("[data-told]");
let held = null, rule = null; // what has the focus, and what happens should it go
let lost = 0, timer = 0; // when it went, and when to look again

const isThere = (node) => node.isConnected && node.getClientRects().length > 0 && !node.disabled;
const find = (selector) => [...document.querySelectorAll(selector)].find(isThere);

function give(node) {
  if (!node.matches("a, button, input, select, textarea, [tabindex]")) node.tabIndex = -1;
  const { words } = rule;
  node.focus(); // which sets `held` and `rule` anew
  if (words) told.textContent = words;
}

function look() {
  clearTimeout(timer);
  if (!rule || document.activeElement !== document.body || isThere(held)) return void (lost = 0);
  lost ||= performance.now();
  const waited = performance.now() - lost;
  const heir = (rule.to && find(rule.to)) || ((waited > PATIENCE || !rule.to) && find(rule.last));
  if (heir && waited > GRACE) give(heir);
  else if (waited < 4 * PATIENCE) timer = setTimeout(look, 50);
}

document.addEventListener("focusin", ({ target }) => {
  if (told.textContent && !target.closest("#train-steering")) told.textContent = "";
  held = target;
  rule = rules.find(({ from }) => target.closest(from));
});
document.addEventListener("focusout", ({ target }) => {
  setTimeout(() => { // by then it is known whether the person left, or the control did
    if (target !== held || document.activeElement !== document.body) return;
    if (isThere(target)) rule = null;
    else look();
  });
});
new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
