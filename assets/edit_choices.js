// Rows of pictures to choose from. While photos wait to be edited, one after the other is asked for.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-kind]");
  if (button) trigger("choose", { kind: button.dataset.kind, value: button.dataset.value });
});
watch("value", () => {
  const thumbs = element.querySelector("[data-pending]");
  if (thumbs && Number(thumbs.dataset.pending)) trigger("next", {});
});
