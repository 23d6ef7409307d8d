// Hands a chosen effect file to the element that takes those that are dropped, see effect_drop.js.
element.addEventListener("change", ({ target }) => {
  const [file] = target.files;
  target.value = "";
  if (file) document.dispatchEvent(new CustomEvent("pb-effect", { detail: { file } }));
});
