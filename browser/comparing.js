// The fingerprint of a wave's sheet, for people to compare: ten words to read aloud, and all 64 digits.

import { loadWords, tenWords } from "./words.js";

const inEights = (digits) => digits.match(/.{8}/g).join(" ");

/** @param {HTMLElement} part where the page has a place for the words @param {string} hash @param {string} address of the word list */
export async function showWords(part, hash, address) {
  const list = part.querySelector("[data-words]");
  if (list === null) return;
  part.querySelector("[data-hash]").textContent = inEights(hash);
  const field = part.querySelector("[data-compare]");
  field.addEventListener("input", () => compare(part, field.value, hash));
  try {
    const words = tenWords(hash, await loadWords(address));
    list.replaceChildren(...words.map((word) => Object.assign(document.createElement("li"), { textContent: word })));
  } catch {
    list.closest("[data-words-part]").hidden = true; // the words are not on this device; the digits are
  }
}

function compare(part, typed, hash) {
  const digits = typed.toLowerCase().replaceAll(/[^0-9a-f]/g, "");
  part.querySelector("[data-same]").hidden = digits !== hash;
  part.querySelector("[data-other]").hidden = digits.length < hash.length || digits === hash;
}

/** @param {string} fingerprint 64 digits @returns {string} for reading */
export const readable = inEights;
