// Events between the parts of the Train tab: which moment of the run is shown, and which one is wanted.
// A component that is removed when its accordion closes stops listening.
const subscribe = (name, act) => {
  const listen = (event) => element.isConnected ? act(event.detail) : document.removeEventListener(name, listen);
  document.addEventListener(name, listen);
};
const publish = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
const find = (selector, where = element) => where.querySelector(selector);
const findAll = (selector, where = element) => [...where.querySelectorAll(selector)];

// Texts with {places}, and numbers for people.
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const whole = (number) => Math.round(number).toLocaleString("en-US");
const clock = (seconds) => {
  const all = Math.round(seconds), hours = Math.floor(all / 3600), minutes = Math.floor((all % 3600) / 60);
  const pad = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${pad(minutes)}:${pad(all % 60)}` : `${minutes}:${pad(all % 60)}`;
};
