// Tokens: a one-time key, certified blindly (RFC 9474, RSABSSA-SHA384-PSS-Randomized, RSA-3072, salt 48).

import { BlindRSA, Params } from "@cloudflare/blindrsa-ts";

import { newOneTimeKey } from "./onetime.js";

const PREFIX_LENGTH = 32;
const SUITE = new BlindRSA(Params.RSABSSA_SHA384_PSS_Randomized);

const importGroupKey = (spki) =>
  crypto.subtle.importKey("spki", spki, { name: "RSA-PSS", hash: "SHA-384" }, true, ["verify"]);

/**
 * @typedef {object} BegunToken what is kept until the signature is there (all of it can be stored in IndexedDB)
 * @property {CryptoKeyPair} keyPair the one-time P-256 key; its private part cannot be read out
 * @property {Uint8Array} point 65 bytes, SEC1 uncompressed
 * @property {Uint8Array} prepared prefix || message, 64 bytes
 * @property {Uint8Array} blinded 384 bytes: what is sent to be signed
 * @property {Uint8Array} inverse 384 bytes: the secret that unblinds the reply
 */

/**
 * @typedef {object} Token
 * @property {CryptoKeyPair} keyPair
 * @property {Uint8Array} point 65 bytes
 * @property {Uint8Array} prefix 32 bytes
 * @property {Uint8Array} signature 384 bytes
 */

/**
 * Make a one-time key and the blinded request for its token.
 *
 * @param {Uint8Array} groupKey the group's public key from the key sheet (SPKI)
 * @returns {Promise<BegunToken>}
 */
export async function makeToken(groupKey) {
  const { keyPair, point, message } = await newOneTimeKey();
  const prepared = SUITE.prepare(message);
  return { keyPair, point, prepared, ...(await blind(groupKey, prepared)) };
}

/** Blind what is to be signed (RFC 9474, section 4.2). @returns {Promise<{blinded: Uint8Array, inverse: Uint8Array}>} */
export async function blind(groupKey, prepared) {
  const { blindedMsg, inv } = await SUITE.blind(await importGroupKey(groupKey), prepared);
  return { blinded: blindedMsg, inverse: inv };
}

/**
 * Unblind the issuer's reply and check it (RFC 9474, section 4.4).
 *
 * @param {Uint8Array} groupKey the key the request was made for
 * @param {BegunToken} begun
 * @param {Uint8Array} blindSignature 384 bytes
 * @returns {Promise<Token>}
 * @throws {Error} unless the signature is good
 */
export async function finalize(groupKey, { keyPair, point, prepared, inverse }, blindSignature) {
  const signature = await SUITE.finalize(await importGroupKey(groupKey), prepared, blindSignature, inverse);
  return { keyPair, point, prefix: prepared.slice(0, PREFIX_LENGTH), signature };
}
