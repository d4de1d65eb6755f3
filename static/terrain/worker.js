// Opens the page without network, and sends what waits when the network is back and the page is
// closed. VERSION and FILES are written above by the office.

import { isWaiting, send } from "/static/terrain/queue.js";

const CACHE = `terrain-${VERSION}`;
const PAGE = "/terrain/", WORDS = "/terrain/mots.json";

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await Promise.all([...FILES, WORDS].map((file) => keep(cache, file)));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("terrain-") && name !== CACHE) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) return;
  if (pathname === WORDS) event.respondWith(fresh(event.request));
  else if (FILES.includes(pathname)) event.respondWith(kept(pathname, event.request));
});

self.addEventListener("sync", (event) => {
  if (event.tag === "push") event.waitUntil(sendAll());
});

// The browser tries again later where this fails.
async function sendAll() {
  await send(true);
  if (await isWaiting()) throw new Error("The office was not reached.");
}

async function keep(cache, file) {
  const answer = await fetch(file, { cache: "reload", credentials: "same-origin" });
  if (!answer.ok || answer.redirected) throw new Error(`${file}: ${answer.status}`);
  await cache.put(file, answer);
}

async function kept(file, request) {
  return (await caches.match(file)) || fetch(request);
}

// What depends on the person's language: new when there is network, else as it was.
async function fresh(request) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) {
      await cache.put(WORDS, answer.clone());
      return answer;
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  return (await cache.match(WORDS)) || Response.error();
}
