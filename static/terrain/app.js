// The page of the field: screens by the address's mark (#/…), each drawn anew when something
// changed. Everything a person does here is queued first and sent afterwards.

import { refresh } from "./day.js";
import { back, badge, clock, day, field, grouped, h, money, said, speak, word } from "./drawing.js";
import { Refused } from "./office.js";
import { changed, items, put, send, settle, tidy } from "./queue.js";
import { receiptCode, small, where } from "./senses.js";
import { all, know, one, wipeWhenOld } from "./store.js";

const SECOND = 1000, MINUTE = 60 * SECOND;
const OFTEN = 5 * MINUTE;  // how often the day is asked for where nothing else is a reason to
const RESULTS = ["payment", "promise", "refused", "absent"];
const main = document.getElementById("terrain");
const state = document.getElementById("state");
const channel = new BroadcastChannel("terrain");
let asked = 0;  // when the day was last asked for

// Screens

async function dayScreen() {
  const [tenants, promises, queued] = [await all("tenants"), await all("promises"), await items()];
  const promised = new Map(promises.map((promise) => [promise.tenant, promise]));
  const done = new Set(queued.filter((item) => is(item, "visit")).map((item) => item.tenant));
  const stops = (await all("missions")).flatMap((mission) => mission.stops);
  const planned = new Map(stops.map((stop) => [stop.tenant, stop]));
  const rank = ({ id }) => (planned.has(id) ? planned.get(id).order : stops.length + 1);
  const arrival = ({ id }) => planned.has(id) && planned.get(id).arrives_at;
  tenants.sort((one, other) => done.has(one.id) - done.has(other.id)
    || rank(one) - rank(other) || other.late - one.late);
  return [
    h("h1", {}, word("today")),
    h("nav", { class: "row" },
      h("a", { class: "button quiet", href: "#/queue" }, word("queue"), h("b", {}, String(waiting(queued)))),
      h("a", { class: "button quiet", href: "#/cash" }, word("hand_over"))),
    tenants.length ? "" : h("p", { class: "empty" }, word((await know("contact")) ? "nobody" : "load_first")),
    h("ol", { class: "stops" }, tenants.map((tenant) => h("li", {},
      h("a", { href: `#/tenant/${tenant.id}`, class: done.has(tenant.id) ? "done" : "" },
        h("b", {}, tenant.name),
        h("span", { class: "num" }, money(owed(tenant, queued), tenant.currency)),
        h("span", {}, arrival(tenant) ? `${arrival(tenant)} · ` : "", place(tenant)),
        warnings(tenant),
        promised.has(tenant.id) && h("span", {}, word("promised_for", { day: day(promised.get(tenant.id).date) })),
        done.has(tenant.id) && h("span", {}, `✓ ${word("visited")}`))))),
  ];
}

async function tenantScreen(id) {
  const tenant = await one("tenants", Number(id));
  if (!tenant) return gone();
  const [leases, charges, queued] = [await all("leases"), await all("charges"), await items()];
  const own = leases.filter((lease) => lease.tenant === tenant.id);
  const open = charges.filter((charge) => own.some((lease) => lease.id === charge.lease));
  const home = tenant.home;
  return [
    back("#/"),
    h("h1", {}, tenant.name),
    h("p", { class: "sum num" }, money(owed(tenant, queued), tenant.currency)),
    h("p", {}, tenant.late_since && word("late_since", { day: day(tenant.late_since) })),
    tenant.phones.map((number) => h("a", { class: "button quiet", href: `tel:${number}` }, `☎ ${number}`)),
    h("p", {}, place(tenant), home && home.landmark ? ` · ${home.landmark}` : "",
      own.map((lease) => ` · ${lease.units.join(", ")}`)),
    home && home.latitude !== null && h("a", { class: "button quiet", href: `geo:${home.latitude},${home.longitude}` }, word("show_place")),
    warnings(tenant),
    tenant.notes && h("p", { class: "note" }, tenant.notes),
    h("h2", {}, word("what_happened")),
    h("div", { class: "results" }, RESULTS.map((result) =>
      h("a", { class: `button ${result}`, href: `#/visit/${tenant.id}/${result}` }, word(`result_${result}`)))),
    h("h2", {}, word("open_charges")),
    h("ul", { class: "lines" }, open.map((charge) => h("li", {},
      h("span", {}, charge.label), h("span", { class: "num" }, money(charge.left, tenant.currency))))),
    h("a", { class: "button quiet", href: `#/edit/${tenant.id}` }, word("correct")),
    navigator.onLine && h("a", { class: "button quiet", href: hoursPage(tenant.id) }, word("visiting_hours")),
  ];
}

