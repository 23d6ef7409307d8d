// What the parts of the Train tab tell one another: which moment of the run is shown, and which one is wanted.
// A part that is torn down with its accordion must not be told anything any more.
const hear = (name, act) => {
  const listen = (event) => element.isConnected ? act(event.detail) : document.removeEventListener(name, listen);
  document.addEventListener(name, listen);
};
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
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
