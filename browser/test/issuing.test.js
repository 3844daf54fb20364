// Fetching tokens: what a browser checks first, when it fetches, and what it does when something does not fit.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { fromBase64 } from "../bytes.js";
import { isOwner, newDevice, readOffered, storageLasts, visit, wanted } from "../issuing.js";
import { CLOSES, Institution, LATER, MemoryStore, OPENS, WAVE } from "./institution.js";
import { vectors } from "./vectors.js";

const PERSON = "00000000-0000-4000-8000-000000000001";

async function device(institution) {
  const store = new MemoryStore();
  await store.saveDevice(await newDevice({ institution: institution.id, publicKey: institution.publicKey, person: PERSON }));
  return store;
}

const come = (institution, store, changes = {}) =>
  visit({ store, doors: institution.doors, lasts: false, clock: () => institution.now, ...changes });

async function refuses(institution, show, store = null) {
  const kept = store ?? (await device(institution));
  await assert.rejects(come(institution, kept, { lasts: true }), (error) => {
    assert.equal(error.show, show, String(error.stack));
    return true;
  });
  assert.deepEqual(institution.asked, [], "nothing was asked for");
}

describe("a wave that a restored server announces anew", () => {
  test("gets a new ticket, before it opens and when it has opened", async () => {
    for (const opens of [false, true]) {
      const institution = new Institution();
      await institution.announce(WAVE);
      const store = await device(institution);
      await come(institution, store, { lasts: true });
      const first = await store.wave(WAVE);
      await institution.announceAnew(WAVE);
      if (opens) await institution.open(WAVE);

      const { refused } = await come(institution, store, { lasts: true, thorough: false });

      const row = await store.wave(WAVE);
      assert.deepEqual(refused, {});
      assert.notEqual(row.keySheet, first.keySheet);
      assert.ok(row.token);
      assert.notDeepEqual(row.token, first.token);
      assert.equal(institution.asked.length, 2);
    }
  });

  test("does not finish what was begun with the old key", async () => {
    const institution = new Institution();
    await institution.announce(WAVE);
    const store = await device(institution);
    institution.loseReply = true;
    await assert.rejects(come(institution, store, { lasts: true }));
    institution.loseReply = false;
    await institution.announceAnew(WAVE);

    await come(institution, store, { lasts: true });

    assert.ok((await store.wave(WAVE)).token);
    assert.notEqual(institution.asked[0].blinded, institution.asked[1].blinded);
  });

  test("is refused when the chain does not take the old sheet back, and the ticket stays", async () => {
    const institution = new Institution();
    await institution.announce(WAVE);
    const store = await device(institution);
    await come(institution, store, { lasts: true });
    institution.asked = [];
    await institution.announceAnew(WAVE, { takesBack: false });
    await institution.open(WAVE);
    await refuses(institution, "sheet-differs", store);
    assert.ok((await store.wave(WAVE)).token);
  });
});

describe("an ordinary visit", () => {
  test("checks the sheets and fetches the open wave's token", async () => {
    const institution = await Institution.usual();
    const store = await device(institution);

    const { refused } = await come(institution, store);

    const row = await store.wave(WAVE);
    assert.deepEqual(refused, {});
    assert.equal(row.token.signature.length, 384);
    assert.equal(row.token.prefix.length, 32);
    assert.equal(row.waveSheetSignedIn, institution.offered[0].wave_sheet);
    assert.equal(row.begun, null);
    assert.deepEqual(institution.asked.map((asked) => asked.wave), [WAVE]);
    assert.deepEqual((await store.device()).coming, [WAVE, LATER]);
  });

  test("asks for nothing the second time", async () => {
    const institution = await Institution.usual();
    const store = await device(institution);
    await come(institution, store);
    await come(institution, store);
    assert.equal(institution.asked.length, 1);
  });

  test("leaves the chain alone where nothing is to be fetched or compared, unless it is to be thorough", async () => {
    const institution = await Institution.usual();
    const store = await device(institution);
    await come(institution, store);
    institution.lines.pop();
    await come(institution, store, { thorough: false });
    await assert.rejects(come(institution, store), { show: "chain-differs" });
  });

  test("asks again with the same bytes after a lost reply", async () => {
    const institution = await Institution.usual();
    const store = await device(institution);
    institution.loseReply = true;
    await assert.rejects(come(institution, store));
    institution.loseReply = false;

    await come(institution, store);

    assert.equal(institution.asked.length, 2);
    assert.equal(institution.asked[0].blinded, institution.asked[1].blinded);
    assert.ok((await store.wave(WAVE)).token);
  });

  test("says that the ticket was given out before", async () => {
    const institution = await Institution.usual();
    institution.answerTo = "fetched";
    const { refused } = await come(institution, await device(institution));
    assert.deepEqual(refused, { [WAVE]: "fetched" });
  });

  test("erases what is about waves that are over", async () => {
    const institution = await Institution.usual();
    const store = await device(institution);
    await come(institution, store);
    institution.offered.shift();
    institution.now = CLOSES + 1;
    await come(institution, store);
    assert.deepEqual(await store.waves(), []);
  });
});

