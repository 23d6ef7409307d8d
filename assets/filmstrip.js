// The row of photos is drawn anew after every edit: it stays where a person has scrolled it, until another photo is shown.
let shown, left = 0;
const row = () => element.querySelector("[data-pending] > div:last-of-type");
function follow() {
  const photos = row();
  if (!photos?.offsetWidth) return; // it is hidden while photos come, and in other tabs
  photos.scrollLeft = left;
  const photo = photos.querySelector("[aria-pressed=true]")?.closest("figure");
  if (!photo || photo.dataset.item === shown) return;
  shown = photo.dataset.item;
  const [inner, outer] = [photo, photos].map((box) => box.getBoundingClientRect());
  photos.scrollLeft += Math.min(inner.left - outer.left, 0) + Math.max(inner.right - outer.right, 0);
  left = photos.scrollLeft; // the row may be drawn anew before it tells that it was scrolled
}
element.addEventListener("scroll", ({ target }) => { if (target === row()) left = target.scrollLeft; }, true);
watch("value", follow);
new ResizeObserver(follow).observe(element); // for when it is no longer hidden