// Hours are noted at the office's own page, which leads back here.
const hoursPage = (id) => `/locataires/${id}/visites?next=${encodeURIComponent(`/terrain/#/tenant/${id}`)}`;

// What to know before going there: what to beware of, and when somebody is at home.
const warnings = ({ home, visiting_hours: hours }) => [
  home && home.safety_note && h("b", { class: "beware" }, `⚠ ${home.safety_note}`),
  hours && h("b", { class: "hours" }, word("can_be_visited", { hours })),
];

async function visitScreen(id, result) {
  const tenant = await one("tenants", Number(id));
  if (!tenant || !RESULTS.includes(result)) return gone();
  const own = (await all("leases")).filter((lease) => lease.tenant === tenant.id);
  const late = owed(tenant, await items());
  const position = where();  // found while the person writes
  const week = new Date(Date.now() + 7 * 24 * 60 * MINUTE).toISOString().slice(0, 10);
  const amount = { value: late > 0 ? grouped(late) : "", inputmode: "numeric", required: true, pattern: "[0-9 \u202f]*", autocomplete: "off" };
  const form = h("form", { onsubmit: (event) => {
    event.preventDefault();
    return once(form, async () => saveVisit(tenant, result, form, await quick(position)));
  } },
  result === "payment" && own.length > 1 && h("div", { class: "field" }, h("label", { for: "lease" }, word("lease")),
    h("select", { id: "lease", name: "lease" }, own.map((lease) => h("option", { value: lease.id }, `${lease.reference} · ${lease.property}`)))),
  result === "payment" && own.length === 1 && h("input", { type: "hidden", name: "lease", value: own[0].id }),
  ["payment", "promise"].includes(result) && field(word("amount_in", { currency: tenant.currency }), "amount", amount),
  result === "promise" && field(word("promised_day"), "date", { type: "date", value: week, required: true }),
  field(word("photo"), "photo", {
    type: "file", accept: "image/*", capture: "environment", oninput: (event) => event.target.setCustomValidity(""),
  }),
  field(word("note"), "notes", { maxlength: 1000 }),
  h("button", { class: `button ${result}` }, word("save")));
  return [back(`#/tenant/${tenant.id}`), h("h1", {}, `${word(`result_${result}`)} · ${tenant.name}`), form];
}

async function saveVisit(tenant, result, form, position) {
  const written = new FormData(form);
  const taken = written.get("photo");
  const photo = taken && taken.size ? await small(taken).catch(() => undefined) : "";
  form.elements.photo.setCustomValidity(photo === undefined ? word("photo_damaged") : "");
  if (!form.reportValidity()) return;
  const about = { tenant: tenant.id, title: `${word(`result_${result}`)} · ${tenant.name}` };
  const data = { tenant: tenant.id, result, notes: written.get("notes") };
  const amount = Number((written.get("amount") || "").replace(/\D/g, ""));
  if (position) {
    const { at, ...place } = position;
    Object.assign(data, place);
    await put({ entity: "position", data: place, made_at: at }, { title: word("position") });
  }
  if (result === "payment") {
    data.payment = { lease: Number(written.get("lease")), amount, receipt_code: receiptCode(said().letters) };
    about.title += ` · ${money(amount, tenant.currency)}`;
  }
  if (result === "promise") data.promise = { amount, date: written.get("date") };
  const visit = await put({ entity: "visit", data }, about);
  if (photo) {
    const picture = { entity: "photo", data: { visit, photo } };
    await put(picture, { tenant: tenant.id, title: `${word("photo")} · ${tenant.name}` });
  }
  location.hash = result === "payment" ? `#/receipt/${visit}` : "#/";
  exchange();
}

