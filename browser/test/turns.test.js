// What the check-in page shows, case by case.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { newWaveRow } from "../devicestore.js";
import { isLastWeek, sayDay, sayInstant, serverTime } from "../timing.js";
import { answeredWhen, canAsk, hasEnded, listedFrom, mayNotHaveWorked, obstacle, ownResult, readForm, readListed, turn, whatIsLeft } from "../turns.js";

const DAY = 24 * 3600;
const MONDAY = Date.UTC(2026, 10, 16, 12) / 1000; // 06:00 in Monterrey
const SUNDAY = MONDAY + 6 * DAY + 14 * 3600; // 20:00
const HASH = "ab".repeat(32);

const open = (wave = "pulse/2026-W47", changes = {}) => ({ wave, opensAt: MONDAY, closesAt: SUNDAY, waveSheet: HASH, ...changes });
const announced = (wave = "pulse/2026-W48", changes = {}) => open(wave, { opensAt: MONDAY + 7 * DAY, closesAt: SUNDAY + 7 * DAY, waveSheet: null, ...changes });
const row = (changes = {}) => ({
  ...newWaveRow({ wave: "pulse/2026-W47", group: 0, keySheet: HASH, opensAt: MONDAY, closesAt: SUNDAY }),
  token: {}, ...changes,
});
const at = (changes = {}) => turn({ rows: [row()], listed: [open(), announced()], kept: false, coming: [], now: MONDAY + DAY, ...changes });

describe("before anything is asked", () => {
  const fine = { secure: true, storage: true, device: { publicKey: "key" }, wasDevice: true, shownKey: "key" };

  test("nothing stands in the way of a check-in device", () => {
    assert.equal(obstacle(fine), null);
    assert.equal(obstacle({ ...fine, shownKey: "" }), null, "a page that was kept from before the chain began");
  });
  for (const [changes, expected] of [
    [{ secure: false, storage: false, device: null }, "not-secure"],
    [{ storage: false, device: null }, "no-storage"],
    [{ device: null }, "storage-gone"],
    [{ device: null, wasDevice: false }, "no-device"],
    [{ shownKey: "other" }, "another-key"],
  ]) {
    test(expected, () => assert.equal(obstacle({ ...fine, ...changes }), expected));
  }
});

describe("an open wave", () => {
  test("is asked", () => assert.deepEqual([at().show, at().again], ["ask", false]));
  test("waits for its ticket", () => assert.equal(at({ rows: [row({ token: null })] }).show, "no-token"));
  test("was answered", () => assert.equal(at({ rows: [row({ answered: "last" })] }).show, "answered"));
  test("has an answer that was not sent", () => assert.equal(at({ rows: [row({ outbox: [] , answered: "last" })] }).show, "not-sent"));
  test("was forgotten on purpose", () => assert.equal(at({ rows: [row({ token: null, forgotten: true, answered: "last" })] }).show, "final"));
  test("is open offline, too", () => assert.equal(at({ kept: true }).show, "ask"));
  test("is over offline when its time is up", () => assert.equal(at({ kept: true, now: SUNDAY }).show, "closed"));
  test("is known, but not for this phone", () => assert.equal(at({ rows: [] }).show, "no-token"));
  test("is mine although nothing about it is here yet", () => assert.equal(at({ rows: [], coming: ["pulse/2026-W47"] }).show, "no-token"));
});

describe("a wave of two weeks", () => {
  const long = { wave: "pulse-2/2026-W47", closesAt: SUNDAY + 7 * DAY };
  const listed = [open(long.wave, { closesAt: long.closesAt })];
  const again = (answered, now) => at({ rows: [row({ ...long, answered })], listed, now });

  test("rests after an answer in its first week", () => assert.equal(again("early", MONDAY + 2 * DAY).show, "answered"));
  test("asks once more in its last week", () => {
    const { show, again: isAgain } = again("early", MONDAY + 7 * DAY);
    assert.deepEqual([show, isAgain], ["ask", true]);
  });
  test("rests after an answer in its last week", () => assert.equal(again("last", MONDAY + 8 * DAY).show, "answered"));
  test("remembers which week an answer came in", () => {
    const entry = row(long);
    assert.equal(answeredWhen(entry, 2, MONDAY + DAY), "early");
    assert.equal(answeredWhen(entry, 2, MONDAY + 7 * DAY), "last");
    assert.equal(answeredWhen(row(), 1, MONDAY), "last");
  });
  test("says after an answer whether it will ask again", () => {
    assert.deepEqual(whatIsLeft(row({ answered: "early" })), { early: true });
    assert.deepEqual(whatIsLeft(row({ answered: "last" })), { last: true });
    assert.deepEqual(whatIsLeft(row()), {});
  });
  test("takes 'I did not work' only where nothing was acknowledged", () => {
    assert.equal(mayNotHaveWorked(row()), true);
    assert.equal(mayNotHaveWorked(row({ answered: "early" })), false);
  });
  test("is not mixed up with another series that is not mine", () => {
    const mine = { wave: "pulse-4/2026-W51", opensAt: MONDAY + 28 * DAY, closesAt: SUNDAY + 56 * DAY, waveSheet: null };
    const found = at({ rows: [], coming: [mine.wave], listed: [open(), announced(), mine] });
    assert.deepEqual([found.show, found.opensAt], ["not-open", mine.opensAt]);
  });
});

