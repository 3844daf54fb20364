// The vectors both languages reproduce, and how to read them.

import { readFileSync } from "node:fs";
import { fromBase64, utf8 } from "../bytes.js";

/** @param {string} name @returns {*} tests/vectors/<name>.json */
export const vectors = (name) => JSON.parse(readFileSync(new URL(`../../tests/vectors/${name}.json`, import.meta.url), "utf8"));

/** @param {string} pkcs8 base64 @returns {Promise<CryptoKey>} a P-256 key for signing */
export const signingKey = (pkcs8) =>
  crypto.subtle.importKey("pkcs8", fromBase64(pkcs8), { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);

/** @param {Uint8Array} point @returns {Promise<CryptoKey>} a P-256 key for verifying */
export const verifyingKey = (point) =>
  crypto.subtle.importKey("raw", point, { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);

/** Run with chance that gives these bytes, one after the other. */
export async function withChance(draws, run) {
  const real = crypto.getRandomValues;
  const queue = [...draws];
  crypto.getRandomValues = (target) => {
    target.set(queue.shift());
    return target;
  };
  try {
    return await run();
  } finally {
    crypto.getRandomValues = real;
  }
}

/** @returns {*} the payload with one field changed, or taken away where there is no value */
export function changed(payload, { path, ...change }) {
  const copy = structuredClone(payload);
  const owner = path.slice(0, -1).reduce((inner, key) => inner[key], copy);
  const key = path.at(-1);
  if ("value" in change) owner[key] = change.value;
  else delete owner[key];
  return copy;
}

export { utf8 };
