// Rows of pictures to choose from. While photos wait to be edited, one after the other is asked for.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-kind]");
  if (button) trigger("choose", { kind: button.dataset.kind, value: button.dataset.value });
  const { remove, clear, close, pause, retry } = event.target.closest("button")?.dataset ?? {};
  if (remove && event.detail < 2) trigger("remove", { photo: remove }); // the second click of a double click means no other
  if (pause) trigger("pause", { isStopped: pause === "yes" });
  if (retry) trigger("retry", { photo: retry });
  if (clear !== undefined) trigger("clear", {});
  if (close !== undefined) props.value = "";
});
let asked = null; // the turn of the last request: also other answers redraw the row, and none is to ask twice
watch("value", () => {
  const thumbs = element.querySelector("[data-pending]");
  if (!thumbs || !Number(thumbs.dataset.pending) || thumbs.dataset.turn === asked) return;
  asked = thumbs.dataset.turn;
  trigger("next", {});
});