describe("tokens for later waves", () => {
  const offered = readOffered([
    { wave: WAVE, group: 0, key_sheet: "", wave_sheet: "ab", opens_at: OPENS, closes_at: CLOSES },
    { wave: LATER, group: 0, key_sheet: "", wave_sheet: null, opens_at: CLOSES, closes_at: CLOSES + 1 },
  ]);
  const answered = { wave: WAVE, token: {}, answered: "last" };
  const what = (changes) => wanted({ offered, rows: [answered], lasts: true, quiet: false, ...changes });

  test("are fetched ahead where storage lasts", () => assert.deepEqual(what({}), [LATER]));
  test("are not where it does not", () => assert.deepEqual(what({ lasts: false }), []));
  test("are not in the minute after an answer", () => assert.deepEqual(what({ quiet: true }), []));
  test("are not while an answer may be about to be given", () => {
    assert.deepEqual(what({ rows: [] }), [WAVE]);
    assert.deepEqual(what({ rows: [{ ...answered, answered: "" }] }), []);
  });
  test("are not fetched twice, nor after 'forget now'", () => {
    assert.deepEqual(what({ rows: [answered, { wave: LATER, token: {} }] }), []);
    assert.deepEqual(what({ rows: [{ wave: WAVE, token: null, forgotten: true, answered: "last" }] }), [LATER]);
  });
  test("are left alone where another device holds them, unless they are to be moved here", () => {
    const movable = [answered, { wave: LATER, token: null, elsewhere: "movable" }];
    const settled = [answered, { wave: LATER, token: null, elsewhere: "settled" }];
    assert.deepEqual(what({ rows: movable }), []);
    assert.deepEqual(what({ rows: movable, replace: true }), [LATER]);
    assert.deepEqual(what({ rows: settled, replace: true }), []);
  });
  test("are not spent silently: another device's token is replaced when asked for, once", async () => {
    const institution = await Institution.usual();
    const store = await device(institution);
    await come(institution, store);
    await store.changeWave(WAVE, { answered: "last" });
    institution.elsewhere = [LATER];
    institution.asked = [];

    await come(institution, store, { lasts: true });
    await come(institution, store, { lasts: true });

    assert.deepEqual(institution.asked.map(({ wave, replace }) => [wave, replace]), [[LATER, false]]);
    assert.equal((await store.wave(LATER)).elsewhere, "movable");

    await come(institution, store, { lasts: true, replace: true });

    assert.deepEqual([(await store.wave(LATER)).elsewhere, institution.asked[1].replace], ["", true]);
    assert.ok((await store.wave(LATER)).token);
  });
  test("that cannot be moved any more stay where they are", async () => {
    const institution = await Institution.usual();
    const store = await device(institution);
    await come(institution, store);
    await store.changeWave(WAVE, { answered: "last" });
    institution.answerTo = "fetched";
    await come(institution, store, { lasts: true, replace: true });
    await come(institution, store, { lasts: true, replace: true });
    assert.equal((await store.wave(LATER)).elsewhere, "settled");
    assert.equal(institution.asked.length, 2);
  });
  test("are fetched by a new phone whose open wave was given to another", async () => {
    const institution = await Institution.usual();
    const store = await device(institution);
    institution.elsewhere = [WAVE];
    const { refused } = await come(institution, store, { lasts: true });
    assert.deepEqual(refused, { [WAVE]: "fetched" });
    assert.ok((await store.wave(LATER)).token);
    assert.equal(institution.asked[0].replace, false);
  });
  test("come along with their checked key sheet", async () => {
    const institution = await Institution.usual();
    const store = await device(institution);
    await come(institution, store);
    await store.changeWave(WAVE, { answered: "last" });
    await come(institution, store, { lasts: true });
    assert.ok((await store.wave(LATER)).token);
    assert.equal((await store.wave(LATER)).waveSheetBytes, null);
  });
});

