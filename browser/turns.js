// What the check-in page shows, worked out from plain values: no storage, no network, no clock of its own.

import { partsOf } from "./promiseitems.js";
import { scoreOf, stepOf } from "./scales.js";
import { instant, isLastWeek } from "./timing.js";

const HASH = /^[0-9a-f]{64}$/;
const BETWEEN_WAVES = 12 * 3600; // Sunday 20:00 to Monday 06:00, and a little

/** The format of answers this page writes; a wave sheet names those it accepts. */
export const CLIENT = 1;

/**
 * @param {*} listed /w/waves.json
 * @returns {{wave: string, opensAt: number, closesAt: number, waveSheet: string|null}[]} what can be understood of it
 */
export function readListed(listed) {
  const entries = Array.isArray(listed) ? listed : Array.isArray(listed?.waves) ? listed.waves : [];
  return entries
    .map((entry) => ({
      wave: entry?.wave, opensAt: instant(entry?.opens_at), closesAt: instant(entry?.closes_at),
      waveSheet: entry?.wave_sheet || null,
    }))
    .filter((entry) => typeof entry.wave === "string" && entry.opensAt < entry.closesAt
      && (entry.waveSheet === null || HASH.test(entry.waveSheet)))
    .sort((left, right) => left.opensAt - right.opensAt);
}

/** @returns {ReturnType<typeof readListed>|null} what this phone knows by itself about the waves it holds; null: nothing */
export function listedFrom(rows) {
  const known = rows.map(({ wave, opensAt, closesAt, waveSheet }) => ({ wave, opensAt, closesAt, waveSheet }));
  return known.length > 0 ? known : null;
}

/** Why this browser cannot check in at all, or null. The first that applies. */
export function obstacle({ secure, storage, device, wasDevice, shownKey }) {
  if (!secure) return "not-secure";
  if (!storage) return "no-storage";
  if (device === null) return wasDevice ? "storage-gone" : "no-device";
  if (shownKey !== "" && device.publicKey !== shownKey) return "another-key"; // "": a page kept from before there was one
  return null;
}

/** Is this wave open? `kept`: the list is one that was seen earlier; then the clock decides about the end. */
function isOpen(row, { listed, kept, now }) {
  const entry = listed.find((candidate) => candidate.wave === row.wave);
  return entry !== undefined && entry.waveSheet !== null && (!kept || now < row.closesAt);
}

function openTurn(row, now) {
  if (row.forgotten) return { show: "final", row };
  if (row.outbox !== null) return { show: "not-sent", row };
  const asksAgain = row.answered === "early" && isLastWeek(row.closesAt, now);
  if (row.answered !== "" && !asksAgain) return { show: "answered", row };
  if (row.token === null) return { show: "no-token", row };
  return { show: "ask", row, again: row.answered !== "" };
}

const URGENCY = ["not-sent", "ask", "no-token", "answered", "final"];

function waiting(rows, { listed, coming, kept, now }) {
  const mine = new Set([...coming, ...rows.map((row) => row.wave)]);
  const opened = listed.filter((entry) => entry.waveSheet !== null && (!kept || now < entry.closesAt));
  const announced = listed.filter((entry) => entry.waveSheet === null);
  const nextOfMine = announced.find((entry) => mine.has(entry.wave));
  if (nextOfMine && kept && nextOfMine.opensAt <= now) return { show: "offline-first", row: null };
  if (opened.some((entry) => mine.has(entry.wave))) return { show: "no-token", row: null };
  if (nextOfMine) return { show: "not-open", row: null, opensAt: nextOfMine.opensAt };
  if (opened.length > 0) return { show: "no-token", row: null };
  if (announced.length > 0) return { show: "not-open", row: null, opensAt: announced[0].opensAt };
  return { show: "not-asked", row: null };
}

/**
 * @param {object} situation
 * @param {import("./devicestore.js").WaveRow[]} situation.rows
 * @param {ReturnType<typeof readListed>|null} situation.listed null: no network, and nothing seen earlier
 * @param {string[]} situation.coming waves this person may answer, as last told
 * @param {boolean} situation.kept the list is one that was seen earlier
 * @param {number} situation.now epoch seconds, the server's as far as it is known
 * @returns {{show: string, row: object|null, again?: boolean, opensAt?: number}}
 */
