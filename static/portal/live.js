// Elements that keep themselves up to date.
//
//   <section id="clearance" data-live="/me/clearance" data-live-every="4" data-live-until="2023-06-26T10:00:00Z">
//
// The element is replaced by what its URL answers. It asks only while the page is visible, stops at data-live-until or
// after 30 minutes, and for good when the server answers 286. An unchanged answer is a 304: nothing is swapped.

const LONGEST_MS = 30 * 60 * 1000;
const BACK_OFF_MOST = 8;

/** @typedef {{etag: string | null, since: number, failures: number, next: number, busy: boolean, ended: boolean}} Watch */

/** @type {Map<string, Watch>} by URL, so that a replaced element goes on where its forerunner stopped */
const watches = new Map();

/** Look four times a second for elements that are due: a whole second late would be felt. */
export function startLive() {
  if (!window.htmx) return;
  setInterval(tick, 250);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) restart(); });
  document.addEventListener("htmx:configRequest", askOnlyForChanges);
  document.addEventListener("htmx:beforeSwap", keepOnFailure);
  document.addEventListener("htmx:afterRequest", remember);
}

function tick() {
  if (document.hidden) return;
  const now = Date.now();
  for (const element of document.querySelectorAll("[data-live]")) {
    const url = element.getAttribute("data-live") ?? "";
    const watch = watchOf(url, element, now);
    const until = Date.parse(element.getAttribute("data-live-until") ?? "") || watch.since + LONGEST_MS;
    if (watch.ended || watch.busy || now < watch.next || now > Math.min(until, watch.since + LONGEST_MS)) continue;
    watch.busy = true;
    window.htmx.ajax("GET", url, { source: element, target: element, swap: "outerHTML" });
  }
}

/** @returns {Watch} */
function watchOf(url, element, now) {
  let watch = watches.get(url);
  if (!watch) {
    watch = { etag: null, since: now, failures: 0, next: now + pause(element), busy: false, ended: false };
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

function remember(event) {
  const watch = watchOfEvent(event);
  if (!watch) return;
  const { xhr } = event.detail;
  const fine = xhr.status === 304 || (xhr.status >= 200 && xhr.status < 300);
  watch.busy = false;
  watch.etag = xhr.getResponseHeader("ETag") ?? watch.etag;
  watch.ended = xhr.status === 286;
  watch.failures = fine ? 0 : Math.min(watch.failures + 1, 6);
  watch.next = Date.now() + pause(elementOf(event)) * Math.min(2 ** watch.failures, BACK_OFF_MOST);
}
