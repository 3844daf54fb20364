// The institution's chain: signed headers, each naming the SHA-256 of the line before it.

import { concat, fromBase64, sha256Hex, utf8 } from "./bytes.js";
import * as canonical from "./canonical.js";
import { verifyEd25519 } from "./ed25519.js";

/** `previous` of the first header. */
export const NO_PREVIOUS = "0".repeat(64);

const TYPES = ["key-sheet", "wave-sheet", "closing", "burn", "release", "void", "supersede", "key-rotation",
  "council", "council-act"];
const FIELDS = ["at", "payload_sha256", "previous", "seq", "signature", "type"];
const HASH = /^[0-9a-f]{64}$/;
const ROTATION = utf8("callroom/key-rotation/1");

/** The chain does not hold. `code`: header, seq, previous, signature, rotation, head. `seq`: where, or null. */
export class ChainError extends Error {
  constructor(code, seq) {
    super(`chain: ${code} at ${seq}`);
    this.code = code;
    this.seq = seq;
  }
}

/**
 * @typedef {object} Header
 * @property {number} seq 0, 1, 2, ...
 * @property {string} type one of the header types of the wave protocol
 * @property {number} at epoch seconds
 * @property {string} payload_sha256 hexadecimal
 * @property {string} previous hexadecimal
 * @property {Uint8Array} signature 64 bytes
 * @property {Uint8Array} signed the bytes under the signature
 * @property {string} hash SHA-256 of the line as served: the next header's `previous`
 */

const natural = (value) => Number.isSafeInteger(value) && value >= 0;

function headerFrom(value) {
  const { signature, ...unsigned } = value;
  const bytes = fromBase64(signature);
  const sound = Object.keys(value).sort().join() === FIELDS.join() && bytes.length === 64
    && natural(value.seq) && natural(value.at) && TYPES.includes(value.type)
    && HASH.test(value.payload_sha256) && HASH.test(value.previous);
  if (!sound) throw new ChainError("header", null);
  return { ...unsigned, signature: bytes, signed: canonical.encode(unsigned) };
}

/**
 * @param {Uint8Array} line one header's bytes as served, without a line break
 * @returns {Promise<Header>}
 * @throws {ChainError}
 */
export async function parseLine(line) {
  let header;
  try {
    header = headerFrom(canonical.decode(line));
  } catch (error) {
    throw error instanceof ChainError ? error : new ChainError("header", null);
  }
  return { ...header, hash: await sha256Hex(line) };
}

/** @param {Uint8Array} line @returns {Promise<string>} its SHA-256, in hexadecimal */
export const headOf = sha256Hex;

/** @param {Uint8Array} publicKey 32 bytes @returns {Promise<string>} the fingerprint in the QR: SHA-256, in hexadecimal */
export const fingerprint = sha256Hex;

/** @param {string} text a segment as served: one header a line @returns {Uint8Array[]} the lines */
export const splitLines = (text) => text.split("\n").filter((line) => line !== "").map(utf8);

/**
 * The key that follows from a `key-rotation` payload.
 *
 * @param {Uint8Array} payload @param {Uint8Array} oldKey 32 bytes @returns {Promise<Uint8Array>} 32 bytes
 * @throws {ChainError} unless the new key signed the change too
 */
export async function rotatedKey(payload, oldKey) {
  const value = canonical.decode(payload);
  const newKey = fromBase64(value.public_key);
  const statement = concat(ROTATION, oldKey, newKey);
  if (!(await verifyEd25519(newKey, fromBase64(value.proof), statement))) throw new ChainError("rotation", null);
  return newKey;
}

async function followRotation(header, publicKey, rotations) {
  try {
    const payload = rotations[header.payload_sha256];
    if ((await sha256Hex(payload)) !== header.payload_sha256) throw new ChainError("rotation", header.seq);
    return await rotatedKey(payload, publicKey);
  } catch {
    throw new ChainError("rotation", header.seq);
  }
}

/**
 * Check that these lines follow one another, each signed by the institution.
 *
 * @param {Uint8Array[]} lines
 * @param {Uint8Array} publicKey the institution's Ed25519 key, 32 bytes
 * @param {object} [options]
 * @param {{seq: number, hash: string}|null} [options.after] the header before the first line (the last one this browser stored); null: the lines start at 0
 * @param {string|null} [options.head] a SHA-256 the chain must pass through (`after` counts)
 * @param {Object<string, Uint8Array>} [options.rotations] payloads of key rotations, by SHA-256
 * @returns {Promise<{headers: Header[], publicKey: Uint8Array, last: {seq: number, hash: string}|null}>} the key in force afterwards, and what to store
 * @throws {ChainError}
 */
export async function verifyLinks(lines, publicKey, { after = null, head = null, rotations = {} } = {}) {
  const headers = [];
  let last = after;
  for (const line of lines) {
    const seq = last ? last.seq + 1 : 0;
    const header = await parseLine(line).catch(() => { throw new ChainError("header", seq); });
    if (header.seq !== seq) throw new ChainError("seq", seq);
    if (header.previous !== (last ? last.hash : NO_PREVIOUS)) throw new ChainError("previous", seq);
    if (!(await verifyEd25519(publicKey, header.signature, header.signed))) throw new ChainError("signature", seq);
    if (header.type === "key-rotation") publicKey = await followRotation(header, publicKey, rotations);
    headers.push(header);
    last = { seq, hash: header.hash };
  }
  const passed = head === null || after?.hash === head || headers.some((header) => header.hash === head);
  if (!passed) throw new ChainError("head", null);
  return { headers, publicKey, last };
}

