// Buttons that open a tab of the page, or lead to the first button of the one that is open.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-tab]");
  if (!button) return;
  const tabs = [...document.querySelectorAll('#steps [role="tab"]')];
  const tab = tabs.find((item) => item.textContent.includes(button.dataset.tab));
  if (tab?.getAttribute("aria-selected") !== "true") return tab?.click();
  const panel = document.getElementById(tab.getAttribute("aria-controls"));
  panel?.scrollIntoView({ behavior: "smooth" });
  panel?.querySelector("button")?.focus({ preventScroll: true });
});
