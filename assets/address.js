// The address of the page names its tab, effect and run, so that a reload, the back button and another window find them.
// What the page comes to by itself, or because an address asked for it, replaces the entry of the history; what a person
// chooses adds one.
const tabs = () => [...document.querySelectorAll("#steps [role=tab][data-tab-id]")];
const openTab = () => tabs().find((tab) => tab.getAttribute("aria-selected") === "true");
const shown = () => element.querySelector("[data-effect]")?.dataset; // nothing before the first answer of the server
let isFollowing = true; // the page is on its way to what the address says

function open(name) {
  const tab = tabs().find((tab) => tab.dataset.tabId === name);
  if (tab && tab !== openTab()) tab.click();
  return Boolean(tab);
}

function write() {
  if (!shown() || !openTab()) return;
  const now = { tab: openTab().dataset.tabId, effect: shown().effect, run: shown().run };
  const url = new URL(location.href);
  for (const name of NAMES) {
    if ((url.searchParams.get(name) || "") === now[name]) continue;
    now[name] ? url.searchParams.set(name, now[name]) : url.searchParams.delete(name);
  }
  if (url.href !== location.href) history[isFollowing ? "replaceState" : "pushState"](history.state, "", url);
  isFollowing = false;
}

const isOpened = open(asked().tab);
const watched = new MutationObserver(() => { if (!isFollowing) write(); });
let isFirst = true;
watch("value", () => {
  if (isFirst && !isOpened && openTab() === tabs()[0]) open(asked().tab); // unless the person was faster
  if (isFirst) watched.observe(document.querySelector("#steps"), { subtree: true, attributeFilter: ["aria-selected"] });
  isFirst = false;
  setTimeout(write); // once the tab is open
});

addEventListener("popstate", () => {
  const { tab, effect, run } = asked();
  const isSame = shown() && effect === shown().effect && run === shown().run;
  isFollowing = true;
  open(tab || tabs()[0].dataset.tabId);
  if (isSame) setTimeout(() => { isFollowing = false; });
  else trigger("moved", { effect, run });
});
