import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256Hex } from "../bytes.js";
import { loadWords, tenWords } from "../words.js";
import { utf8, vectors } from "./vectors.js";

for (const vector of vectors("words")) {
  const list = await loadWords(new URL(`../words-${vector.language}.js`, import.meta.url).href);

  test(`the list equals the server's: ${vector.language}`, async () => {
    assert.equal(list.length, 2048);
    assert.equal(await sha256Hex(utf8(list.join("\n"))), vector.list_sha256);
  });

  test(`ten words of the vectors: ${vector.language}`, () => {
    for (const [hash, words] of Object.entries(vector.words)) assert.deepEqual(tenWords(hash, list), words);
  });

  test(`anything but a hash has no words: ${vector.language}`, () => {
    for (const text of ["", "00".repeat(31), "AB".repeat(32)]) assert.throws(() => tenWords(text, list));
    assert.throws(() => tenWords("00".repeat(32), list.slice(1)), RangeError);
  });
}
