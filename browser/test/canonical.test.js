import assert from "node:assert/strict";
import { test } from "node:test";
import { BytesError, fromBase64, fromHex, toBase64, toHex } from "../bytes.js";
import { CanonicalError, decode, encode } from "../canonical.js";
import { utf8, vectors } from "./vectors.js";

const { canonical, refused } = vectors("canonical");

test("what is canonical comes back byte for byte", () => {
  for (const text of canonical) assert.deepEqual(encode(decode(utf8(text))), utf8(text));
});

for (const text of refused) {
  test(`refused: ${JSON.stringify(text).slice(0, 40)}`, () => {
    assert.throws(() => decode(utf8(text)), CanonicalError);
  });
}

test("values without a canonical form are refused", () => {
  for (const value of [1.5, NaN, Infinity, 2 ** 53, undefined, 10n, () => 1, "\ud800", { "\udc00": 1 }]) {
    assert.throws(() => encode([value]), CanonicalError);
  }
});

test("bytes that are no UTF-8 are refused", () => {
  assert.throws(() => decode(Uint8Array.of(0xff)), CanonicalError);
});

test("nesting ends at thirty-two", () => {
  let deep = 0;
  for (let depth = 0; depth < 32; depth += 1) deep = [deep];
  assert.deepEqual(decode(encode(deep)), deep);
  assert.throws(() => encode([deep]), CanonicalError);
});

test("hexadecimal and base64 have one spelling", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  assert.deepEqual(fromHex(toHex(bytes)), bytes);
  assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
  for (const text of ["0", "AB", "0g", " 00"]) assert.throws(() => fromHex(text), BytesError);
  for (const text of ["A", "AA", "AB==", "AAB=", "AA==AA==", "A A=", "-_==", "AA==\n"]) assert.throws(() => fromBase64(text), BytesError);
});
