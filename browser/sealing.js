// Sealing an answer to the wave's key: HPKE base mode (RFC 9180) with
// DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM; always 256 bytes in, 304 bytes out.

import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { DhkemX25519HkdfSha256 } from "@hpke/dhkem-x25519";
import { concat, fromHex, sha256, utf8 } from "./bytes.js";
import * as canonical from "./canonical.js";
import { valuesOf } from "./scales.js";

export const LABEL = utf8("callroom/answer/1");
export const PLAINTEXT_LENGTH = 256;
export const SEALED_LENGTH = 304;
/** In place of answers: "I did not work in the last 7 days". */
export const DID_NOT_WORK = Symbol("did not work");

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The answer cannot be sealed. `code`: answer, institution, group, revision, plaintext. */
export class SealError extends Error {
  constructor(code) {
    super(`seal: ${code}`);
    this.code = code;
  }
}

/** @param {number} group 0 to 65535 @returns {Uint8Array} two bytes, the higher first */
export function groupBytes(group) {
  if (!Number.isInteger(group) || group < 0 || group > 0xffff) throw new SealError("group");
  return Uint8Array.of(group >> 8, group & 0xff);
}

/** @param {number} revision 1 to 255 @returns {Uint8Array} one byte */
export function revisionByte(revision) {
  if (!Number.isInteger(revision) || revision < 1 || revision > 255) throw new SealError("revision");
  return Uint8Array.of(revision);
}

/**
 * What the seal is bound to: opening with anything else fails.
 *
 * @param {object} context
 * @param {string} context.institutionId UUID in lower case with hyphens
 * @param {string} context.wave for instance "pulse/2026-W47"
 * @param {number} context.group index in the key sheet
 * @param {Uint8Array} context.message the token's message, 32 bytes
 * @param {number} context.revision 1 to 255
 * @returns {Promise<Uint8Array>} 116 bytes
 */
export async function answerInfo({ institutionId, wave, group, message, revision }) {
  if (!UUID.test(institutionId)) throw new SealError("institution");
  const institution = await sha256(fromHex(institutionId.replaceAll("-", "")));
  return concat(LABEL, institution, await sha256(utf8(wave)), groupBytes(group), message, revisionByte(revision));
}

function step(value, values) {
  if (value === null || value === undefined) return null;
  if (!Number.isInteger(value) || value < 0 || value >= values) throw new SealError("answer");
  return value;
}

/**
 * @param {Object<string, number|null>|DID_NOT_WORK} answers by item id: 0 for the first option, a scale's step, null or absent for unanswered
 * @param {{id: string, options: number}[]} items the wave sheet's items, in its order
 * @returns {Uint8Array} 256 bytes: length, canonical JSON, zeros
 * @throws {SealError} for an option or an item that is not there
 */
export function encodeAnswers(answers, items) {
  const known = items.map((item) => item.id);
  if (answers !== DID_NOT_WORK && !Object.keys(answers).every((id) => known.includes(id))) throw new SealError("answer");
  const value = answers === DID_NOT_WORK ? { w: 0 } : { a: items.map((item) => step(answers[item.id], valuesOf(item))), w: 1 };
  const json = canonical.encode(value);
  const plaintext = new Uint8Array(PLAINTEXT_LENGTH);
  if (json.length + 2 > PLAINTEXT_LENGTH) throw new SealError("plaintext");
  plaintext.set([json.length >> 8, json.length & 0xff]);
  plaintext.set(json, 2);
  return plaintext;
}

/**
 * @param {Uint8Array} publicKey the wave sheet's HPKE key, 32 bytes
 * @param {Uint8Array} plaintext 256 bytes
 * @param {Uint8Array} info
 * @returns {Promise<Uint8Array>} encapsulated key || ciphertext, 304 bytes
 */
export async function seal(publicKey, plaintext, info) {
  if (plaintext.length !== PLAINTEXT_LENGTH) throw new SealError("plaintext");
  const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
  const recipientPublicKey = await suite.kem.deserializePublicKey(publicKey);
  const sender = await suite.createSenderContext({ recipientPublicKey, info });
  return concat(new Uint8Array(sender.enc), new Uint8Array(await sender.seal(plaintext)));
}
