// Buttons of lists. What one does is written on it (data-action, data-to), what it is about on its item (data-item).
const browsing = new Set(["page", "only"]);

function send(action, name, to) {
  trigger(browsing.has(action) && element.querySelector(".pb-plan") === null ? "browse" : "act", { action, name, to });
}

function rename(item, button) {
  const field = document.createElement("input");
  const label = item.querySelector("[data-label]");
  const shown = label || button;
  field.value = label ? label.dataset.label : item.dataset.item;
  field.className = "pb-rename";
  field.maxLength = 60;
  field.setAttribute("aria-label", "New name");
  let isOver = false;
  const end = (isWanted) => {
    if (isOver) return;
    isOver = true;
    const to = field.value.trim();
    const isNew = isWanted && to && to !== field.defaultValue;
    field.replaceWith(shown);
    if (isNew) send("rename", item.dataset.item, to);
    else button.focus();
  };
  field.defaultValue = field.value;
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") end(true);
    if (event.key === "Escape") end(false);
    event.stopPropagation();
  });
  field.addEventListener("blur", () => end(true));
  shown.replaceWith(field);
  field.focus();
  field.select();
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  const { action, to = "", confirm } = button.dataset;
  const item = button.closest("[data-item]");
  if (action === "rename") return rename(item, button);
  if (confirm && !button.classList.contains("pb-sure")) { // asks once more, for a while
    const words = button.textContent;
    button.classList.add("pb-sure");
    button.textContent = confirm;
    setTimeout(() => { button.classList.remove("pb-sure"); button.textContent = words; }, 6000);
    return;
  }
  const isHeldOut = action === "hold" && button.getAttribute("aria-pressed") === "true";
  send(isHeldOut ? "learn" : action, item ? item.dataset.item : "", to);
});
