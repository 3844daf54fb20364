import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64, toBase64 } from "../bytes.js";
import { NotTheWords, entropyOf, newWords, proofOf, publicKeyOf, seedOf, signText } from "../councilkey.js";
import english from "../words-en.js";
import spanish from "../words-es.js";
import { vectors } from "./vectors.js";

const vector = vectors("council");
const lists = [english, spanish];
const hex = (bytes) => Buffer.from(bytes).toString("hex");

test("twelve words of either language stand for the key of the vectors", async () => {
  for (const words of Object.values(vector.words)) {
    const entropy = entropyOf(words, lists);
    assert.equal(hex(entropy), vector.entropy);
    assert.equal(toBase64(await publicKeyOf(await seedOf(entropy))), vector.public_key);
  }
});

test("what is signed are the bytes that Python signs", async () => {
  const seed = await seedOf(entropyOf(vector.words.en, lists));
  assert.equal(toBase64(await signText(vector.text, seed)), vector.signature);
  assert.equal(toBase64(await proofOf(seed)), vector.proof);
  assert.equal(fromBase64(vector.signature).length, 64);
});

test("capitals, accents and spaces do not matter", () => {
  const careless = vector.words.es.normalize("NFKD").replace(/\p{Mn}/gu, "").toUpperCase().replaceAll(" ", "  \n");
  assert.equal(hex(entropyOf(careless, lists)), vector.entropy);
});

test("other words, too few of them and words in another order are refused", () => {
  const words = vector.words.en.split(" ");
  for (const text of ["", "abandon", words.slice(1).join(" "), [...words.slice(0, 11), "callroom"].join(" "), [...words].reverse().join(" ")]) {
    assert.throws(() => entropyOf(text, lists), NotTheWords, text);
  }
});

test("new words are twelve, of the list, and never the same", () => {
  for (const list of lists) {
    const [one, other] = [newWords(list), newWords(list)];
    assert.equal(one.length, 12);
    assert.notDeepEqual(one, other);
    assert.ok(one.every((word) => list.includes(word)));
    assert.equal(entropyOf(one.join(" "), lists).length, 16);
  }
});
