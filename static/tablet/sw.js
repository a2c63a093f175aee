/**
 * Keeps one whole version of the app and serves it, with or without a network. `self.BUILD` is set by a line that the
 * server puts in front: {version, page, files: [{url, integrity}]}.
 *
 * A new version waits until the page lets it in (it does when nobody is using it and the outbox is empty) or until every
 * tab is closed: so that a fault in this version can never keep its own repair out.
 */

const PREFIX = "tablet-";
const CACHE = PREFIX + self.BUILD.version;
const KEPT = new Set(self.BUILD.files.map(({ url }) => url));

self.addEventListener("install", (event) => event.waitUntil(keepAll()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", (event) => {
  if (event.data === "take-over") self.skipWaiting();
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && !KEPT.has(pathname)) event.respondWith(kept(self.BUILD.page, request));
  else if (KEPT.has(pathname)) event.respondWith(kept(pathname, request));
});

/** All files or none, and only as this version has them: a server in the middle of an update makes it fail and try later. */
async function keepAll() {
  const cache = await caches.open(CACHE);
  await Promise.all(self.BUILD.files.map(async ({ url, integrity }) => {
    const answer = await fetch(url, { integrity, cache: "no-cache", credentials: "omit" });
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    await cache.put(url, answer);
  }));
}

async function takeOver() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function kept(url, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(url)) ?? fetch(request);
}
