/** What the whole app knows at this moment, and who wants to hear when it changes. Nothing here is kept. */

import { measure, offset } from "./clock.js";

export { now } from "./clock.js";

/**
 * @typedef {{device: {device: string, token: string, name: string, station: {code: string, name: any}} | null,
 *   operator: {id: string, name: string, role: string, shift: string} | null, locked: boolean, online: boolean | null, contact: number | null,
 *   fresh: number | null, offset: number, pending: number, pictures: number, refused: "revoked" | "unknown-device" | "wiped" | "station-closed" | "storage" | null,
 *   hasData: boolean, notices: any[], battery: number | null, version: string, persisted: boolean | null}} State
 */

/** @type {State} times are epoch ms by the server's clock */
export const state = {
  device: null, operator: null, locked: false, online: null, contact: null, fresh: null, pending: 0, pictures: 0, refused: null,
  hasData: false, notices: [], battery: null, version: "", persisted: null,
  get offset() {
    return offset();
  },
  set offset(ms) {
    measure(ms);
  },
};

const listeners = new Set();

/** @param {Partial<State>} changes */
export function patch(changes) {
  Object.assign(state, changes);
  for (const listener of listeners) listener(state, changes);
}

/** @param {(state: State, changes: Partial<State>) => void} listener @returns {() => void} call it to stop listening */
export function watch(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
