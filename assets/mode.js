// Simple or Expert: a class of the page, by which the style sheet hides what is for the other. The browser remembers it.
const KEY = "pairbrush-mode";
const buttons = [...element.querySelectorAll("button[data-mode]")];

function show() {
  const mode = localStorage.getItem(KEY) === "expert" ? "expert" : "simple";
  document.documentElement.classList.toggle("pb-is-expert", mode === "expert");
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
}

for (const button of buttons) {
  button.addEventListener("click", () => {
    localStorage.setItem(KEY, button.dataset.mode);
    show();
  });
}
addEventListener("storage", show); // another window of this browser
show();