async function receiptScreen(visit) {
  const item = (await items()).find((queued) => queued.client_id === visit);
  if (!item || !item.operation) return gone();
  const { payment } = item.operation.data;
  const tenant = await one("tenants", item.tenant);
  const receipt = item.result && item.result.receipt;
  return [
    back("#/"),
    h("section", { class: "receipt" },
      h("p", {}, said().agency),
      h("h1", {}, word(receipt ? "receipt" : "provisional_receipt")),
      h("p", { class: "code" }, payment.receipt_code.match(/.{4}/g).join(" ")),
      h("p", { class: "sum num" }, money(payment.amount, (tenant || {}).currency || said().currency)),
      h("p", {}, item.title),
      h("p", {}, `${day(item.operation.made_at)}, ${clock(item.operation.made_at)}`),
      receipt && h("p", {}, word("receipt_number", { number: receipt.number })),
      h("p", {}, word("verify_at", { address: said().verify })),
      h("p", { class: "no-print" }, badge(item.state), " ", problem(item))),
    h("button", { class: "button quiet no-print", onclick: () => window.print() }, word("print")),
  ];
}

async function queueScreen() {
  const queued = (await items()).reverse();
  return [
    back("#/"),
    h("h1", {}, word("queue")),
    h("button", { class: "button", onclick: () => exchange(true) }, word("send_now")),
    queued.length ? "" : h("p", { class: "empty" }, word("queue_empty")),
    h("ul", { class: "queue" }, queued.map((item) => h("li", { "data-state": item.state },
      h("b", {}, item.title || word("sealed")), h("span", {}, `${day(item.at)}, ${clock(item.at)}`), badge(item.state),
      problem(item),
      item.state === "conflict" && item.operation && h("a", { class: "button", href: `#/conflict/${item.client_id}` }, word("settle")),
      item.state === "refused" && h("button", { class: "button quiet", onclick: () => settle(item.seq) }, word("seen"))))),
  ];
}

async function conflictScreen(id) {
  const item = (await items()).find((queued) => queued.client_id === id);
  if (!item || !item.operation || item.state !== "conflict") return gone();
  const { server, mine, fields } = item.result.conflict;
  const form = h("form", {}, fields.map((name) => h("fieldset", {},
    h("legend", {}, word(name)),
    h("p", {}, word("theirs"), h("b", { class: "state" }, shown(server[name]))),
    h("p", {}, word("mine"), h("b", { class: "state" }, shown(mine[name]))),
    field(word("together"), name, { value: merged(server[name], mine[name]), rows: 3 }, "textarea"))));
  const others = Object.fromEntries(Object.entries(mine).filter(([name]) => !fields.includes(name)));
  const choose = (changes) => once(form, async () => {
    const { kind, entity, id: row } = item.operation;
    if (Object.keys(changes).length) {
      const about = { tenant: item.tenant, title: item.title };
      await put({ kind, entity, id: row, base_version: server.version, data: changes }, about);
    }
    await settle(item.seq);
    location.hash = "#/queue";
    exchange();
  });
  const together = () => {
    const written = Object.fromEntries(fields.map((name) => [name, read(mine[name], new FormData(form).get(name))]));
    return choose({ ...others, ...written });
  };
  form.append(
    h("button", { class: "button", type: "button", onclick: together }, word("keep_together")),
    h("button", { class: "button quiet", type: "button", onclick: () => choose(others) }, word("keep_theirs")),
    h("button", { class: "button quiet", type: "button", onclick: () => choose(mine) }, word("keep_mine")));
  return [back("#/queue"), h("h1", {}, item.title), h("p", {}, word("conflict_why")), form];
}

