// What the page without a name makes of an open wave's sheet, before it asks anything.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { TakenBack, checkedSheet } from "../checkedsheet.js";
import { newDevice, visit } from "../issuing.js";
import { Institution, MemoryStore, WAVE } from "./institution.js";

/** A phone that fetched the ticket of a wave which is announced only. */
async function aheadOfTheWave() {
  const institution = new Institution();
  await institution.announce(WAVE);
  const store = new MemoryStore();
  await store.saveDevice(await newDevice({ institution: institution.id, publicKey: institution.publicKey, person: "ana" }));
  await visit({ store, doors: institution.doors, lasts: true, clock: () => institution.now });
  return { institution, store };
}

async function look({ institution, store }) {
  const listed = institution.offered.map(({ wave, wave_sheet: waveSheet }) => ({ wave, waveSheet }));
  return checkedSheet(await store.wave(WAVE), listed, { store, door: institution.doors.nameless });
}

describe("the sheet of an open wave", () => {
  test("fits the ticket that was fetched before it opened", async () => {
    const phone = await aheadOfTheWave();
    await phone.institution.open(WAVE);

    const sheet = await look(phone);

    assert.equal(sheet.wave, WAVE);
    assert.equal((await phone.store.wave(WAVE)).waveSheet, sheet.hash);
  });

  test("of a wave that a restored server announced anew lets the old ticket be forgotten", async () => {
    const phone = await aheadOfTheWave();
    await phone.institution.announceAnew(WAVE);
    await phone.institution.open(WAVE);

    await assert.rejects(look(phone), TakenBack);

    assert.equal(await phone.store.wave(WAVE), null);
  });

  test("is refused when it names another key sheet and nothing took the old one back", async () => {
    const phone = await aheadOfTheWave();
    await phone.institution.announceAnew(WAVE, { takesBack: false });
    await phone.institution.open(WAVE);

    await assert.rejects(look(phone), { show: "sheet-differs" });

    assert.ok((await phone.store.wave(WAVE)).token);
  });
});
