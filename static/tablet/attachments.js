/**
 * Photos and signatures on this tablet, named by the SHA-256 of their bytes. They are stored with the entry that names them, in
 * one transaction (`record` does it), and stay until the portal has said that it holds them.
 */

import { sha256Hex } from "./encode.js";
import { change, eachOf, read, STRICT } from "./store.js";

/**
 * @typedef {{sha256: string, type: string, bytes: ArrayBuffer}} Attachment for a draft's `attachments`
 * @typedef {Attachment & {made: number, problem?: string}} Waiting `problem`: the code of the portal's refusal
 */

/** @param {Blob} blob whose type is one of the protocol's @returns {Promise<Attachment>} */
export async function attachmentOf(blob) {
  const bytes = await blob.arrayBuffer();
  return { sha256: await sha256Hex(bytes), type: blob.type, bytes };
}

/** Puts them beside their entry. @param {IDBTransaction} tx over "attachments" @param {Attachment[]} attachments */
export function putAttachments(tx, attachments) {
  const made = Date.now();
  return Promise.all(attachments.map((one) => tx.objectStore("attachments").put({ ...one, made })));
}

/** @returns {Promise<number>} how many the portal does not hold yet, as far as this tablet knows */
export const countPictures = () => read("attachments").count();

/** Names of what waits, oldest first. @returns {Promise<string[]>} */
export const waitingPictures = () => read("attachments").index("made").getAllKeys();

/** @param {string} sha256 @returns {Promise<Waiting | undefined>} */
export const pictureOf = (sha256) => read("attachments").get(sha256);

/** @returns {Promise<string[]>} codes of the refusals that stand, each once */
export async function pictureProblems() {
  const codes = new Set();
  await eachOf("attachments", ({ problem }) => problem && codes.add(problem));
  return [...codes];
}

/** The portal holds it: its bytes are not needed here any more. @param {string} sha256 */
export async function pictureIsSent(sha256) {
  const tx = change(["attachments"], STRICT);
  tx.store.delete(sha256);
  await tx.done;
}

/** The portal will not have it: it stays, and what was said is kept. @param {string} sha256 @param {string} problem */
export async function pictureIsRefused(sha256, problem) {
  const tx = change(["attachments"]);
  const kept = await tx.store.get(sha256);
  if (kept) tx.store.put({ ...kept, problem });
  await tx.done;
}
