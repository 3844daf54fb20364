// Following the institution's chain from the last header this browser stored, and holding both doors to the same bytes.

import { equal, fromBase64, sha256Hex, toBase64 } from "./bytes.js";
import * as canonical from "./canonical.js";
import { ChainError, splitLines, verifyLinks } from "./chain.js";

const LINES_IN_SEGMENT = 64;
// Key sheets are announced at most eight weeks ahead; older ones are about waves that are over.
const REMEMBERED_SECONDS = 90 * 24 * 3600;
const REMEMBERED_TYPES = ["key-sheet", "wave-sheet", "supersede", "void"];

/**
 * What was shown does not fit. Nothing may be sent. `show`: the message; `code`: a word for whoever is told.
 * chain: it does not go on from the header this browser stored; doors: other bytes with a name than without;
 * sheet: it is not in the chain, breaks its promises, or is not the only one for its wave.
 */
export class DoesNotFit extends Error {
  constructor(show, code) {
    super(`${show}: ${code}`);
    this.show = show;
    this.code = code;
  }
}

const chainTrouble = (error) => {
  if (error instanceof ChainError) return new DoesNotFit(error.code === "rotation" ? "another-key" : "chain-differs", error.code);
  return error;
};

// Begins with the segment of the last stored header, so that this header is seen to be served still.
async function newLines(last, segment) {
  const lines = [];
  for (let number = Math.floor((last?.seq ?? 0) / LINES_IN_SEGMENT); ; number += 1) {
    const text = await segment(number);
    const served = text === null ? [] : splitLines(text);
    const known = last === null ? 0 : Math.max(0, last.seq + 1 - number * LINES_IN_SEGMENT);
    if (known > served.length) throw new DoesNotFit("chain-differs", "shorter");
    if (known > 0 && (await sha256Hex(served[known - 1])) !== last.hash) throw new DoesNotFit("chain-differs", "head");
    lines.push(...served.slice(known));
    if (served.length < LINES_IN_SEGMENT) return lines;
  }
}

async function rotationsIn(lines, payload) {
  const rotations = {};
  for (const line of lines) {
    const header = canonical.decode(line);
    if (header?.type === "key-rotation") rotations[header.payload_sha256] = await payload(header.payload_sha256);
  }
  return rotations;
}

function remember(sheets, headers) {
  const all = { ...sheets };
  for (const { type, at, payload_sha256: hash } of headers) {
    if (REMEMBERED_TYPES.includes(type)) all[hash] ??= { type, at, wave: null };
  }
  const newest = Math.max(0, ...Object.values(all).map((sheet) => sheet.at));
  return Object.fromEntries(Object.entries(all).filter(([, sheet]) => sheet.at > newest - REMEMBERED_SECONDS));
}

/**
 * Read the chain on from the last header this browser stored, each link and signature checked.
 *
 * @param {import("./devicestore.js").Device} device
 * @param {typeof import("./doors.js").nameless} door
 * @returns {Promise<Partial<import("./devicestore.js").Device>>} what to store: last, sheets, publicKey
 * @throws {DoesNotFit}
 */
export async function catchUp({ last, sheets, publicKey }, door) {
  try {
    const lines = await newLines(last, door.segment);
    const rotations = await rotationsIn(lines, door.payload);
    const verified = await verifyLinks(lines, fromBase64(publicKey), { after: last, rotations });
    if (verified.last === null) throw new DoesNotFit("chain-differs", "empty");
    return {
      last: verified.last,
      sheets: remember(sheets, verified.headers),
      publicKey: toBase64(verified.publicKey),
    };
  } catch (error) {
    throw chainTrouble(error);
  }
}

/** @returns {Promise<Uint8Array>} the payload with this hash @throws {DoesNotFit} */
export async function payloadFrom(door, hash) {
  const bytes = await door.payload(hash);
  if ((await sha256Hex(bytes)) !== hash) throw new DoesNotFit("sheet-differs", "hash");
  return bytes;
}

/**
 * Ask for the same payload with a name and without.
 *
 * @throws {DoesNotFit} unless both doors show the same bytes, and these have this hash
 */
export async function payloadFromBoth(signedIn, nameless, hash) {
  const withName = await signedIn.payload(hash);
  const withoutName = await nameless.payload(hash);
  if (!equal(withName, withoutName)) throw new DoesNotFit("two-versions", hash.slice(0, 12));
  if ((await sha256Hex(withName)) !== hash) throw new DoesNotFit("sheet-differs", "hash");
  return withName;
}

/** @throws {DoesNotFit} unless the chain commits to a payload of this type with this hash */
export function mustBeInChain(sheets, hash, type) {
  if (sheets[hash]?.type !== type) throw new DoesNotFit("sheet-differs", "not in the chain");
}

/**
 * Learn which wave each remembered key sheet and supersede is about, so that two for one wave are noticed.
 *
 * @returns {Promise<object>} the sheets, each with its wave
 */
export async function learnWaves(sheets, door) {
  const learn = async ([hash, sheet]) => {
    if (sheet.wave !== null || !["key-sheet", "supersede"].includes(sheet.type)) return [hash, sheet];
    const { wave, key_sheet: replaces = null } = canonical.decode(await payloadFrom(door, hash));
    return [hash, { ...sheet, wave, replaces }];
  };
  return Object.fromEntries(await Promise.all(Object.entries(sheets).map(learn)));
}

const supersededIn = (sheets) => Object.values(sheets).filter(({ type }) => type === "supersede").map(({ replaces }) => replaces);

/**
 * Forget what is kept for key sheets that the chain took back: a restored server announces a wave anew under its old name,
 * and a ticket of the old key opens nothing there.
 *
 * @param {import("./devicestore.js").WaveRow[]} rows whose key sheet is not the one that is shown now
 * @returns {Promise<boolean>} whether there was any; what was not taken back stays, and is refused where it is used
 */
export async function forgetTakenBack(rows, { store, door }) {
  if (rows.length === 0) return false;
  const caughtUp = await store.changeDevice(await catchUp(await store.device(), door));
  const { sheets } = await store.changeDevice({ sheets: await learnWaves(caughtUp.sheets, door) });
  const superseded = supersededIn(sheets);
  const gone = rows.filter((row) => superseded.includes(row.keySheet));
  for (const row of gone) await store.removeWave(row.wave);
  return gone.length > 0;
}

/** @throws {DoesNotFit} unless this is the one key sheet for its wave that was not superseded */
export function mustBeOnly(sheets, hash, wave) {
  const all = Object.entries(sheets);
  const superseded = supersededIn(sheets);
  if (superseded.includes(hash)) throw new DoesNotFit("sheet-differs", "superseded");
  const others = all.filter(([other, sheet]) => sheet.type === "key-sheet" && sheet.wave === wave
    && other !== hash && !superseded.includes(other));
  if (others.length > 0) throw new DoesNotFit("sheet-differs", "two keys");
}
