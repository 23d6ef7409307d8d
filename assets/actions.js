// Buttons of lists. A button says what it does (data-action, data-to), the item around it which one is meant (data-item).
const browsing = new Set(["page", "only"]);

function send(action, name, to) {
  trigger(browsing.has(action) && element.querySelector(".pb-plan") === null ? "browse" : "act", { action, name, to });
}

// A refresh may redraw the list while somebody types a name: then the field is opened again with what was typed.
let typing = null; // { name, text }

function rename(item, button, text = null) {
  const label = item.querySelector("[data-label]");
  const shown = label || button;
  const old = label ? label.dataset.label : item.dataset.item;
  const field = document.createElement("input");
  field.value = text ?? old;
  field.className = "pb-rename";
  field.maxLength = 60;
  field.setAttribute("aria-label", words.new_name);
  typing = { name: item.dataset.item, text: field.value };
  const end = (isWanted) => {
    if (!typing || !field.isConnected) return;
    typing = null;
    const to = field.value.trim();
    field.replaceWith(shown);
    if (document.activeElement === document.body) button.focus(); // unless the person moved on
    if (isWanted && to && to !== old) send("rename", item.dataset.item, to);
  };
  field.addEventListener("input", () => { typing = { name: item.dataset.item, text: field.value }; });
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault(); // else Enter would also press the button that gets the focus
    end(event.key === "Enter");
  });
  field.addEventListener("blur", () => setTimeout(() => end(true))); // later, since a field that is removed loses the focus too
  shown.replaceWith(field);
  field.focus();
  if (text === null || text === old) field.select();
}

watch("value", () => {
  if (!typing) return;
  const { name, text } = typing;
  const item = element.querySelector(`[data-item="${CSS.escape(name)}"]`);
  const button = item && item.querySelector("[data-action=rename]");
  typing = null;
  if (button) rename(item, button, text);
});

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  const { action, to = "", confirm } = button.dataset;
  if (event.detail > 1 && !browsing.has(action)) return; // the second click of a double click must not copy an effect twice
  const item = button.closest("[data-item]");
  if (action === "rename") return rename(item, button);
  if (confirm && !button.classList.contains("pb-sure")) { // asks for a second click within six seconds
    const words = button.textContent;
    button.classList.add("pb-sure");
    button.textContent = confirm;
    setTimeout(() => { button.classList.remove("pb-sure"); button.textContent = words; }, 6000);
    return;
  }
  const isHeldOut = action === "hold" && button.getAttribute("aria-pressed") === "true";
  send(isHeldOut ? "learn" : action, item ? item.dataset.item : "", to);
});
