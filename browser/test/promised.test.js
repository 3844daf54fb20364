// Asking about a kept promise: the same rules as the server's code, one item for each leaf, and its text on the page.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { utf8 } from "../bytes.js";
import * as canonical from "../canonical.js";
import { DoesNotFit } from "../chainwatch.js";
import { newDevice, visit } from "../issuing.js";
import { fillPromise, promisesOf, readPromises, sayMonth, shortened } from "../promised.js";
import { isNamed, itemsFor, partsOf } from "../promiseitems.js";
import { readWaveSheet } from "../sheets.js";
import { canAsk, readForm } from "../turns.js";
import { Institution, MemoryStore, WAVE } from "./institution.js";
import { vectors } from "./vectors.js";

const vector = vectors("promises");
const sheet = await readWaveSheet(utf8(vector.sheet));
const asked = readPromises(utf8(vector.promises), sheet);
const own = (leaf) => asked.find((entry) => entry.leaf === leaf);
const ids = (items) => items.map(({ id }) => id);

function changed({ path, ...change }) {
  const value = JSON.parse(vector.promises);
  const last = path.at(-1);
  const place = path.slice(0, -1).reduce((inner, step) => inner[step], value);
  if ("value" in change) place[last] = change.value;
  else delete place[last];
  return canonical.encode(value);
}

describe("what a wave asks about promises", () => {
  test("is named by the sheet, and each leaf is asked one item beside the core", () => {
    assert.deepEqual(partsOf(sheet.wording), { words: vector.words, promises: vector.sha256 });
    for (const [leaf, items] of Object.entries(vector.asked)) assert.deepEqual(ids(itemsFor(sheet, own(leaf))), items);
    assert.deepEqual(ids(itemsFor(sheet, undefined)), vector.asked_without);
  });

  for (const refused of vector.refused) {
    test(`is refused: ${refused.name}`, () => assert.throws(() => readPromises(changed(refused), sheet), DoesNotFit));
  }

  test("is refused when it is no canonical JSON", () => {
    assert.throws(() => readPromises(utf8(`${vector.promises} `), sheet), { show: "sheet-differs" });
  });

  test("is never part of the core", () => {
    assert.equal(isNamed(sheet), true);
    assert.equal(isNamed({ ...sheet, core: [...sheet.core, "promise-noticed"] }), false);
  });
});

function filled(promise) {
  const place = () => ({ textContent: "", lang: "" });
  const folded = { remove() { this.removed = true; } };
  const places = {
    "[data-said-in]": [place()], "[data-promise]": [place()], "[data-whole-promise]": [place()], "[data-long-promise]": [folded],
  };
  fillPromise({ querySelectorAll: (selector) => places[selector] }, promise, "en");
  return places;
}

describe("the page", () => {
  const items = Object.fromEntries(sheet.items.map(({ id, options }) => [id, options]));

  test("asks what it knows the questions and the usual words of", () => {
    assert.equal(canAsk(sheet, { wordings: ["2026-1"], items }), true);
    assert.equal(canAsk(sheet, { wordings: ["2027-1"], items }), false);
  });

  test("of the release before knows no question about a promise, and asks for a newer page", () => {
    const { "promise-noticed": _noticed, "promise-effect": _effect, ...before } = items;
    assert.equal(canAsk(sheet, { wordings: ["2026-1"], items: before }), false);
  });

  test("sends nothing for what its leaf was not asked", () => {
    const { answers } = readForm({ workload: "2", "promise-noticed": "3" }, false, sheet.items);
    assert.deepEqual(answers, {
      workload: 2, support: null, voice: null, "learning-time": null, "promise-noticed": 3, "promise-effect": null,
    });
  });

  test("says month and promise as text, the promise in its own language", () => {
    const places = filled({ ...own("dermatology"), text: "<b>6:40</b>" });
    assert.equal(places["[data-said-in]"][0].textContent, "September 2026");
    assert.deepEqual(places["[data-promise]"][0], { textContent: "<b>6:40</b>", lang: "es" });
    assert.equal(sayMonth("2026-01", "es"), "enero de 2026");
  });

  test("offers no more to read of a promise that stands whole in its question", () => {
    const places = filled({ ...own("dermatology"), text: "a".repeat(150) });
    assert.equal(places["[data-promise]"][0].textContent, "a".repeat(150));
    assert.equal(places["[data-long-promise]"][0].removed, true);
  });

  test("begins a long promise in its question and has every word of it one press away", () => {
    const text = `${"Two residents are on call, from Friday to Sunday; ".repeat(8).slice(0, 398)}ok`;
    assert.equal(text.length, 400);
    const places = filled({ ...own("dermatology"), text });
    const short = places["[data-promise]"][0].textContent;
    assert.ok(short.length <= 92 && short.endsWith(" …"));
    assert.ok(text.startsWith(short.slice(0, -2)));
    assert.deepEqual(places["[data-whole-promise]"][0], { textContent: text, lang: "es" });
    assert.equal(places["[data-long-promise]"][0].removed, undefined);
  });

  test("cuts a long promise between words, and never half a letter", () => {
    const rest = " z".repeat(80);
    assert.equal(shortened("x".repeat(151)), `${"x".repeat(90)} …`);
    assert.equal(shortened(`${"😀".repeat(89)}${rest}`), `${"😀".repeat(89)} …`);
    assert.equal(shortened(`${"y".repeat(90)}${rest}`), `${"y".repeat(90)} …`);
    assert.equal(shortened(`${"y".repeat(80)}, zzzz zzzzz${rest}`), `${"y".repeat(80)}, zzzz …`);
    assert.equal(shortened(`${"y".repeat(80)}, zzzzzzzzzzzzz${rest}`), `${"y".repeat(80)} …`);
  });
});

describe("the texts of an open wave", () => {
  const NO_DOOR = { payload: () => { throw new Error("nobody is asked"); } };

  async function phone() {
    const institution = new Institution();
    await institution.announce(WAVE);
    const store = new MemoryStore();
    await store.saveDevice(await newDevice({ institution: institution.id, publicKey: institution.publicKey, person: "ana" }));
    await visit({ store, doors: institution.doors, lasts: true, clock: () => institution.now });
    institution.payloads.set(vector.sha256, utf8(vector.promises));
    return { store, door: institution.doors.nameless, institution };
  }

  test("are fetched once and kept: then the wave is asked without a network", async () => {
    const parts = await phone();

    const first = await promisesOf(await parts.store.wave(WAVE), sheet, parts);
    const second = await promisesOf(await parts.store.wave(WAVE), sheet, { ...parts, door: NO_DOOR });

    assert.deepEqual(first, asked);
    assert.deepEqual(second, asked);
  });

  test("are refused when the server shows others, and nothing is kept", async () => {
    const parts = await phone();
    parts.institution.payloads.set(vector.sha256, utf8(vector.promises.replace("level 3", "level 4")));

    await assert.rejects(promisesOf(await parts.store.wave(WAVE), sheet, parts), { show: "sheet-differs" });

    assert.equal((await parts.store.wave(WAVE)).promisesBytes, undefined);
  });

  test("are asked for only where the sheet names any", async () => {
    const plain = { ...sheet, wording: "2026-1" };
    assert.deepEqual(await promisesOf({ wave: WAVE }, plain, { store: null, door: NO_DOOR }), []);
  });
});
