// Buttons of the pair cards.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  const name = button.closest("[data-pair]").dataset.pair;
  const isHeldOut = button.getAttribute("aria-pressed") === "true";
  trigger("act", { action: button.dataset.action === "hold" && isHeldOut ? "learn" : button.dataset.action, name });
});