export function turn(situation) {
  const { rows, listed, kept, now } = situation;
  if (listed === null) return { show: "offline-first", row: null };
  const turns = rows.filter((row) => isOpen(row, situation)).map((row) => openTurn(row, now));
  if (turns.length > 0) {
    return turns.sort((left, right) => URGENCY.indexOf(left.show) - URGENCY.indexOf(right.show))[0];
  }
  const over = rows.filter((row) => hasEnded(row, situation));
  const unsent = over.find((row) => row.outbox !== null);
  if (unsent) return { show: "closed-unsent", row: unsent };
  const next = waiting(rows.filter((row) => !over.includes(row)), situation);
  const latest = over.at(-1);
  if (latest && now < latest.closesAt) return { ...next, show: "void", row: latest };
  const justClosed = latest && now - latest.closesAt < BETWEEN_WAVES && latest.answered === "";
  return justClosed && next.show === "not-open" ? { ...next, show: "closed", row: latest } : next;
}

/**
 * Is this wave over, so that its key and everything else about it goes? The list no longer has it although it has
 * opened (closed, or called off before), or, without a network, its time is up.
 */
export function hasEnded(row, { listed, kept, now }) {
  if (kept) return now >= row.closesAt;
  return now >= row.opensAt && !listed.some((entry) => entry.wave === row.wave);
}

/** @returns {boolean} may "I did not work" still be said? Only where nothing has been acknowledged in this wave. */
export const mayNotHaveWorked = (row) => row.answered === "";

/** @returns {{early: true}|{last: true}|{}} which sentence about the rest of the wave is true of an acknowledged answer */
export const whatIsLeft = ({ answered }) => (answered === "" ? {} : { [answered]: true });

/** @returns {"early"|"last"} what is remembered about an acknowledged answer */
export const answeredWhen = (row, weeks, now) => (weeks === 1 || isLastWeek(row.closesAt, now) ? "last" : "early");

/** Can the questions of this sheet be asked by a page that knows these items? */
export const canAsk = (sheet, { wordings, items }) =>
  sheet.clients.includes(CLIENT) && wordings.includes(partsOf(sheet.wording).words)
  && sheet.items.every((item) => items[item.id] === item.options);

const chosenStep = (chosen, name) => (chosen[name] === undefined || chosen[name] === "skip" ? null : Number(chosen[name]));
const rungsOf = (chosen, scale) => scale.questions.map((name) => chosenStep(chosen, name));

/**
 * What was chosen in the form, read into an answer.
 *
 * @param {Object<string, string>} chosen by item, or by question of a scale: "0" to "4", or "skip"; absent: untouched
 * @param {boolean} didNotWork
 * @param {{id: string}[]} items
 * @param {Object<string, {questions: string[], atLeast: number}>} [scales] the items that are several questions
 * @returns {{answers: Object<string, number|null>|null, problem: "nothing"|null}} answers null: did not work
 */
export function readForm(chosen, didNotWork, items, scales = {}) {
  if (didNotWork) return { answers: null, problem: null };
  const names = items.flatMap(({ id }) => scales[id]?.questions ?? [id]);
  if (names.every((name) => chosen[name] === undefined)) return { answers: {}, problem: "nothing" };
  const answer = (id) => (scales[id] ? stepOf(rungsOf(chosen, scales[id]), scales[id]) : chosenStep(chosen, id));
  return { answers: Object.fromEntries(items.map(({ id }) => [id, answer(id)])), problem: null };
}

/**
 * One's own result on the scale of this wave, for the eyes of who answered.
 *
 * @returns {{score: number|null}|null} score null: too few of its questions; null: no scale, or none of its questions
 */
export function ownResult(chosen, didNotWork, items, scales) {
  const item = didNotWork ? undefined : items.find(({ id }) => scales[id]);
  if (item === undefined) return null;
  const rungs = rungsOf(chosen, scales[item.id]);
  if (rungs.every((rung) => rung === null)) return null;
  return { score: scoreOf(rungs, { options: item.options, atLeast: scales[item.id].atLeast }) };
}
