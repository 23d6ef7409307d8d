// The row of photos is drawn anew after every edit: it stays where a person has scrolled it, until another photo is shown.
let shown, left = 0;
const row = () => element.querySelector("[data-pending] > div:last-of-type");
element.addEventListener("scroll", ({ target }) => { if (target === row()) left = target.scrollLeft; }, true);
watch("value", () => {
  const photos = row();
  if (!photos) return;
  photos.scrollLeft = left;
  const photo = photos.querySelector("[aria-pressed=true]")?.closest("figure");
  if (!photo || photo.dataset.item === shown) return;
  shown = photo.dataset.item;
  const [inner, outer] = [photo, photos].map((box) => box.getBoundingClientRect());
  photos.scrollLeft += Math.min(inner.left - outer.left, 0) + Math.max(inner.right - outer.right, 0);
});
