/** Making this browser a device of a station, with a key that never leaves it. */

import { call, offsetOf } from "./api.js";
import { newKeyPair, publicJwk } from "./encode.js";
import { change, readMeta, STRICT, writeMeta } from "./store.js";

const CODE = /^[A-Za-z0-9]{4}[- ]?[A-Za-z0-9]{4}$/;

/**
 * Enrols with a code from the portal. If the reply got lost, the same code may be entered again: the key is kept until
 * the portal's answer is stored. @param {string} code @param {string} name
 * @throws {import("./api.js").Unreachable | import("./api.js").Refused}
 */
export async function enrol(code, name) {
  const pair = await pendingPair();
  const reply = await call("enrolments", { body: { code, name, public_key: await publicJwk(pair.publicKey) } });
  const { device, token, station } = reply.body;
  const tx = change(["meta", "students"], STRICT);
  const meta = tx.objectStore("meta");
  const values = {
    device: { device, token, station, name }, key: pair.privateKey, head: { seq: 0, hash: null }, offset: offsetOf(reply) ?? 0,
  };
  for (const [key, value] of Object.entries(values)) meta.put(value, key);
  for (const key of ["pendingPair", "revoked", "snapshot", "fresh", "shifts", "shift", "unfinished", "locked", "resting", "ends"]) meta.delete(key);
  tx.objectStore("students").clear();
  await tx.done;
  return values;
}

/** The code in what a picture or a scanner says: the address that the portal draws, or the code alone. @param {string} text @returns {string | null} */
export function codeIn(text) {
  const [, behind] = /#(.*)$/s.exec(text) ?? [];
  const code = behind === undefined ? text.trim() : new URLSearchParams(behind).get("code");
  return code && CODE.test(code) ? code.toUpperCase() : null;
}

/** As `codeIn` reads it. @param {string} code */
export const codeHash = (code) => new URLSearchParams({ code }).toString();

/** The code that came with the address; it does not stay there for others to see. @returns {string} empty when none came */
export function takeCodeFromAddress() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code") ?? "";
  if (code) history.replaceState(null, "", location.pathname);
  return code;
}

async function pendingPair() {
  const { pendingPair } = await readMeta("pendingPair");
  if (pendingPair) return pendingPair;
  const made = await newKeyPair();
  await writeMeta({ pendingPair: made }, STRICT);
  return made;
}
