// Stands in for the network on /me/card: shows the copy that card.js keeps when the portal does not answer. Home, which is what
// people open, shows the same where there is no network at all. It stores nothing itself, and without a copy it does nothing.

const CACHE = "card"; // as in card.js
const HOME = "/me";
const PAGE = "/me/card";
const PATIENCE_MS = 3000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && url.pathname === PAGE) event.respondWith(page(event.request));
  else if (event.request.mode === "navigate" && url.pathname === HOME) event.respondWith(home(event.request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(part(event.request));
});

/** The network's answer if it comes in time and is none of a broken server; else the copy, where there is one. */
async function page(request) {
  const kept = await copyOf(PAGE);
  const asked = fetch(request);
  if (!kept) return asked;
  try {
    const response = await Promise.race([asked, tooLate()]);
    return response.status >= 500 ? kept : response;
  } catch {
    asked.catch(() => undefined);
    return kept;
  }
}

/** A slow answer is waited for here: the card is one tap away, and home has more to say. */
async function home(request) {
  try {
    return await fetch(request);
  } catch (gone) {
    const kept = await copyOf(PAGE);
    if (kept) return kept;
    throw gone;
  }
}

/** Files carry the hash of their content in their address, so a kept one is the right one. */
async function part(request) {
  return (await copyOf(request)) ?? fetch(request);
}

async function copyOf(request) {
  return caches.match(request, { cacheName: CACHE, ignoreVary: true });
}

function tooLate() {
  return new Promise((_, fail) => { setTimeout(() => fail(new Error("the portal is slow")), PATIENCE_MS); });
}
