// Buttons of the pair cards. Removing takes two clicks, so that no pair is lost by a slip.
let armed = null;

function disarm() {
  if (!armed) return;
  armed.classList.remove("pb-armed");
  armed = null;
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return disarm();
  const name = button.closest("[data-pair]").dataset.pair;
  if (button.dataset.action === "hold") {
    trigger("act", { action: button.getAttribute("aria-pressed") === "true" ? "learn" : "hold", name });
  } else if (button === armed) {
    disarm();
    trigger("act", { action: "remove", name });
  } else {
    disarm();
    armed = button;
    button.classList.add("pb-armed");
    setTimeout(() => { if (armed === button) disarm(); }, 4000);
  }
});
