// A council member's key: twelve words on paper, an Ed25519 key while a page is open, nothing stored anywhere.

import { getPublicKeyAsync, signAsync } from "@noble/ed25519";
import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { concat, sha256, utf8 } from "./bytes.js";

const WORDS_LABEL = utf8("callroom/council-words/1");
const KEY_LABEL = utf8("callroom/council-key/1");
const LABEL = utf8("callroom/council/1");
const ENTROPY_LENGTH = 16;
const COUNT = 12;

/** What was typed are no twelve words of the list, or one of them is mistyped. */
export class NotTheWords extends Error {}

// Accents and capitals are often left out when typing: no two words of a list differ in them only.
const plain = (word) => word.normalize("NFKD").replace(/\p{Mn}/gu, "").toLowerCase();

/** @param {readonly string[]} list 2,048 words @returns {string[]} twelve new words */
export function newWords(list) {
  return entropyToMnemonic(crypto.getRandomValues(new Uint8Array(ENTROPY_LENGTH)), [...list]).normalize("NFC").split(/\s+/u);
}

/**
 * @param {string} text twelve words, however they are spaced
 * @param {readonly (readonly string[])[]} lists of the languages they may be in
 * @returns {Uint8Array} the 16 bytes they stand for
 * @throws {NotTheWords}
 */
export function entropyOf(text, lists) {
  const typed = text.trim().split(/\s+/u).map(plain);
  for (const list of lists) {
    const known = new Map(list.map((word) => [plain(word), word.normalize("NFKD")]));
    if (typed.length !== COUNT || !typed.every((word) => known.has(word))) continue;
    try {
      return mnemonicToEntropy(typed.map((word) => known.get(word)).join(" "), list.map((word) => word.normalize("NFKD")));
    } catch {
      continue; // the checksum does not fit: a word is another one
    }
  }
  throw new NotTheWords();
}

/** @param {Uint8Array} entropy @returns {Promise<Uint8Array>} the key's 32 secret bytes */
export const seedOf = (entropy) => sha256(concat(WORDS_LABEL, entropy));

/** @param {Uint8Array} seed @returns {Promise<Uint8Array>} 32 bytes */
export const publicKeyOf = getPublicKeyAsync;

/** @param {Uint8Array} seed @returns {Promise<Uint8Array>} a signature that shows who sends the public key can sign */
export const proofOf = async (seed) => signAsync(concat(KEY_LABEL, await getPublicKeyAsync(seed)), seed);

/** @param {string} text what the member has read, to the letter @param {Uint8Array} seed @returns {Promise<Uint8Array>} 64 bytes */
export const signText = (text, seed) => signAsync(concat(LABEL, utf8(text)), seed);
