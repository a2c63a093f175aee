/** The station protocol as this tablet speaks it. Every call ends: with an answer, a refusal, or `Unreachable`. */

const BASE = "/station/v1/";
const PATIENCE_MS = 20_000;
const BODILESS = new Set([202, 204, 304]);
const TRUSTED_TRIP_MS = 4_000; // a slower one says too little about the clocks
const SAME_MS = 500; // a clock that was set meanwhile says nothing at all

/** Nobody answered, or something that does not speak the protocol (a hotel's sign-in page, a proxy's error). */
export class Unreachable extends Error {}

/** The server understood and refused. */
export class Refused extends Error {
  /** @param {number} status @param {string} code @param {string} message a sentence for people */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * @param {string} path below /station/v1/
 * @param {{token?: string, body?: object, etag?: string | null, patience?: number, method?: string, bytes?: ArrayBuffer,
 *   headers?: Record<string, string>}} [options] `body` goes as JSON, `bytes` as they are; patience in ms
 * @returns {Promise<{status: number, body: any, etag: string | null, headers: Headers, sent: number, received: number, took: number}>} body null
 *   where the answer has none: a 304, and answers to bytes and to HEAD; `took` in ticks
 * @throws {Unreachable | Refused}
 */
export async function call(path, { token, body, etag, patience = PATIENCE_MS, method, bytes, headers: more } = {}) {
  const headers = { Accept: "application/json", ...more };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (etag) headers["If-None-Match"] = etag;
  if (body) headers["Content-Type"] = "application/json";
  const sent = Date.now();
  const began = performance.now();
  let answer, read;
  try {
    answer = await fetch(BASE + path, {
      method: method ?? (body ? "POST" : "GET"), headers, body: bytes ?? (body && JSON.stringify(body)), priority: bytes ? "low" : "auto",
      cache: "no-store", credentials: "omit", redirect: "error", signal: AbortSignal.timeout(patience),
    });
    read = BODILESS.has(answer.status) || method === "HEAD" ? null : await answer.json();
  } catch (error) {
    throw new Unreachable(String(error), { cause: error });
  }
  const trip = { sent, received: Date.now(), took: performance.now() - began };
  const { status } = answer;
  const mayBeEmpty = status === 304 || bytes || method === "HEAD";
  if (typeof read !== "object" || (read === null && !mayBeEmpty)) throw new Unreachable("not an answer of this protocol");
  if (!answer.ok && status !== 304) throw new Refused(status, read?.error?.code ?? "unknown", read?.error?.message ?? "");
  return { status, body: read, etag: answer.headers.get("ETag") ?? etag, headers: answer.headers, ...trip };
}

/** Server minus device clock in ms, by a quick answer with `server_time`; null if this one does not tell. */
export function offsetOf({ body, sent, received, took }) {
  if (took > TRUSTED_TRIP_MS || Math.abs(received - sent - took) > SAME_MS) return null;
  const server = Date.parse(body?.server_time);
  return Number.isNaN(server) ? null : Math.round(server - (sent + received) / 2);
}
