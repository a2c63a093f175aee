/**
 * What this tablet may hand out, and by what right: custody of a class, with or without a network, or the portal's answer about one
 * graduate. Kept in `meta`: the snapshot's `custody`, and `letGo`, the ids that were let go of for good.
 */

import { ask } from "./contact.js";
import { ASKED_MS } from "./rules/verdict.js";
import { now } from "./state.js";
import { editMeta, STRICT } from "./store.js";

const PATIENCE_MS = 6_000; // somebody stands there and waits

/**
 * @typedef {{student: object, elsewhere: Record<string, {tablet: string, station: string}>, at: number, letGo: number}} Asked
 *   the portal's answer about one graduate; `at` by the server's clock; `letGo`: how much had been let go of before the question
 * @typedef {{custody: string} | {asked: number, letGo: number}} Permit by what right something is handed over
 */

/**
 * @param {object} step @param {object} student @param {{snapshot: object, letGo: string[], asked: Asked | null}} known
 * @returns {{hand?: import("./rules/verdict.js").Hand, permit?: Permit}} nothing from a portal that knows no custody
 */
export function rightTo(step, student, { snapshot, letGo, asked }) {
  if (!snapshot.custody || !student) return {};
  const mine = snapshot.custody.find((one) => one.step === step.code && one.class === student.class && !letGo.includes(one.id));
  const hand = {
    custody: Boolean(mine), asked: asked && new Date(asked.at).toISOString(), elsewhere: Boolean(asked?.elsewhere[step.code]),
  };
  if (step.how !== "collect") return { hand };
  return { hand, permit: mine ? { custody: mine.id } : { asked: asked?.at ?? 0, letGo: asked?.letGo ?? -1 } };
}

/** Asks the portal how a graduate stands at this moment. @param {string} ref @param {number} letGo @returns {Promise<Asked>} */
export async function askAbout(ref, letGo) {
  const at = now();
  const { body } = await ask(`students/${ref}`, { patience: PATIENCE_MS });
  return { student: body.student, elsewhere: body.elsewhere ?? {}, at, letGo };
}

/**
 * Whether a hand-over is still right when it is written down: minutes may have passed since the screen offered it.
 * @param {Permit | undefined} permit undefined where none is needed @param {{snapshot?: object, letGo?: string[]}} meta
 */
export function stillRight(permit, { snapshot, letGo = [] }) {
  if (!permit) return true;
  if ("custody" in permit) return !letGo.includes(permit.custody) && Boolean(snapshot?.custody?.some(({ id }) => id === permit.custody));
  return letGo.length === permit.letGo && Math.abs(now() - permit.asked) <= ASKED_MS;
}

/**
 * Lets go of what is asked back, for good and before anybody is told. @param {unknown} recalled ids
 * @returns {Promise<boolean>} something was let go of only now
 */
export async function letGoOf(recalled) {
  const ids = Array.isArray(recalled) ? recalled.filter((id) => typeof id === "string") : [];
  let fresh = [];
  if (!ids.length) return false;
  await editMeta(["letGo"], ({ letGo = [] }) => {
    fresh = ids.filter((id) => !letGo.includes(id));
    return fresh.length ? { letGo: [...letGo, ...fresh] } : {};
  }, STRICT);
  return fresh.length > 0;
}
