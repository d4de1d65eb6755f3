// What the office tells: whom to visit today, what they owe, what they promised.

import { ask } from "./office.js";
import { changed } from "./queue.js";
import { all, device, keepKey, KINDS, know, note, within } from "./store.js";

// Load what is different since the last time; only one page at a time, so that no older answer is
// written over a newer one. Another person may take the telephone over when nothing is left to send.
export function refresh() {
  return navigator.locks.request("terrain-pull", async () => {
    try {
      await load();
    } catch (error) {
      const left = (await all("queue")).some((item) => item.state !== "accepted");
      if (error.code !== "device_taken" || left) throw error;
      await within(["queue", "meta"], "readwrite", (store) => {
        store("queue").clear();
        store("meta").delete("device");
      });
      await load();
    }
  });
}

async function load() {
  const told = await ask("device", { device: await device() });
  await keepKey(told.key);
  await note({ person: told.person });
  while (await page()) ;  // the answers come in pages
  await note({ contact: Date.now() });
  changed();
}

async function page() {
  const cursor = await know("cursor");
  let told;
  try {
    told = await ask(`pull?device=${await device()}${cursor ? `&cursor=${cursor}` : ""}`);
  } catch (error) {
    if (error.status !== 400 || !cursor) throw error;
    await within([...KINDS, "meta"], "readwrite", (store) => {  // nobody knows what we hold
      for (const kind of KINDS) store(kind).clear();
      store("meta").delete("cursor");
    });
    return true;
  }
  await within([...KINDS, "meta"], "readwrite", (store) => {
    for (const kind of KINDS) {
      for (const row of told.changes[kind]) store(kind).put(row);
      for (const id of told.deleted[kind]) store(kind).delete(id);
    }
    store("meta").put(told.cursor, "cursor");
  });
  return told.has_more;
}
