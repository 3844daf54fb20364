// The one-time key of a wave: what a token certifies and an answer is signed with.

import { sha256 } from "./bytes.js";

const P256 = { name: "ECDSA", namedCurve: "P-256" };

/** What the token's signature is about. @param {Uint8Array} point 65 bytes @returns {Promise<Uint8Array>} 32 bytes */
export const tokenMessage = sha256;

/**
 * Make a one-time P-256 key. The private part never leaves the browser's key store; the pair can be kept in IndexedDB.
 *
 * @returns {Promise<{keyPair: CryptoKeyPair, point: Uint8Array, message: Uint8Array}>} point: SEC1 uncompressed, 65 bytes
 */
export async function newOneTimeKey() {
  const keyPair = await crypto.subtle.generateKey(P256, false, ["sign", "verify"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", keyPair.publicKey));
  return { keyPair, point, message: await tokenMessage(point) };
}

/** @param {CryptoKey} privateKey @param {Uint8Array} bytes @returns {Promise<Uint8Array>} r || s, 64 bytes (ECDSA with SHA-256) */
export async function sign(privateKey, bytes) {
  return new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, bytes));
}
