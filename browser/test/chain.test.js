import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64, sha256Hex } from "../bytes.js";
import { ChainError, fingerprint, headOf, parseLine, rotatedKey, splitLines, verifyLinks } from "../chain.js";
import { verifyEd25519, verifyWithoutNative } from "../ed25519.js";
import { utf8, vectors } from "./vectors.js";

const vector = vectors("chain");
const lines = vector.lines.map(utf8);
const publicKey = fromBase64(vector.public_key);
const rotations = { [await sha256Hex(utf8(vector.rotation))]: utf8(vector.rotation) };

test("the chain of the vectors holds, through a change of keys", async () => {
  const { headers, publicKey: inForce, last } = await verifyLinks(lines, publicKey, { rotations, head: vector.hashes[4] });
  assert.deepEqual(headers.map((header) => header.hash), vector.hashes);
  assert.deepEqual(headers.map((header) => new TextDecoder().decode(header.signed)), vector.signed);
  assert.deepEqual(inForce, fromBase64(vector.next_public_key));
  assert.deepEqual(last, { seq: 9, hash: vector.hashes[9] });
  assert.equal(headers[2].payload_sha256, vectors("sheets").wave_sheet_sha256);
});

test("a segment is its lines", async () => {
  assert.deepEqual(splitLines(`${vector.lines.join("\n")}\n`), lines);
  assert.equal(await headOf(lines[0]), vector.hashes[0]);
});

test("verifying goes on after the stored header", async () => {
  const after = { seq: 4, hash: vector.hashes[4] };
  const { headers } = await verifyLinks(lines.slice(5), fromBase64(vector.next_public_key), { after, head: after.hash });
  assert.deepEqual(headers.map((header) => header.seq), [5, 6, 7, 8, 9]);
  const other = { seq: 4, hash: "ab".repeat(32) };
  await assert.rejects(verifyLinks(lines.slice(5), fromBase64(vector.next_public_key), { after: other }), { code: "previous", seq: 5 });
  assert.deepEqual((await verifyLinks([], publicKey, { after })).last, after);
});

test("a head the chain does not pass through is refused", async () => {
  for (const head of ["ab".repeat(32), "0".repeat(64)]) {
    await assert.rejects(verifyLinks(lines, publicKey, { rotations, head }), { code: "head" });
  }
});

for (const broken of vector.broken) {
  test(`refused: ${broken.name}`, async () => {
    const given = broken.without_rotation ? {} : rotations;
    await assert.rejects(verifyLinks(broken.lines.map(utf8), publicKey, { rotations: given }), (error) => {
      assert.ok(error instanceof ChainError);
      assert.deepEqual([error.code, error.seq], [broken.code, broken.seq]);
      return true;
    });
  });
}

test("each changed character is found", async () => {
  for (let place = 0; place < lines[0].length; place += 7) {
    const spoiled = lines[0].slice();
    spoiled[place] ^= 1;
    await assert.rejects(verifyLinks([spoiled], publicKey), ChainError);
  }
});

test("bytes that are no header are refused", async () => {
  for (const text of ["", "{}", "null", "[]", "7", vector.lines[0].replace('=="', '="')]) {
    await assert.rejects(parseLine(utf8(text)), { code: "header" });
  }
});

test("a rotation needs the new key's signature", async () => {
  assert.deepEqual(await rotatedKey(utf8(vector.rotation), publicKey), fromBase64(vector.next_public_key));
  await assert.rejects(rotatedKey(utf8(vector.rotation), fromBase64(vector.next_public_key)), { code: "rotation" });
});

test("the institution's key has the published fingerprint", async () => {
  assert.equal(await fingerprint(publicKey), vectors("keys").institution_fingerprint);
});

test("signatures are checked alike with and without the browser's own Ed25519", async () => {
  const header = await parseLine(lines[0]);
  const spoiled = header.signature.slice();
  spoiled[0] ^= 1;
  for (const verify of [verifyEd25519, verifyWithoutNative]) {
    assert.equal(await verify(publicKey, header.signature, header.signed), true);
    assert.equal(await verify(publicKey, spoiled, header.signed), false);
    assert.equal(await verify(publicKey, header.signature, utf8("something else")), false);
    assert.equal(await verify(publicKey, new Uint8Array(3), header.signed), false);
    assert.equal(await verify(new Uint8Array(31), header.signature, header.signed), false);
  }
});
