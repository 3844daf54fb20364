// The minute after an answer.

import assert from "node:assert/strict";
import { test } from "node:test";

import { isQuietOver, keepQuiet } from "../quiet.js";

function memory() {
  const kept = new Map();
  return {
    kept,
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  };
}

test("it is quiet for one minute to two after an answer, and nothing of it stays", () => {
  const storage = memory();
  assert.equal(isQuietOver(1000, storage), true);
  keepQuiet(1000, storage);
  assert.equal(isQuietOver(1059, storage), false);
  assert.equal(isQuietOver(1121, storage), true);
  assert.equal(storage.kept.size, 0);
});

test("a browser without such a storage is no trouble", () => {
  keepQuiet(1000, undefined);
  keepQuiet(1000, { setItem: () => { throw new Error("full"); } });
  assert.equal(isQuietOver(1001, undefined), true);
});
