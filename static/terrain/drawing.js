// Building what is shown: elements with text (never markup), amounts, days, words.

let told = { words: {}, language: "fr" };
export const speak = (catalogue) => { told = catalogue; };
export const said = () => told;

export function word(name, values = {}) {
  const text = told.words[name] || name;
  return text.replace(/%\((\w+)\)s/g, (_all, key) => values[key]);
}

export function h(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child || child === 0));
  return made;
}

export const grouped = (amount) => String(amount).replace(/\B(?=(\d{3})+$)/g, "\u202f");

export const money = (amount, currency) => `${grouped(amount)}\u00a0${currency}`;

export const day = (date) =>
  new Date(date).toLocaleDateString(told.language, { day: "numeric", month: "short", year: "numeric" });

export const clock = (at) =>
  new Date(at).toLocaleTimeString(told.language, { hour: "2-digit", minute: "2-digit" });

// A field with its label above; `more` are attributes of the input.
export function field(label, name, more = {}, kind = "input") {
  const { value, ...rest } = more;
  const input = h(kind, { id: name, name, ...(kind === "input" ? { value, ...rest } : rest) });
  if (kind === "textarea") input.value = value || "";
  return h("div", { class: "field" }, h("label", { for: name }, label), input);
}

export const back = (to) => h("a", { class: "back", href: to }, `← ${word("back")}`);
export const badge = (state) => h("span", { class: `badge ${state}` }, word(state));
