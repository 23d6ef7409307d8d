// What the address of the page asks for: a name for each of these, or nothing. What no page of ours writes is ignored.
const NAMES = ["tab", "effect", "run"];
const asked = () => {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries(NAMES.map((name) => [name, /^[^\p{Cc}]{1,200}$/u.test(query.get(name) || "") ? query.get(name) : ""]));
};
