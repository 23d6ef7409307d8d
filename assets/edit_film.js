// The panel of a clip whose first frame is shown. How far its edit is, it asks once a second while that goes on.
const desk = element.closest("#edit-desk");
const photo = () => desk.dataset.clip;
let due = 0;

function look() {
  clearTimeout(due);
  if (photo()) trigger("look", { photo: photo() });
  else props.value = "";
}

element.addEventListener("click", (event) => {
  const { film } = event.target.closest("button")?.dataset ?? {};
  if (["begin", "halt", "keep"].includes(film) && photo()) trigger(film, { photo: photo() });
});
desk.addEventListener("pb-shown", look);
watch("value", () => {
  clearTimeout(due);
  if (element.querySelector("[data-state=running], [data-state=waiting]")) due = setTimeout(look, 1000);
});
look();
