// Canonical JSON (RFC 8785), narrowed: the only numbers are whole ones of at most 2^53 - 1.

import { equal, utf8 } from "./bytes.js";

const DEEPEST = 32;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** A value has no canonical form, or bytes are not in it. */
export class CanonicalError extends Error {}

const inOrder = (left, right) => (left < right ? -1 : 1); // UTF-16 code units, as RFC 8785 section 3.2.3 asks

function text(value) {
  if (LONE_SURROGATE.test(value)) throw new CanonicalError("a text with half a character");
  return JSON.stringify(value);
}

function write(value, depth) {
  if (depth > DEEPEST) throw new CanonicalError("nested too deeply");
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return text(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new CanonicalError("a number that is not whole, or too large");
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map((entry) => write(entry, depth + 1)).join(",")}]`;
  if (typeof value !== "object") throw new CanonicalError("a value that JSON does not have");
  const members = Object.keys(value).sort(inOrder);
  return `{${members.map((key) => `${text(key)}:${write(value[key], depth + 1)}`).join(",")}}`;
}

/**
 * @param {*} value null, booleans, whole numbers, strings, arrays and plain objects
 * @returns {Uint8Array} its canonical bytes
 * @throws {CanonicalError}
 */
export const encode = (value) => utf8(write(value, 0));

/**
 * @param {Uint8Array} bytes
 * @returns {*} the value; encoding it again gives exactly these bytes
 * @throws {CanonicalError} also where the bytes are JSON, but not in canonical form
 */
export function decode(bytes) {
  let value;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw new CanonicalError("not JSON in UTF-8");
  }
  if (!equal(encode(value), bytes)) throw new CanonicalError("not in canonical form");
  return value;
}
