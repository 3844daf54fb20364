// What a wave sheet says about kept promises: which items, and the hash of their texts.
//
// The same rules as callroom.core.anonymity.kept_promises; tests/vectors/promises.json holds both to the same values.

/** The items about promises: how much was noticed, and what it did to the work. */
export const PROMISE_ITEMS = ["promise-noticed", "promise-effect"];

const NAMED = /^(.+)\+promises-([0-9a-f]{64})$/;

/** @param {string} wording of a wave sheet @returns {{words: string, promises: string|null}} the usual words, and the hash of the texts */
export function partsOf(wording) {
  const match = NAMED.exec(wording);
  return match ? { words: match[1], promises: match[2] } : { words: wording, promises: null };
}

/** @returns {boolean} does a sheet ask about promises exactly when it commits to their texts, and never in its core? */
export function isNamed({ wording, items, core }) {
  const asks = items.some(({ id }) => PROMISE_ITEMS.includes(id));
  return asks === (partsOf(wording).promises !== null) && !core.some((id) => PROMISE_ITEMS.includes(id));
}

/**
 * The items that one leaf is asked: where it has a promise, that takes the place of the item whose turn it is.
 *
 * @param {import("./sheets.js").WaveSheet} sheet @param {import("./promised.js").Asked|undefined} own what it is asked about a promise
 */
export function itemsFor({ items, core }, own) {
  if (own) return items.filter(({ id }) => core.includes(id) || id === own.item);
  return items.filter(({ id }) => !PROMISE_ITEMS.includes(id));
}
