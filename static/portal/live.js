// Elements that keep themselves up to date.
//
//   <section id="clearance" data-live="/me/clearance" data-live-every="4" data-live-until="2023-06-26T10:00:00Z">
//
// The element is replaced by what its URL answers. It asks only while the page is visible, stops at data-live-until or
// after 30 minutes (with data-live-long it goes on, for boards that nobody touches). An unchanged answer is a 304: nothing
// is swapped. What somebody opened in it stays open. Where three tries in a row have failed, the element says so by
// data-live-stale.

const LONGEST_MS = 30 * 60 * 1000;
const BACK_OFF_MOST = 8;
const STALE_AFTER = 3;
const PATIENCE_MS = 15 * 1000;

/** @typedef {{etag: string | null, since: number, failures: number, next: number, asked: number}} Watch */

/** @type {Map<string, Watch>} by URL, so that a replaced element goes on where its forerunner stopped */
const watches = new Map();

/** Look four times a second for elements that are due: a whole second late would be felt. */
export function startLive() {
  if (!window.htmx) return;
  setInterval(tick, 250);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) restart(); });
  document.addEventListener("htmx:configRequest", askOnlyForChanges);
  document.addEventListener("htmx:beforeSwap", keepOnFailure);
  document.addEventListener("htmx:beforeSwap", keepOpen);
  document.addEventListener("htmx:afterRequest", remember);
}

function tick() {
  if (document.hidden) return;
  const now = Date.now();
  for (const element of document.querySelectorAll("[data-live]")) {
    const url = element.getAttribute("data-live") ?? "";
    const watch = watchOf(url, element, now);
    // A phone that has left its network may wait for an answer for ever: that is a failure like any other.
    if (watch.asked && now > watch.asked + PATIENCE_MS) window.htmx.trigger(element, "htmx:abort");
    if (watch.asked || now < watch.next || now > endOf(element, watch)) continue;
    watch.asked = now;
    window.htmx.ajax("GET", url, { source: element, target: element, swap: "outerHTML" }).catch(() => undefined); // remember() saw it
  }
}

/** @param {Watch} watch */
function endOf(element, watch) {
  const until = Date.parse(element.getAttribute("data-live-until") ?? "") || Infinity;
  return Math.min(until, element.hasAttribute("data-live-long") ? Infinity : watch.since + LONGEST_MS);
}

/** @returns {Watch} */
function watchOf(url, element, now) {
  let watch = watches.get(url);
  if (!watch) {
    watch = { etag: null, since: now, failures: 0, next: now + pause(element), asked: 0 };
    watches.set(url, watch);
  }
  return watch;
}

/** Somebody looks at the page again: the 30 minutes begin anew, and what is shown is asked for at once. */
function restart() {
  for (const watch of watches.values()) {
    watch.since = Date.now();
    watch.next = 0;
  }
}

function pause(element) {
  const seconds = Number(element.getAttribute("data-live-every")) || 4;
  return Math.max(2, seconds) * 1000 * (0.9 + Math.random() * 0.2);
}

/** After a swap the event comes from what is left of the page; its request still knows the element that asked. */
function elementOf(event) {
  return event.detail.requestConfig?.elt ?? event.detail.elt;
}

function watchOfEvent(event) {
  const url = elementOf(event)?.getAttribute?.("data-live");
  return url ? watches.get(url) : undefined;
}

function askOnlyForChanges(event) {
  const watch = watchOfEvent(event);
  if (watch?.etag) event.detail.headers["If-None-Match"] = watch.etag;
}

/** What stands there stays when an update fails; the next try comes by itself, so nobody needs a message. */
function keepOnFailure(event) {
  if (watchOfEvent(event) && event.detail.xhr.status >= 400) event.detail.shouldSwap = false;
}

/** A <details> with an id that was open is open in what comes in its place. */
function keepOpen(event) {
  if (!watchOfEvent(event)) return;
  const open = [...elementOf(event).querySelectorAll("details[id][open]")].map(({ id }) => id);
  if (!open.length) return;
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  }, { once: true });
}

function remember(event) {
  const watch = watchOfEvent(event);
  if (!watch) return;
  const { xhr } = event.detail;
  const fine = xhr.status === 304 || (xhr.status >= 200 && xhr.status < 300);
  watch.asked = 0;
  watch.etag = xhr.getResponseHeader("ETag") ?? watch.etag;
  watch.failures = fine ? 0 : Math.min(watch.failures + 1, 6);
  elementOf(event).toggleAttribute("data-live-stale", watch.failures >= STALE_AFTER);
  watch.next = Date.now() + pause(elementOf(event)) * Math.min(2 ** watch.failures, BACK_OFF_MOST);
}
