// The graduate's card for times without a network.
//
// On the home page and on the card's own page this keeps a copy of the card's page, with the files it needs, in one
// cache that card-sw.js shows when the network does not answer. On the card's page it also says how old the copy is,
// and keeps the screen awake. A copy that is not this person's, or that the server no longer gives, is deleted.

const CACHE = "card"; // as in card-sw.js; page.js deletes it where nobody is signed in
const PAGE = "/me/card";
const SCOPE = "/me"; // home shows the card, too, where there is no network
const GONE = [401, 403, 404, 410];
const FRESH_MS = 5 * 60 * 1000;
const LOOK_AGAIN_MS = 60 * 1000;
const PATIENCE_MS = 10 * 1000;

const shown = /** @type {HTMLElement | null} */ (document.querySelector("[data-card-owner]"));
const screen = document.querySelector("main[data-card-owner]");
let canKeep = "serviceWorker" in navigator && "caches" in window;

/** What the portal answers, if it does so in time. A network that takes everything and gives nothing is none. */
async function ask() {
  const patience = new AbortController();
  const late = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const response = await fetch(PAGE, { cache: "no-store", signal: patience.signal });
    return { response, text: await response.clone().text() };
  } finally {
    clearTimeout(late);
  }
}

/** Fetch the card's page and keep it. @returns {Promise<Document | null>} null when it is no longer given */
async function keep() {
  const { response, text } = await ask();
  if (response.redirected || GONE.includes(response.status)) {
    await window.caches?.delete(CACHE);
    return null;
  }
  if (!response.ok) throw new Error(`the portal answered ${response.status}`);
  const page = new DOMParser().parseFromString(text, "text/html");
  if (canKeep) await store(response, page).catch(keepNothing);
  return page;
}

/** A private window, a full disk, a browser inside an app: it cannot keep the card after all, and the card's page says what to do. */
function keepNothing(/** @type {unknown} */ reason) {
  canKeep = false;
  console.warn("the card is not kept for times without a network:", reason);
  document.getElementById("not-kept")?.toggleAttribute("hidden", false);
}

/** The files first: a page that is there can be shown whole. @param {Response} response @param {Document} page */
async function store(response, page) {
  const cache = await caches.open(CACHE);
  const parts = [...page.querySelectorAll("link[href], script[src]")].map((part) => part.getAttribute("href") ?? part.getAttribute("src"));
  const wanted = new Set(parts.map((part) => new URL(part ?? "", location.origin).href));
  const kept = new Set((await cache.keys()).map((request) => request.url));
  await cache.addAll([...wanted].filter((url) => !kept.has(url)));
  await cache.put(PAGE, response);
  wanted.add(new URL(PAGE, location.origin).href);
  for (const url of kept) if (!wanted.has(url)) await cache.delete(url);
}

/** On the home page: keep the card unless a young copy of this very card is there. */
async function keepForLater() {
  const { cardOwner, cardGen } = /** @type {HTMLElement} */ (shown).dataset;
  const kept = await (await caches.open(CACHE)).match(PAGE);
  if (kept) {
    const page = new DOMParser().parseFromString(await kept.clone().text(), "text/html");
    const card = /** @type {HTMLElement | null} */ (page.querySelector("main[data-card-owner]"));
    if (card?.dataset.cardOwner !== cardOwner) await caches.delete(CACHE);
    else if (card?.dataset.cardGen === cardGen && Date.now() - Date.parse(kept.headers.get("Date") ?? "") < FRESH_MS) return;
  }
  await keep();
}

/** On the card's page: show what the server says now, or that it does not answer. */
async function refresh() {
  let page;
  try {
    page = await keep();
  } catch {
    tellOffline(true);
    return;
  }
  if (page === null) {
    location.reload(); // leads to sign-in, or says why there is no card
    return;
  }
  tellOffline(false);
  for (const id of ["card", "as-of"]) {
    const now = page.getElementById(id);
    if (now) document.getElementById(id)?.replaceWith(document.adoptNode(now));
  }
}

/** @param {boolean} offline */
function tellOffline(offline) {
  const note = document.getElementById("offline");
  if (note) note.hidden = !offline;
  for (const way of document.querySelectorAll("[data-online] a")) way.toggleAttribute("hidden", offline);
}

async function stayAwake() {
  if (document.hidden || !navigator.wakeLock) return;
  await navigator.wakeLock.request("screen").catch(() => undefined); // refused on a low battery: then it dims as usual
}

async function start() {
  if (!shown) return;
  if (!canKeep) keepNothing("no service worker here");
  else await navigator.serviceWorker.register(`${PAGE}/sw.js`, { scope: SCOPE }).catch(keepNothing);
  if (!screen) {
    if (canKeep) await keepForLater().catch(keepNothing);
    return;
  }
  const look = () => { if (!document.hidden) { refresh(); stayAwake(); } };
  document.addEventListener("visibilitychange", look);
  for (const event of ["online", "offline"]) window.addEventListener(event, look);
  setInterval(look, LOOK_AGAIN_MS);
  look();
}

start();
