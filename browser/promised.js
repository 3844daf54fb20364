// Asking about a kept promise: its text, which the wave's sheet commits to by its hash, in the question of one's own leaf.
//
// The same rules as callroom.core.anonymity.kept_promises; tests/vectors/promises.json holds both to the same values.

import * as canonical from "./canonical.js";
import { DoesNotFit, payloadFrom } from "./chainwatch.js";
import { PROMISE_ITEMS, partsOf } from "./promiseitems.js";

const MONTH = /^[0-9]{4}-(?:0[1-9]|1[0-2])$/;
const LONGEST_TEXT = 400;
const LONGEST_WHOLE = 150;
const BEGINNING = 90;
const FIELDS = ["item", "language", "leaf", "promise", "said", "text"];

/**
 * @typedef {object} Asked what one leaf is asked about one promise, in place of the item whose turn it is
 * @property {string} leaf @property {string} item @property {number} promise
 * @property {string} said the month in which it was made: 2026-09
 * @property {"en"|"es"} language of the text @property {string} text
 */

function must(holds) {
  if (!holds) throw new DoesNotFit("sheet-differs", "promises");
}

const isText = (text) => typeof text === "string" && text.length > 0 && Array.from(text).length <= LONGEST_TEXT;

function checked(entry) {
  must(entry !== null && typeof entry === "object" && Object.keys(entry).sort().join() === FIELDS.join());
  must(PROMISE_ITEMS.includes(entry.item) && Number.isSafeInteger(entry.promise) && entry.promise >= 0 && MONTH.test(entry.said));
  must(["en", "es"].includes(entry.language) && isText(entry.text));
  return entry;
}

/**
 * Read what a wave asks about promises.
 *
 * @param {Uint8Array} bytes whose hash the sheet names @param {import("./sheets.js").WaveSheet} sheet
 * @returns {Asked[]} @throws {DoesNotFit} where it does not belong to this sheet
 */
export function readPromises(bytes, sheet) {
  let value;
  try {
    value = canonical.decode(bytes);
  } catch {
    must(false);
  }
  must(value?.wave === sheet.wave && Object.keys(value).length === 2 && Array.isArray(value.asked) && value.asked.length > 0);
  const asked = value.asked.map(checked);
  const leaves = asked.map(({ leaf }) => leaf);
  must(leaves.every((leaf, place) => place === 0 || leaves[place - 1] < leaf));
  must(leaves.every((leaf) => sheet.leaves.some((known) => known.leaf === leaf)));
  must(PROMISE_ITEMS.every((item) => asked.some((entry) => entry.item === item) === sheet.items.some(({ id }) => id === item)));
  return asked;
}

/**
 * What a wave asks about promises, kept with its sheet: with it once, the wave can be answered without a network.
 *
 * @param {import("./devicestore.js").WaveRow} row @param {import("./sheets.js").WaveSheet} sheet already checked
 * @param {{store: import("./devicestore.js").DeviceStore, door: object}} parts
 * @returns {Promise<Asked[]>} none where nothing is asked about any
 * @throws {DoesNotFit} @throws {import("./doors.js").NoNetwork}
 */
export async function promisesOf(row, sheet, { store, door }) {
  const { promises } = partsOf(sheet.wording);
  if (promises === null) return [];
  const bytes = row.promisesBytes ?? (await payloadFrom(door, promises));
  const asked = readPromises(bytes, sheet);
  if (!row.promisesBytes) await store.changeWave(row.wave, { promisesBytes: bytes });
  return asked;
}

/** @param {string} said 2026-09 @param {string} language @returns {string} "September 2026", "septiembre de 2026" */
export function sayMonth(said, language) {
  const [year, month] = said.split("-").map(Number);
  return new Intl.DateTimeFormat(language, { month: "long", year: "numeric", timeZone: "UTC" }).format(Date.UTC(year, month - 1, 1));
}

/** @param {string} text @returns {string} as much of it, in whole words, as leaves the way to "Send" short on a phone */
export function shortened(text) {
  const letters = Array.from(text);
  if (letters.length <= LONGEST_WHOLE) return text;
  const cut = letters.slice(0, BEGINNING).join("");
  const words = letters[BEGINNING] === " " ? cut : cut.slice(0, cut.lastIndexOf(" ") + 1) || cut;
  return `${words.trimEnd().replace(/[,;:.]+$/, "")} …`;
}

/**
 * Put month and promise into a question about it, as text; the promise in the language it was written in.
 *
 * Of a long one the question holds the beginning. All of it, as the sheet commits to it, is one press away.
 */
export function fillPromise(question, own, language) {
  for (const place of question.querySelectorAll("[data-said-in]")) place.textContent = sayMonth(own.said, language);
  const put = (selector, text) => {
    for (const place of question.querySelectorAll(selector)) {
      place.textContent = text;
      place.lang = own.language;
    }
  };
  const short = shortened(own.text);
  put("[data-promise]", short);
  put("[data-whole-promise]", own.text);
  if (short === own.text) for (const place of question.querySelectorAll("[data-long-promise]")) place.remove();
}