describe("no open wave", () => {
  test("says when the next one opens", () => {
    const found = at({ rows: [], listed: [announced()] });
    assert.deepEqual([found.show, found.opensAt], ["not-open", MONDAY + 7 * DAY]);
  });
  test("says that nobody is asked", () => assert.equal(at({ rows: [], listed: [] }).show, "not-asked"));
  test("says that it has just closed", () => assert.equal(at({ listed: [announced()], now: SUNDAY + 60 }).show, "closed"));
  test("says nothing about a closed one that was answered", () => {
    assert.equal(at({ rows: [row({ answered: "last" })], listed: [announced()], now: SUNDAY + 60 }).show, "not-open");
  });
  test("says that an answer came too late", () => {
    assert.equal(at({ rows: [row({ outbox: [] })], listed: [announced()], now: SUNDAY + 60 }).show, "closed-unsent");
  });
  test("says that it was called off", () => assert.equal(at({ listed: [announced()] }).show, "void"));
  test("needs a network for what opened meanwhile", () => {
    const rows = [row({ wave: "pulse/2026-W48", opensAt: MONDAY + 7 * DAY, closesAt: SUNDAY + 7 * DAY })];
    assert.equal(at({ rows, listed: [announced()], kept: true, now: MONDAY + 8 * DAY }).show, "offline-first");
  });
  test("needs a network the first time", () => assert.equal(at({ listed: null, kept: true }).show, "offline-first"));
});

test("without a network and a list the phone goes by what it holds", () => {
  const held = [row({ waveSheet: HASH }), row({ wave: "pulse/2026-W48", opensAt: MONDAY + 7 * DAY, closesAt: SUNDAY + 7 * DAY })];
  assert.equal(at({ rows: held, listed: listedFrom(held), kept: true }).show, "ask");
  assert.equal(at({ rows: held, listed: listedFrom(held), kept: true, now: MONDAY + 7 * DAY }).show, "offline-first");
  assert.equal(listedFrom([]), null);
});

test("what is over leaves this phone, what is not stays", () => {
  const ended = (changes) => hasEnded(row(), { listed: [announced()], kept: false, now: SUNDAY + 1, ...changes });
  assert.equal(ended(), true);
  assert.equal(ended({ kept: true }), true);
  assert.equal(ended({ kept: true, now: SUNDAY - 1 }), false);
  assert.equal(ended({ listed: [open()], now: SUNDAY - 1 }), false);
  assert.equal(ended({ listed: [], now: MONDAY - 1 }), false, "a list that is short for a moment takes no ticket away");
});

test("a list is read with care", () => {
  const given = [
    { wave: "pulse/2026-W48", opens_at: MONDAY + 7 * DAY, closes_at: SUNDAY + 7 * DAY, wave_sheet: null },
    { wave: "pulse/2026-W47", opens_at: MONDAY, closes_at: SUNDAY, wave_sheet: HASH },
    { wave: "pulse/2026-W49", opens_at: SUNDAY, closes_at: MONDAY, wave_sheet: null },
    { wave: "pulse/2026-W50", opens_at: MONDAY, closes_at: SUNDAY, wave_sheet: "../elsewhere" },
    null,
  ];
  assert.deepEqual(readListed(given).map((entry) => entry.wave), ["pulse/2026-W47", "pulse/2026-W48"]);
  assert.deepEqual(readListed("nonsense"), []);
});