async function editScreen(id) {
  const tenant = await one("tenants", Number(id));
  if (!tenant) return gone();
  const { home } = tenant;
  const form = h("form", { onsubmit: (event) => {
    event.preventDefault();
    return once(form, () => saveEdit(tenant, new FormData(form)));
  } },
  field(word("phones"), "phones", { value: tenant.phones.join("\n"), rows: 3, inputmode: "tel" }, "textarea"),
  field(word("notes"), "notes", { value: tenant.notes, rows: 4 }, "textarea"),
  home && field(word("landmark"), "landmark", { value: home.landmark, maxlength: 200 }),
  home && field(word("safety_note"), "safety_note", { value: home.safety_note, maxlength: 200 }),
  h("button", { class: "button" }, word("save")));
  return [back(`#/tenant/${tenant.id}`), h("h1", {}, tenant.name), form];
}

async function saveEdit(tenant, written) {
  const about = { tenant: tenant.id, title: `${word("correct")} · ${tenant.name}` };
  const phones = read([], written.get("phones"));
  const data = {};
  if (phones.join() !== tenant.phones.join()) data.phones = phones;
  if (written.get("notes") !== tenant.notes) data.notes = written.get("notes");
  const update = { kind: "update", entity: "tenant", id: tenant.id, base_version: tenant.version, data };
  if (Object.keys(data).length) await put(update, about);
  const { home } = tenant;
  const names = home ? ["landmark", "safety_note"].filter((name) => written.get(name) !== (home[name] || "")) : [];
  if (names.length) {
    const said = Object.fromEntries(names.map((name) => [name, written.get(name)]));
    const found = { kind: "update", entity: "property", id: home.id, base_version: home.version, data: said };
    await put(found, about);
  }
  location.hash = `#/tenant/${tenant.id}`;
  exchange();
}

async function cashScreen() {
  if (!(await know("key"))) return [back("#/"), h("p", { class: "empty" }, word("load_first"))];
  const [[tenant], receivers] = [await all("tenants"), await all("receivers")];
  receivers.sort((one, other) => one.name.localeCompare(other.name));
  const currency = (tenant && tenant.currency) || said().currency;
  const worths = said().denominations[currency] || [];
  const counted = (form) => worths.map((worth) => [worth, Number(form.get(`n${worth}`)) || 0]);
  const sum = h("p", { class: "sum num" }, money(0, currency));
  const form = h("form", {
    oninput: () => {
      const total = counted(new FormData(form)).reduce((all, [worth, number]) => all + worth * number, 0);
      sum.textContent = money(total, currency);
    },
    onsubmit: (event) => {
      event.preventDefault();
      return once(form, async () => {
        const written = new FormData(form);
        const data = { notes: Object.fromEntries(counted(written).filter(([, number]) => number)) };
        if (!Object.keys(data.notes).length) return;
        const receiver = receivers.find(({ id }) => String(id) === written.get("receiver"));
        if (receiver) Object.assign(data, { receiver: receiver.id, site: receiver.site });
        const to = receiver ? receiver.name : word("till");
        await put({ entity: "hand_over", data }, { title: `${word("hand_over")} · ${to} · ${sum.textContent}` });
        location.hash = "#/queue";
        exchange();
      });
    },
  },
  h("div", { class: "field" }, h("label", { for: "receiver" }, word("handed_to")),
    h("select", { id: "receiver", name: "receiver" }, h("option", { value: "" }, word("till")),
      receivers.map((receiver) => h("option", { value: receiver.id }, receiver.name)))),
  worths.map((worth) => field(money(worth, currency), `n${worth}`, { inputmode: "numeric", pattern: "[0-9]*", autocomplete: "off" })),
  sum, h("button", { class: "button" }, word("declare")));
  return [back("#/"), h("h1", {}, word("hand_over")), h("p", {}, word("hand_over_why")), form];
}

const gone = () => [back("#/"), h("p", { class: "empty" }, word("gone"))];

const SCREENS = {
  tenant: tenantScreen, visit: visitScreen, receipt: receiptScreen, queue: queueScreen,
  conflict: conflictScreen, edit: editScreen, cash: cashScreen,
};
// What shows figures is drawn anew; what is being written in is left alone.
const LIVE = ["", "queue", "receipt"];

