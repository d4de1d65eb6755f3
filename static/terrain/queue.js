// What is to be sent: one visible state for each, from the telephone to the office's answer.
// The order in which things were done stays, for each tenant; what is sent twice counts once.

import { ask, Refused } from "./office.js";
import { all, device, know, note, remove, seal, unseal, within, write } from "./store.js";

const MOST = 50, LARGEST = 1_000_000;  // operations and letters in one push
const SHOWN = 24 * 3600 * 1000;  // how long what was accepted is still shown
const LONGEST = 300;  // seconds between two attempts
const HOUR = 3600 * 1000;
const STATES = { applied: "accepted", duplicate: "accepted", conflict: "conflict", rejected: "refused" };
const channel = new BroadcastChannel("terrain");

const waits = (item) => ["phone", "sent"].includes(item.state);
export const isWaiting = async () => (await all("queue")).some(waits);
export const changed = () => channel.postMessage("changed");

// Queue an operation. `title` says to people what it is; `tenant` (an id) keeps the order.
export async function put(operation, { tenant = 0, title = "" } = {}) {
  const asked = {
    client_id: crypto.randomUUID(), kind: "create", made_at: new Date().toISOString(), ...operation,
  };
  const item = { client_id: asked.client_id, tenant, state: "phone", at: Date.now(), tries: 0 };
  item.target = asked.kind === "update" ? `${asked.entity} ${asked.id}` : "";
  if (!(item.target && await join(item.target, asked.data))) {
    item.sealed = await seal({ title, operation: asked });
    await write("queue", item);
  }
  changed();
  await soon();
  return asked.client_id;
}

// Let a correction join the one of the same row that was never sent, if there is one and nothing is
// being sent; tell whether it did.
function join(target, data) {
  return navigator.locks.request("terrain-push", { ifAvailable: true }, async (lock) => {
    const queued = lock ? await all("queue") : [];
    const earlier = queued.find((item) => item.target === target && item.state === "phone" && !item.tries);
    if (!earlier) return false;
    const told = await unseal(earlier.sealed);
    Object.assign(told.operation.data, data);
    await write("queue", { ...earlier, sealed: await seal(told) });
    return true;
  });
}

// Return the items with what they say (undefined where the key is gone), oldest first.
export async function items() {
  const told = [];
  for (const item of await all("queue")) told.push({ ...item, ...(await unseal(item.sealed)) });
  return told;
}

export async function settle(seq) {
  await remove("queue", seq);
  changed();
}

// Let the browser send when it has network again, even when the page is closed by then.
async function soon() {
  const registration = "serviceWorker" in navigator && await navigator.serviceWorker.getRegistration("/terrain/");
  if (registration && registration.sync) await registration.sync.register("push").catch(() => {});
}

// Send what waits; only one page or worker at a time. `now` does not mind how long to wait yet.
// Returns whether something was sent and nothing is left.
export function send(now = false) {
  return navigator.locks.request("terrain-push", { ifAvailable: true }, async (lock) => {
    const retry = (await know("retry")) || { at: 0, tries: 0 };
    const left = retry.at - Date.now();  // more than an hour: somebody put the clock back
    if (!lock || !(await know("key")) || (!now && left > 0 && left < HOUR)) return false;
    if (!navigator.onLine || !(await isWaiting())) return false;
    try {
      const stuck = await sendAll(retry.tries);
      if (stuck) throw stuck;
      await note({ retry: { at: 0, tries: 0 } });
      return true;
    } catch (error) {
      if (!(error instanceof Refused || error instanceof TypeError)) throw error;
      const tries = retry.tries + 1;
      const wait = Math.max(error.wait || 0, Math.min(LONGEST, 2 ** tries) * (0.5 + Math.random() / 2));
      await note({ retry: { at: Date.now() + wait * 1000, tries } });
      return false;
    } finally {
      changed();
    }
  });
}

// Send batch by batch. When the office failed on a batch before, one by one: what it cannot take
// then holds back its own tenant only, and is the error that comes back.
async function sendAll(tries) {
  const held = new Set();
  let stuck;
  for (;;) {
    const batch = await next(held, tries > 1 ? 1 : MOST);
    if (!batch.length) return stuck;
    await mark(batch, (item) => ({ ...item, state: "sent", tries: item.tries + 1 }));
    let told;
    try {
      told = await ask("push", {
        device: await device(),
        sent_at: new Date().toISOString(),
        operations: batch.map((entry) => entry.operation),
      });
    } catch (error) {
      await mark(batch, (item) => ({ ...item, state: "phone" }));
      if (!(tries > 1 && error.status >= 500)) throw error;
      stuck = error;
      held.add(batch[0].item.tenant);
      continue;
    }
    const results = new Map(told.results.map((result) => [result.client_id, result]));
    await mark(batch, (item) => {
      const result = results.get(item.client_id);
      return { ...item, state: STATES[result.status], result };
    });
    for (const entry of batch) await follow(entry, results.get(entry.item.client_id));
  }
}

// Return the next items to send, as {item, operation}: no two corrections of one row together.
async function next(held, most) {
  const batch = [], targets = new Set();
  let size = 0;
  for (const item of await all("queue")) {
    if (!waits(item) || held.has(item.tenant)) continue;
    if (batch.length === most || (batch.length && size + item.sealed.bytes.byteLength > LARGEST)) break;
    if (item.target && targets.has(item.target)) break;
    targets.add(item.target);
    size += item.sealed.bytes.byteLength;
    batch.push({ item, operation: (await unseal(item.sealed)).operation });
  }
  return batch;
}

async function mark(batch, change) {
  for (const entry of batch) entry.item = change(entry.item);
  await within(["queue"], "readwrite", (store) => {
    for (const entry of batch) store("queue").put(entry.item);
  });
  changed();
}

// A correction that was accepted is what the next one of the same row stands on.
async function follow({ item, operation }, result) {
  if (!item.target || result.version === null || STATES[result.status] !== "accepted") return;
  for (const later of await all("queue")) {
    if (later.target !== item.target || later.state !== "phone" || later.seq <= item.seq) continue;
    const told = await unseal(later.sealed);
    if (told.operation.base_version !== operation.base_version) continue;
    told.operation.base_version = result.version;
    await write("queue", { ...later, sealed: await seal(told) });
  }
}

// Forget what was accepted a day ago.
export async function tidy() {
  for (const item of await all("queue")) {
    if (item.state === "accepted" && Date.now() - item.at > SHOWN) await remove("queue", item.seq);
  }
}
