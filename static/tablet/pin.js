/** The PIN of a shift. Only a verifier is kept, on this tablet alone; neither the PIN nor the verifier is ever sent. */

import { fromBase64url, toBase64url } from "./encode.js";

const FEWEST_ITERATIONS = 150_000;
const MOST_ITERATIONS = 2_000_000;
const CHECK_MS = 150; // what one check may take here: nobody feels it, and trying all PINs takes that long for each

/** @typedef {{salt: string, iterations: number, hash: string}} Verifier */

/** @param {string} pin @returns {"form" | "easy" | null} what is wrong with it */
export function pinProblem(pin) {
  if (!isPin(pin)) return "form";
  const steps = new Set([...pin].slice(1).map((digit, i) => Number(digit) - Number(pin[i])));
  const [step] = steps;
  return steps.size === 1 && Math.abs(step) <= 1 ? "easy" : null; // 0000, 1234, 4321
}

/** @param {string} text */
export const isPin = (text) => /^[0-9]{4,6}$/.test(text);

/** @param {string} pin @returns {Promise<Verifier>} with a salt of its own, and as slow as this tablet may be */
export async function makeVerifier(pin) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const began = performance.now();
  await derive(pin, salt, FEWEST_ITERATIONS);
  const faster = CHECK_MS / Math.max(1, performance.now() - began);
  const iterations = Math.min(MOST_ITERATIONS, Math.max(FEWEST_ITERATIONS, Math.round(FEWEST_ITERATIONS * faster)));
  return { salt: toBase64url(salt), iterations, hash: toBase64url(await derive(pin, salt, iterations)) };
}

/** @param {string} pin @param {Verifier} verifier @returns {Promise<boolean>} */
export async function fitsVerifier(pin, { salt, iterations, hash }) {
  return toBase64url(await derive(pin, fromBase64url(salt), iterations)) === hash;
}

async function derive(pin, salt, iterations) {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  return crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, key, 256);
}
