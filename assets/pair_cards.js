// Looking at a pair: flip it, or see its difference. Nothing of it is known to the server.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-flip], button[data-difference]");
  if (!button) return;
  const isPressed = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", isPressed);
  if ("difference" in button.dataset) button.closest(".pb-pair").classList.toggle("pb-difference", isPressed);
});