test("storage lasts in an installed app, or where the browser promised it; never in a WebKit tab", () => {
  assert.equal(storageLasts({ persisted: false, installed: true, webKit: true }), true);
  assert.equal(storageLasts({ persisted: true, installed: false, webKit: false }), true);
  assert.equal(storageLasts({ persisted: true, installed: false, webKit: true }), false);
  assert.equal(storageLasts({ persisted: false, installed: false, webKit: false }), false);
});

test("a second person is noticed", async () => {
  const kept = await newDevice({ institution: "", publicKey: "", person: PERSON });
  assert.equal(await isOwner(kept, PERSON), true);
  assert.equal(await isOwner(kept, PERSON.replace(/1$/, "2")), false);
  assert.ok(!JSON.stringify(kept).includes(PERSON));
});

describe("nothing is asked for when", () => {
  test("a sheet differs between the doors", async () => {
    const institution = await Institution.usual();
    institution.alter.nameless = (bytes) => Uint8Array.from([...bytes.slice(0, -1), 32, 125]);
    await refuses(institution, "sheet-differs"); // its hash already differs where waves are learnt
    const other = await Institution.usual();
    other.alter.signedIn = (bytes) => Uint8Array.from([...bytes.slice(0, -1), 32, 125]);
    await refuses(other, "two-versions");
  });

  test("both doors show other bytes than the hash says", async () => {
    const institution = await Institution.usual();
    const wrong = (bytes) => Uint8Array.from([...bytes.slice(0, -1), 32, 125]);
    institution.alter = { nameless: wrong, signedIn: wrong };
    await refuses(institution, "sheet-differs");
  });

  test("a header was signed by somebody else", async () => {
    const institution = new Institution();
    await institution.announce(WAVE);
    await institution.publish("wave-sheet", { fake: 1 }, { first: 101 });
    await refuses(institution, "chain-differs");
  });

  test("the chain was cut, or rewritten before the last header this browser saw", async () => {
    const institution = await Institution.usual();
    const store = await device(institution);
    await come(institution, store);
    institution.asked = [];
    institution.lines.pop();
    await refuses(institution, "chain-differs", store);
    await institution.publish("burn", { wave: "pulse/2026-W01" });
    await refuses(institution, "chain-differs", store);
  });

  test("the chain goes on over segments of 64 headers, and is followed", async () => {
    const institution = await Institution.usual();
    const store = await device(institution);
    for (let count = 3; count < 64; count += 1) await institution.publish("burn", { wave: WAVE, count });
    await come(institution, store);
    assert.equal((await store.device()).last.seq, 63);
    for (let count = 0; count < 70; count += 1) await institution.publish("burn", { wave: LATER, count });
    await come(institution, store);
    assert.equal((await store.device()).last.seq, 133);
  });

  test("a sheet is not in the chain", async () => {
    const institution = await Institution.usual();
    const hash = institution.offered[0].key_sheet;
    institution.offered[0].key_sheet = institution.offered[0].wave_sheet;
    await refuses(institution, "sheet-differs");
    institution.offered[0].key_sheet = hash;
  });

  test("there are two keys for one wave, unless one was superseded", async () => {
    const institution = new Institution();
    const first = await institution.announce(WAVE);
    institution.offered = [];
    await institution.announce(WAVE, { groups: institution.keySheet(WAVE).groups.slice(0, 1) });
    await refuses(institution, "sheet-differs");
    await institution.publish("supersede", { wave: WAVE, key_sheet: first, reason: { en: "A member moved.", es: "Alguien cambió." } });
    const store = await device(institution);
    institution.offered[0].wave_sheet = null;
    await come(institution, store, { lasts: true });
    assert.ok((await store.wave(WAVE)).token);
    institution.offered[0].key_sheet = first;
    institution.asked = [];
    await refuses(institution, "sheet-differs");
  });

  test("a group has fewer than eleven people", async () => {
    const institution = new Institution();
    const { groups } = institution.keySheet(WAVE);
    await institution.announce(WAVE, { groups: [{ ...groups[0], eligible: 10 }, groups[1]] });
    await institution.open(WAVE);
    await refuses(institution, "sheet-differs");
  });

  test("a sheet is marked as seeded history, and has a group of one", async () => {
    const institution = new Institution();
    const groups = institution.keySheet(WAVE).groups.map((group) => ({ ...group, eligible: 1 }));
    await institution.announce(WAVE, { groups, demo: true });
    await institution.open(WAVE, { demo: true });
    await refuses(institution, "sheet-differs");
  });

  test("the sheet this phone answered with is not the one shown with a name", async () => {
    const institution = await Institution.usual();
    const store = await device(institution);
    await come(institution, store);
    institution.offered[0].wave_sheet = null;
    await institution.open(WAVE, { clients: [1, 2] });
    institution.asked = [];
    await store.changeWave(WAVE, { waveSheetSignedIn: null });
    await refuses(institution, "two-versions", store);
  });
});

