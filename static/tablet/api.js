/** The station protocol as this tablet speaks it. Every call ends: with an answer, a refusal, or `Unreachable`. */

const BASE = "/station/v1/";
const PATIENCE_MS = 20_000;

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
 * @param {{token?: string, body?: object, etag?: string | null, patience?: number}} [options] patience in ms
 * @returns {Promise<{status: number, body: any, etag: string | null, sent: number, received: number}>} body null on a 304
 * @throws {Unreachable | Refused}
 */
export async function call(path, { token, body, etag, patience = PATIENCE_MS } = {}) {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (etag) headers["If-None-Match"] = etag;
  if (body) headers["Content-Type"] = "application/json";
  const sent = Date.now();
  let answer, read;
  try {
    answer = await fetch(BASE + path, {
      method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body),
      cache: "no-store", credentials: "omit", redirect: "error", signal: AbortSignal.timeout(patience),
    });
    read = answer.status === 304 ? null : await answer.json();
  } catch (error) {
    throw new Unreachable(String(error), { cause: error });
  }
  if (answer.status === 304) return { status: 304, body: null, etag, sent, received: Date.now() };
  if (read === null || typeof read !== "object") throw new Unreachable("not an answer of this protocol");
  if (!answer.ok) throw new Refused(answer.status, read.error?.code ?? "unknown", read.error?.message ?? "");
  return { status: answer.status, body: read, etag: answer.headers.get("ETag"), sent, received: Date.now() };
}

/** Server minus device clock in ms, by an answer with `server_time`; null if it has none. */
export function offsetOf({ body, sent, received }) {
  const server = Date.parse(body?.server_time);
  return Number.isNaN(server) ? null : Math.round(server - (sent + received) / 2);
}
