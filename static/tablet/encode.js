/** base64url, hashes and ES256: the little that cards and journal entries share. */

const P256 = { name: "ECDSA", namedCurve: "P-256" };
const ES256 = { name: "ECDSA", hash: "SHA-256" };
const utf8 = new TextEncoder();

/** @param {Uint8Array | ArrayBuffer} bytes @returns {string} plain base64 */
export function toBase64(bytes) {
  let binary = "";
  for (const byte of new Uint8Array(bytes)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** @param {Uint8Array | ArrayBuffer} bytes @returns {string} base64url without padding */
export function toBase64url(bytes) {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text @returns {Uint8Array | null} null unless it is canonical base64url without padding */
export function fromBase64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return null;
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  return toBase64url(bytes) === text ? bytes : null;
}

/** @param {string} text @returns {Promise<string>} the first 16 characters of base64url(SHA-256): an entry's hash */
export async function shortHash(text) {
  return toBase64url(await crypto.subtle.digest("SHA-256", utf8.encode(text))).slice(0, 16);
}

/** @param {ArrayBuffer} bytes @returns {Promise<string>} 64 hex digits: an attachment's name */
export async function sha256Hex(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A key pair whose private half can never be read out. @returns {Promise<CryptoKeyPair>} */
export function newKeyPair() {
  return crypto.subtle.generateKey(P256, false, ["sign", "verify"]);
}

/** @param {CryptoKey} key @returns {Promise<{kty: string, crv: string, x: string, y: string}>} the bare public JWK */
export async function publicJwk(key) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", key);
  return { kty, crv, x, y };
}

/**
 * Signs a compact JWS (raw r‖s, as both WebCrypto and JOSE have it).
 * @param {object} header @param {object} payload @param {CryptoKey} privateKey
 * @returns {Promise<{jws: string, hash: string}>} the token and the hash of what was signed
 */
export async function signToken(header, payload, privateKey) {
  const segment = (value) => toBase64url(utf8.encode(JSON.stringify(value)));
  const input = `${segment(header)}.${segment(payload)}`;
  const signature = await crypto.subtle.sign(ES256, privateKey, utf8.encode(input));
  return { jws: `${input}.${toBase64url(signature)}`, hash: await shortHash(input) };
}

/** @param {object} jwk @returns {Promise<CryptoKey | null>} null when it is no P-256 public key */
export async function importPublic({ kty, crv, x, y, d }) {
  if (kty !== "EC" || crv !== "P-256" || d !== undefined) return null;
  return crypto.subtle.importKey("jwk", { kty, crv, x, y }, P256, false, ["verify"]).catch(() => null);
}

/** @param {CryptoKey} key @param {Uint8Array} signature @param {string} input @returns {Promise<boolean>} */
export function fits(key, signature, input) {
  return crypto.subtle.verify(ES256, key, signature, utf8.encode(input));
}
