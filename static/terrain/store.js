// What lies on the telephone: rows that the office told, the queue of what is to be sent, and a
// few words about this telephone. What was not sent lies encrypted; the key is lent by the office.

export const KINDS = ["tenants", "leases", "charges", "missions", "promises", "receivers"];
const STORES = [...KINDS, "queue", "meta"];
const LIFE = 72 * 3600 * 1000;  // without contact for so long, the telephone forgets

let opened;
function base() {
  opened ||= new Promise((done, failed) => {
    const asked = indexedDB.open("terrain", 2);
    asked.onupgradeneeded = (event) => {
      const fresh = event.oldVersion ? ["receivers"] : KINDS;
      for (const kind of fresh) asked.result.createObjectStore(kind, { keyPath: "id" });
      if (event.oldVersion) return;
      asked.result.createObjectStore("queue", { keyPath: "seq", autoIncrement: true });
      asked.result.createObjectStore("meta");
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();  // a newer page is opening it
      done(asked.result);
    };
    asked.onerror = () => failed(asked.error);
  });
  return opened;
}

// Run `work` with a function that opens a store; return its result when all of it is written.
export async function within(names, mode, work) {
  const transaction = (await base()).transaction(names, mode);
  const written = new Promise((done, failed) => {
    transaction.oncomplete = done;
    transaction.onabort = () => failed(transaction.error);
  });
  const asked = work((name) => transaction.objectStore(name));
  await written;
  return asked && asked.result;
}

export const all = (name) => within([name], "readonly", (store) => store(name).getAll());
export const one = (name, key) => within([name], "readonly", (store) => store(name).get(key));
export const write = (name, row) => within([name], "readwrite", (store) => store(name).put(row));
export const remove = (name, key) => within([name], "readwrite", (store) => store(name).delete(key));
export const know = (word) => one("meta", word);
export const note = (words) => within(["meta"], "readwrite", (store) => {
  for (const [word, value] of Object.entries(words)) store("meta").put(value, word);
});

// Forget everything but the queue, which nobody can read then, and whose telephone this is.
export function wipe() {
  return within([...KINDS, "meta"], "readwrite", (store) => {
    for (const kind of KINDS) store(kind).clear();
    for (const word of ["key", "cursor", "contact"]) store("meta").delete(word);
  });
}

export async function wipeWhenOld() {
  const contact = await know("contact");
  const old = contact !== undefined && Date.now() - contact > LIFE;
  if (old) await wipe();
  return old;
}

export async function device() {
  const known = await know("device");
  if (known) return known;
  const made = crypto.randomUUID();
  await note({ device: made });
  return made;
}

export async function seal(value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const key = await know("key");
  return { iv, bytes: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes) };
}

// Return what was sealed; undefined while this telephone has no key.
export async function unseal(sealed) {
  const key = await know("key");
  if (!key) return undefined;
  const bytes = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, key, sealed.bytes);
  return JSON.parse(new TextDecoder().decode(bytes));
}

export async function keepKey(written) {
  const bytes = Uint8Array.from(atob(written), (sign) => sign.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  await note({ key });
}
