// Flips a pair between before and after, or shows their difference. The server knows nothing of it.
const pressed = new Set();

function press(button, isPressed) {
  button.setAttribute("aria-pressed", isPressed);
  if (button.dataset.look === "difference") button.closest(".pb-pair").classList.toggle("pb-difference", isPressed);
}

const keyOf = (button) => `${button.dataset.look} ${button.closest("[data-item]").dataset.item}`;

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-look]");
  if (!button) return;
  const isPressed = button.getAttribute("aria-pressed") !== "true";
  if (isPressed) pressed.add(keyOf(button));
  else pressed.delete(keyOf(button));
  press(button, isPressed);
});
watch("value", () => {
  for (const button of element.querySelectorAll("button[data-look]")) if (pressed.has(keyOf(button))) press(button, true);
});