async function draw(everything = true) {
  const [, name = "", ...rest] = location.hash.split("/");
  if (!everything && !LIVE.includes(name)) return showState();
  const drawn = await (SCREENS[name] || dayScreen)(...rest.map(decodeURIComponent));
  main.replaceChildren(...drawn.flat().filter(Boolean));
  if (everything) window.scrollTo(0, 0);
  return showState();
}

// One line at the head: whether there is network, how much waits, what is wrong.
async function showState() {
  const [queued, trouble, contact] = [await items(), await know("trouble"), await know("contact")];
  const count = waiting(queued);
  const line = trouble ? word(trouble) : navigator.onLine ? word("online") : word("offline");
  state.className = trouble ? "trouble" : navigator.onLine ? "on" : "off";
  state.replaceChildren(
    h("span", {}, line, count ? ` · ${word("waiting", { number: count })}` : "",
      contact ? ` · ${word("loaded_at", { time: clock(contact) })}` : ""),
    trouble === "signed_out" && h("a", { class: "button", href: "/accounts/login/?next=/terrain/" }, word("sign_in")) || "");
}

// Send what waits; load what is different when something was sent, when told to, or now and then.
async function exchange(now = false) {
  try {
    if (await wipeWhenOld()) changed();
    const keyed = await know("key");
    const sent = keyed && await send(now);
    if (now || sent || Date.now() - asked > (keyed ? OFTEN : OFTEN / 10)) {
      asked = Date.now();
      await refresh();
      if (!keyed) await send(true);
    }
  } catch (error) {
    if (!(error instanceof Refused || error instanceof TypeError)) throw error;
  } finally {
    await draw(false);
  }
}

// Small things

const is = (item, entity) => item.operation && item.operation.entity === entity;
const waiting = (queued) => queued.filter((item) => item.state !== "accepted").length;

// Where somebody lives; the quarter only where the name of the house does not say it.
function place({ home }) {
  if (!home) return "";
  return home.quartier && !home.name.includes(home.quartier) ? `${home.name}, ${home.quartier}` : home.name;
}

const shown = (value) => Array.isArray(value) ? value.join(", ") : String(value === null ? "–" : value);
const problem = (item) => item.state === "refused" && item.result
  ? h("span", { class: "problem" }, item.result.problem.detail) : "";

// What a tenant owes once the office knows what was taken here.
function owed(tenant, queued) {
  const taken = queued.filter((item) => item.tenant === tenant.id && ["phone", "sent"].includes(item.state) && is(item, "visit"));
  return tenant.late - taken.reduce((sum, item) => sum + ((item.operation.data.payment || {}).amount || 0), 0);
}

function merged(theirs, mine) {
  if (Array.isArray(theirs)) return [...new Set([...theirs, ...mine])].join("\n");
  return theirs && mine ? `${theirs}\n${mine}` : String(theirs || mine || "");
}

// Read what was written where `like` stood: a list has one entry on each line.
function read(like, text) {
  if (!Array.isArray(like)) return text;
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

const quick = (position) => Promise.race([position, new Promise((none) => setTimeout(none, SECOND))]);

// Pressed twice, a form is saved once.
async function once(form, save) {
  if (form.dataset.sent) return;
  form.dataset.sent = "1";
  try {
    await save();
  } finally {
    delete form.dataset.sent;
  }
}

async function begin() {
  if (!window.isSecureContext || !navigator.locks) {
    main.replaceChildren(h("p", { class: "empty" }, main.dataset.insecure));
    return;
  }
  navigator.serviceWorker.register("/terrain/sw.js", { type: "module", scope: "/terrain/" });
  speak(await (await fetch("/terrain/mots.json")).json());
  channel.addEventListener("message", () => draw(false));
  window.addEventListener("hashchange", () => draw());
  window.addEventListener("online", () => exchange(true));
  window.addEventListener("offline", showState);
  setInterval(exchange, 5 * SECOND);
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
  await wipeWhenOld();
  await tidy();
  await draw();
  await exchange(true);
}

begin();
