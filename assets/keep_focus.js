// Redrawing a list replaces the button that has the keyboard focus: the button that does the same gets the focus. If there
// is none any more, its neighbor does: the next pair after one that was removed, or the pair under its new name. Where
// nothing is left, `move_focus.js` takes over.
let focused = null; // { mark, item, place, isName } of the button that has the focus

const itemOf = (button) => button.closest("[data-item]")?.dataset.item;
const itemsNow = () => [...new Set([...element.querySelectorAll("[data-item]")].map((item) => item.dataset.item))];
const buttonsNow = () => [...element.querySelectorAll("button:not(:disabled)")].filter((button) => button.getClientRects().length);
let items = itemsNow();

function markOf(button) {
  const { action, look, path, kind, value } = button.dataset;
  return JSON.stringify([action, look, path, kind, value, action === "page" && button.textContent]);
}

function successor() {
  const before = items, buttons = buttonsNow();
  items = itemsNow();
  const of = (item) => buttons.filter((button) => itemOf(button) === item);
  const same = (item) => of(item).find((button) => markOf(button) === focused.mark) || (item !== undefined && of(item)[0]);
  if (focused.item === undefined || items.includes(focused.item)) {
    if (same(focused.item)) return same(focused.item);
  }
  const added = items.filter((item) => !before.includes(item));
  if (added.length === 1 && (focused.isName || focused.item === undefined)) return same(added[0]);
  const place = before.indexOf(focused.item);
  // The first button of the next item, which changes nothing: somebody may press Enter twice.
  return (place >= 0 && of(items[Math.min(place, items.length - 1)])[0]) || buttons[Math.min(focused.place, buttons.length - 1)];
}

element.addEventListener("focusin", ({ target }) => {
  const button = target.closest("button");
  const isName = button?.dataset.action === "rename";
  focused = button && { mark: markOf(button), item: itemOf(button), place: buttonsNow().indexOf(button), isName };
});
element.addEventListener("focusout", ({ target }) => {
  setTimeout(() => { // only now is it known whether the person moved on, or the button disappeared
    if (target.isConnected && !element.contains(document.activeElement)) focused = null;
  });
});
watch("value", () => {
  const now = document.activeElement;
  const isInside = element.contains(now);
  const isSame = isInside && !now.disabled && focused && itemOf(now) === focused.item && markOf(now) === focused.mark;
  if (focused && !isSame && (isInside || now === document.body)) successor()?.focus({ preventScroll: true });
  else items = itemsNow();
});