describe("the form", () => {
  const items = [{ id: "workload" }, { id: "support" }];

  test("reads what was chosen; skipped and untouched are both unanswered", () => {
    assert.deepEqual(readForm({ workload: "0", support: "skip" }, false, items), { answers: { workload: 0, support: null }, problem: null });
    assert.deepEqual(readForm({ support: "4" }, false, items).answers, { workload: null, support: 4 });
  });
  test("complains when nothing was touched", () => assert.equal(readForm({}, false, items).problem, "nothing"));
  test("takes all questions skipped", () => assert.equal(readForm({ workload: "skip" }, false, items).problem, null));
  test("takes 'I did not work' alone", () => assert.deepEqual(readForm({ workload: "1" }, true, items), { answers: null, problem: null }));
});

test("a page that does not know the questions does not ask them", () => {
  const sheet = { clients: [1], wording: "2026-1", items: [{ id: "workload", options: 5 }] };
  const page = { wordings: ["2026-1", "2026-1+cbi-work-2005"], items: { workload: 5 } };
  assert.equal(canAsk(sheet, page), true);
  assert.equal(canAsk({ ...sheet, clients: [2] }, page), false);
  assert.equal(canAsk({ ...sheet, wording: "2027-1" }, page), false);
  assert.equal(canAsk({ ...sheet, items: [{ id: "new-one", options: 5 }] }, page), false);
  assert.equal(canAsk({ ...sheet, items: [{ id: "workload", options: 7 }] }, page), false);
});

describe("the quarterly scale among the questions", () => {
  const items = [{ id: "workload", options: 5 }, { id: "cbi-work", options: 5 }];
  const questions = ["cbi1", "cbi2", "cbi3", "cbi4", "cbi5", "cbi6", "cbi7"];
  const scales = { "cbi-work": { questions, atLeast: 4 } };
  const all = (rung) => Object.fromEntries(questions.map((name) => [name, rung]));

  test("leaves as one step, and no question of it by itself", () => {
    assert.deepEqual(readForm({ workload: "1", ...all("3") }, false, items, scales), { answers: { workload: 1, "cbi-work": 21 }, problem: null });
  });
  test("leaves as nothing where fewer than four are answered", () => {
    const few = { workload: "1", cbi1: "4", cbi2: "4", cbi3: "4", cbi4: "skip" };
    assert.deepEqual(readForm(few, false, items, scales).answers, { workload: 1, "cbi-work": null });
    assert.deepEqual(ownResult(few, false, items, scales), { score: null });
  });
  test("counts as something that was touched", () => {
    assert.equal(readForm({ cbi5: "skip" }, false, items, scales).problem, null);
    assert.equal(readForm({}, false, items, scales).problem, "nothing");
  });
  test("gives its result to who answered it, and to nobody else", () => {
    assert.deepEqual(ownResult(all("3"), false, items, scales), { score: 75 });
    assert.equal(ownResult({ workload: "1", cbi1: "skip" }, false, items, scales), null);
    assert.equal(ownResult(all("3"), true, items, scales), null);
    assert.equal(ownResult({ workload: "1" }, false, [items[0]], scales), null);
  });
  test("is not asked by a page that does not know it, and not in a language without its words", () => {
    const sheet = { clients: [1], wording: "2026-1+cbi-work-2005", items };
    const page = { wordings: ["2026-1", sheet.wording], items: { workload: 5, "cbi-work": 5 } };
    assert.equal(canAsk(sheet, page), true);
    assert.equal(canAsk(sheet, { wordings: ["2026-1"], items: { workload: 5 } }), false);
    const unasked = { "cbi-work": { questions: [], atLeast: 4 } };
    assert.deepEqual(readForm({ workload: "2" }, false, items, unasked).answers, { workload: 2, "cbi-work": null });
    assert.equal(ownResult({ workload: "2" }, false, items, unasked), null);
  });
});

test("instants are said in the institution's time zone", () => {
  const zone = "America/Monterrey";
  assert.equal(sayInstant(SUNDAY, { language: "en", zone }), "Sunday 22 November, 20:00");
  assert.equal(sayInstant(SUNDAY, { language: "es", zone }), "domingo 22 de noviembre, 20:00");
  assert.equal(sayDay(SUNDAY, { language: "es", zone }), "domingo 22 de noviembre");
});

test("the last week begins on its Monday at 06:00", () => {
  assert.equal(isLastWeek(SUNDAY, MONDAY), true);
  assert.equal(isLastWeek(SUNDAY, MONDAY - 1), false);
});

test("the server's clock is remembered as a difference", () => {
  assert.deepEqual(serverTime(1000, 0, 400), { now: 1000, clockOffset: 600 });
  assert.deepEqual(serverTime(null, 600, 500), { now: 1100, clockOffset: 600 });
});
