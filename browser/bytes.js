// Bytes, their spellings and their SHA-256.

const HEX = /^(?:[0-9a-f]{2})*$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Bytes that are not spelled as promised. */
export class BytesError extends Error {}

/** @param {string} text @returns {Uint8Array} its UTF-8 bytes */
export const utf8 = (text) => new TextEncoder().encode(text);

/** @param {...Uint8Array} parts @returns {Uint8Array} all parts, one after the other */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** @param {Uint8Array} left @param {Uint8Array} right @returns {boolean} whether both hold the same bytes (not in constant time) */
export const equal = (left, right) => left.length === right.length && left.every((byte, index) => byte === right[index]);

/** @param {Uint8Array} bytes @returns {string} lower-case hexadecimal */
export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** @param {string} text lower-case hexadecimal @returns {Uint8Array} @throws {BytesError} */
export function fromHex(text) {
  if (!HEX.test(text)) throw new BytesError("not lower-case hexadecimal");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** @param {Uint8Array} bytes @returns {string} base64 with padding (RFC 4648, section 4) */
export function toBase64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** @param {string} text base64 with padding, spelled in the one canonical way @returns {Uint8Array} @throws {BytesError} */
export function fromBase64(text) {
  if (!BASE64.test(text)) throw new BytesError("not base64");
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  if (toBase64(bytes) !== text) throw new BytesError("base64 with stray bits");
  return bytes;
}

/** @param {Uint8Array} bytes @returns {Promise<Uint8Array>} 32 bytes */
export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

/** @param {Uint8Array} bytes @returns {Promise<string>} 64 hexadecimal digits */
export const sha256Hex = async (bytes) => toHex(await sha256(bytes));
