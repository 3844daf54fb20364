// Ten words for reading a SHA-256 aloud: its first 110 bits, eleven bits a word (BIP-39 lists).

import { fromHex } from "./bytes.js";

const WORDS = 10;
const BITS = 11;

/**
 * @param {string} sha256Hex 64 hexadecimal digits
 * @param {readonly string[]} list 2,048 words of one language
 * @returns {string[]} ten words
 */
export function tenWords(sha256Hex, list) {
  const bits = Array.from(fromHex(sha256Hex), (byte) => byte.toString(2).padStart(8, "0")).join("");
  if (bits.length !== 256 || list.length !== 2 ** BITS) throw new RangeError("ten words need a SHA-256 and 2,048 words");
  return Array.from({ length: WORDS }, (_, index) => list[parseInt(bits.slice(index * BITS, (index + 1) * BITS), 2)]);
}

/**
 * @param {string} address of words-en.js or words-es.js, as the page names it
 * @returns {Promise<readonly string[]>} fetched when first needed
 */
export const loadWords = async (address) => (await import(address)).default;
