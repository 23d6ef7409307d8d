// Buttons that open another tab of the page.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-tab]");
  if (!button) return;
  const tabs = [...document.querySelectorAll('#steps [role="tab"]')];
  tabs.find((tab) => tab.textContent.includes(button.dataset.tab))?.click();
});