describe("when the institution's signing key changes", () => {
  test("a phone follows it, and so does one that is set up afterwards", async () => {
    const institution = await Institution.usual();
    const before = await device(institution);
    await come(institution, before);
    await institution.rotate();
    await institution.announce("pulse/2026-W49");

    await come(institution, before);
    const after = await device(institution);
    await come(institution, after);

    for (const store of [before, after]) {
      assert.equal((await store.device()).publicKey, vectors("chain").next_public_key);
      assert.deepEqual((await store.device()).coming.at(-1), "pulse/2026-W49");
    }
  });

  test("a change that the new key did not sign is refused", async () => {
    const institution = await Institution.usual();
    await institution.rotate({ proof: JSON.parse(vectors("chain").rotation).proof.replace(/^./, (first) => (first === "A" ? "B" : "A")) });
    await refuses(institution, "another-key");
  });

  test("the old key signs nothing any more", async () => {
    const institution = await Institution.usual();
    await institution.rotate();
    await institution.publish("burn", { wave: LATER }, { first: 1 });
    await refuses(institution, "chain-differs");
  });
});

test("a blind signature that is no signature is no token", async () => {
  const institution = await Institution.usual();
  const store = await device(institution);
  const { doors } = institution;
  const good = doors.signedIn.sign;
  doors.signedIn.sign = async (...asked) => {
    const bytes = fromBase64(await good(...asked));
    bytes[10] ^= 1;
    return Buffer.from(bytes).toString("base64");
  };
  await assert.rejects(visit({ store, doors, lasts: false, clock: () => institution.now }));
  assert.equal((await store.wave(WAVE)).token, null);
});

describe("a second token in an open wave", () => {
  test("is fetched by itself once it is approved, and never before", async () => {
    const institution = await Institution.usual();
    const [open] = institution.offered;
    institution.elsewhere = [WAVE]; // on the phone that is gone
    const store = await device(institution);
    open.replacement = "asked";
    const { refused } = await come(institution, store);
    assert.deepEqual(refused, { [WAVE]: "fetched" });
    assert.deepEqual(institution.asked.map((asked) => asked.replace), [false]);

    open.replacement = "approved";
    await come(institution, store);

    assert.equal(institution.asked.at(-1).replace, true);
    assert.equal((await store.wave(WAVE)).token.signature.length, 384);
  });
});
