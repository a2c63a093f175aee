/** card(token, keys, now) → reading: what a scanned text is (docs/rules.md). Never throws, never asks the network. */

import { fits, fromBase64url, importPublic } from "../encode.js";

const MOST_CHARACTERS = 4096; // no QR code carries more, and no card comes near it
const REHEARSAL = /^RH..$/s; // how a rehearsal's card keys are named
const UNREADABLE = Object.freeze({ status: "unreadable" });

/**
 * @typedef {{status: "valid"|"expired"|"unknown-key"|"rehearsal"|"forged"|"unreadable"|"typed", ref?: string, gen?: number,
 *   exp?: number, prx?: string, kid?: string}} Reading
 */

/**
 * @param {unknown} token the text of the QR code
 * @param {{keys?: object[]}} keys the JWKS that came with the snapshot
 * @param {string} now RFC 3339
 * @returns {Promise<Reading>}
 */
export async function card(token, keys, now) {
  if (typeof token !== "string" || token.length > MOST_CHARACTERS) return UNREADABLE;
  const parts = token.split(".");
  if (parts.length !== 3) return UNREADABLE;
  const [header, payload] = parts.slice(0, 2).map(readObject);
  const signature = fromBase64url(parts[2]);
  if (!header || !payload || signature?.length !== 64) return UNREADABLE;
  if (header.alg !== "ES256" || header.typ !== "card+jwt" || "crit" in header) return UNREADABLE;
  if (typeof header.kid !== "string" || !header.kid || !isCardPayload(payload)) return UNREADABLE;

  const { sub, gen, exp, prx } = payload;
  const read = { ref: sub, gen, exp, ...(prx !== undefined && { prx }), kid: header.kid };
  const key = await keyNamed(header.kid, keys);
  if (!key) return { status: REHEARSAL.test(header.kid) ? "rehearsal" : "unknown-key", ...read };
  if (!(await fits(key, signature, `${parts[0]}.${parts[1]}`))) return { status: "forged", ...read };
  return { status: Date.parse(now) >= exp * 1000 ? "expired" : "valid", ...read };
}

/** @param {string} kid @param {{keys?: object[]}} keys @returns {Promise<CryptoKey | null>} the last usable one of that name */
async function keyNamed(kid, keys) {
  const named = (keys?.keys ?? []).filter((jwk) => jwk?.kid === kid);
  for (const jwk of named.reverse()) {
    const key = await importPublic(jwk);
    if (key) return key;
  }
  return null;
}

/** @param {string} segment @returns {Record<string, any> | null} the JSON object in one part of the token */
function readObject(segment) {
  const bytes = fromBase64url(segment);
  if (!bytes) return null;
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    return value !== null && typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** @param {Record<string, any>} payload */
function isCardPayload({ sub, gen, exp, prx }) {
  return typeof sub === "string" && /^[A-Za-z0-9_-]{10,16}$/.test(sub)
    && Number.isSafeInteger(gen) && gen >= 1 && Number.isSafeInteger(exp)
    && (prx === undefined || (typeof prx === "string" && prx.length >= 1 && prx.length <= 64));
}
