/** Calls with this device's token; what each tells about the connection goes to the state line. */

import { call, offsetOf, Refused } from "./api.js";
import { forgetPeople } from "./rows.js";
import { now, patch, state } from "./state.js";
import { writeMeta } from "./store.js";

let back = () => {};

/** @param {() => void} listener called when the portal answers again after it could not be reached */
export function whenBack(listener) {
  back = listener;
}

/** As `call`, with the token. @param {string} path @param {object} [options] */
export async function ask(path, options = {}) {
  try {
    const reply = await call(path, { token: state.device.token, ...options });
    heard(reply);
    return reply;
  } catch (error) {
    if (error instanceof Refused) await refused(error);
    else patch({ online: false });
    throw error;
  }
}

function heard(reply) {
  const wasAway = state.online === false;
  const offset = offsetOf(reply);
  if (offset !== null) patch({ offset });
  const known = state.refused === "unknown-device" ? { refused: null } : {};
  patch({ online: true, contact: now(), ...known });
  // A full disk must not turn an answer into a failure: the next answer tells the same.
  writeMeta({ contact: state.contact, offset: state.offset }).catch(() => {});
  if (wasAway) back();
}

async function refused(error) {
  patch({ online: true, contact: now() });
  if (error.code === "device-revoked") {
    const news = state.refused !== "revoked";
    await forgetPeople({ revoked: true });
    patch({ refused: "revoked", hasData: false, operator: null, locked: false, fresh: null });
    if (news) back(); // the shifts that have just ended are told at once
  } else if (error.code === "rehearsal-wiped") {
    await forgetPeople({ revoked: "wiped" });
    patch({ refused: "wiped", hasData: false, operator: null, locked: false, fresh: null });
  } else if (error.code === "station-closed") {
    patch({ refused: "station-closed" }); // until rows come again; what was recorded goes on being sent
  } else if (error.status === 401) {
    patch({ refused: "unknown-device" });
  }
}
