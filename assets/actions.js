// Buttons of lists. What one does is written on it (data-action, data-to), what it is about on its item (data-item).
const browsing = new Set(["page", "only"]);

function send(action, name, to) {
  trigger(browsing.has(action) && element.querySelector(".pb-plan") === null ? "browse" : "act", { action, name, to });
}

// The page may be drawn anew while somebody types: then the field is opened again with what was typed.
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
    if (document.activeElement === document.body) button.focus(); // unless the person went on to something else
    if (isWanted && to && to !== old) send("rename", item.dataset.item, to);
  };
  field.addEventListener("input", () => { typing = { name: item.dataset.item, text: field.value }; });
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault(); // or Enter would press the button that gets the focus
    end(event.key === "Enter");
  });
  field.addEventListener("blur", () => setTimeout(() => end(true))); // later, for a field that is gone loses focus too
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
  if (event.detail > 1 && !browsing.has(action)) return; // the second half of a double click: nobody copies twice so
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
