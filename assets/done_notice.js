// A word when a training ends while nobody looks at the page: in the title of its tab and, where the person has allowed
// that by a click, as a notification of the browser.
const title = document.title;
const ended = () => element.querySelector("[data-end]");
const isSeen = () => !document.hidden && document.hasFocus();
let told = ended()?.dataset.end;

function showPermission() { // the button that asks for it is there only while there is something to ask, see train.css
  document.documentElement.dataset.notifications = window.Notification ? Notification.permission : "denied";
}

function restore() {
  if (isSeen()) document.title = title;
}

watch("value", () => {
  const { end, words } = ended()?.dataset || {};
  if (!end || end === told) return;
  told = end;
  if (isSeen()) return;
  document.title = `${words} · ${title}`;
  // Browsers on phones have permissions, but only a service worker may notify: there it stays with the title.
  if (window.Notification?.permission === "granted" && !/Android/.test(navigator.userAgent)) new Notification(words, { tag: end });
});
document.addEventListener("click", async ({ target }) => {
  if (!target.closest("[data-ask=notifications]")) return;
  await Notification.requestPermission();
  showPermission();
});
document.addEventListener("visibilitychange", restore);
window.addEventListener("focus", restore);
showPermission();
