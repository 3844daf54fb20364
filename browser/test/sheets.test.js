import assert from "node:assert/strict";
import { test } from "node:test";
import * as canonical from "../canonical.js";
import { SheetError, checkAgainst, leafOf, partsOfWave, readKeySheet, readWaveSheet } from "../sheets.js";
import { changed, utf8, vectors } from "./vectors.js";

const vector = vectors("sheets");
const keyPayload = JSON.parse(vector.key_sheet);
const wavePayload = JSON.parse(vector.wave_sheet);
const keys = await readKeySheet(utf8(vector.key_sheet));
const sheet = await readWaveSheet(utf8(vector.wave_sheet));

const read = {
  "key-sheet": (bytes) => readKeySheet(bytes),
  "wave-sheet": (bytes) => readWaveSheet(bytes),
  pair: async (bytes) => checkAgainst(await readWaveSheet(bytes), keys),
};

test("the sheets of the vectors are read", () => {
  assert.equal(keys.hash, vector.key_sheet_sha256);
  assert.equal(sheet.hash, vector.wave_sheet_sha256);
  assert.equal(keys.groups[1].public_key.length, 422);
  assert.equal(sheet.hpke_public_key.length, 32);
  checkAgainst(sheet, keys);
});

test("a group counts in its leaf, or in none any more", () => {
  assert.equal(leafOf(sheet, 1).leaf, "dermatology");
  assert.equal(leafOf(sheet, 9), null);
  checkAgainst({ ...sheet, leaves: sheet.leaves.slice(0, 1) }, keys);
});

for (const refused of vector.refused) {
  test(`refused: ${refused.sheet}: ${refused.name}`, async () => {
    const payload = changed(refused.sheet === "key-sheet" ? keyPayload : wavePayload, refused);
    await assert.rejects(read[refused.sheet](canonical.encode(payload)), (error) => {
      assert.ok(error instanceof SheetError, String(error));
      assert.equal(error.code, refused.code);
      return true;
    });
  });
}

for (const accepted of vector.accepted) {
  test(`read: ${accepted.name}`, async () => {
    assert.deepEqual((await readWaveSheet(canonical.encode(changed(wavePayload, accepted)))).plan.changes, accepted.value);
  });
}

test("the sheets of two waves do not belong together", () => {
  assert.throws(() => checkAgainst(sheet, { ...keys, wave: "pulse/2026-W48" }), { code: "wave" });
});

test("seeded history is nothing to answer: its mark lifts no promise", async () => {
  await assert.rejects(readKeySheet(canonical.encode({ ...keyPayload, demo: true })), { code: "demo" });
  await assert.rejects(readWaveSheet(canonical.encode({ ...wavePayload, demo: true })), { code: "demo" });
});

test("every wrong type is a sheet error", async () => {
  const wrong = [null, true, 1, -1, "x", [], {}, [null], { a: 1 }, ["x"]];
  const paths = (value) => value === null || typeof value !== "object" ? []
    : Object.keys(value).flatMap((key) => [[key], ...paths(value[key]).map((path) => [key, ...path])]);
  for (const [base, reader] of [[keyPayload, readKeySheet], [wavePayload, readWaveSheet]]) {
    for (const path of paths(base)) {
      for (const value of wrong) {
        await reader(canonical.encode(changed(base, { path, value })))
          .catch((error) => assert.ok(error instanceof SheetError, `${path} = ${JSON.stringify(value)}: ${error}`));
      }
    }
  }
});

test("bytes that are no canonical JSON are refused", async () => {
  for (const text of ["", "null", "[]", "7", ` ${vector.key_sheet}`]) {
    await assert.rejects(readKeySheet(utf8(text)), { code: "fields" });
    await assert.rejects(readWaveSheet(utf8(text)), { code: "fields" });
  }
});

test("a wave id names questionnaire and length", () => {
  assert.deepEqual(partsOfWave("pulse-2/2026-W46"), { questionnaire: "pulse", weeks: 2 });
  assert.deepEqual(partsOfWave("pulse/2026-W53"), { questionnaire: "pulse", weeks: 1 });
  for (const wave of ["", "pulse", "pulse/2026-W00", "Pulse/2026-W01", "pulse-1/2026-W01", "pulse/2026-W47\n", null]) {
    assert.throws(() => partsOfWave(wave), { code: "wave" });
  }
});
