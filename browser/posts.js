// The body of POST /w/answers: fixed fields, always 885 bytes, signed by the one-time key.

import { concat, sha256, utf8 } from "./bytes.js";
import { sign } from "./onetime.js";
import { LABEL, SEALED_LENGTH, answerInfo, encodeAnswers, groupBytes, revisionByte, seal } from "./sealing.js";

export const VERSION = 1;
export const POST_LENGTH = 885;

const LENGTHS = { prefix: 32, point: 65, signature: 384 };

/** A field of a post is not as long as it must be. */
export class PostError extends Error {}

function exactly(bytes, length) {
  if (bytes.length !== length) throw new PostError(`${bytes.length} bytes instead of ${length}`);
  return bytes;
}

/**
 * @param {object} parts
 * @param {string} parts.wave
 * @param {number} parts.group index in the key sheet
 * @param {import("./tokens.js").Token} parts.token
 * @param {number} parts.revision 1 to 255
 * @param {Uint8Array} parts.sealed 304 bytes
 * @returns {Promise<Uint8Array>} 885 bytes
 */
export async function packPost({ wave, group, token, revision, sealed }) {
  const unsigned = concat(
    Uint8Array.of(VERSION),
    await sha256(utf8(wave)),
    groupBytes(group),
    exactly(token.prefix, LENGTHS.prefix),
    exactly(token.point, LENGTHS.point),
    exactly(token.signature, LENGTHS.signature),
    revisionByte(revision),
    exactly(sealed, SEALED_LENGTH),
  );
  return concat(unsigned, await sign(token.keyPair.privateKey, concat(LABEL, unsigned)));
}

/**
 * Seal one answer and pack it: everything between the questions and the network.
 *
 * @param {object} parts
 * @param {string} parts.institutionId UUID in lower case with hyphens
 * @param {import("./sheets.js").WaveSheet} parts.waveSheet
 * @param {number} parts.group index in the key sheet
 * @param {import("./tokens.js").Token} parts.token
 * @param {number} parts.revision 1 for the first answer; after a 409 the next one
 * @param {Object<string, number|null>|symbol} parts.answers by item id, or DID_NOT_WORK
 * @returns {Promise<Uint8Array>} 885 bytes
 */
export async function composeAnswer({ institutionId, waveSheet, group, token, revision, answers }) {
  const { wave, items, hpke_public_key: publicKey } = waveSheet;
  const message = await sha256(token.point);
  const info = await answerInfo({ institutionId, wave, group, message, revision });
  const sealed = await seal(publicKey, encodeAnswers(answers, items), info);
  return packPost({ wave, group, token, revision, sealed });
}
