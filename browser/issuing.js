// Fetching tokens, on a signed-in page of a check-in device: sheets are checked before anything is asked for.

import { concat, fromBase64, sha256Hex, toBase64, utf8 } from "./bytes.js";
import { DoesNotFit, catchUp, forgetTakenBack, learnWaves, mustBeInChain, mustBeOnly, payloadFromBoth } from "./chainwatch.js";
import { newWaveRow } from "./devicestore.js";
import { isQuietOver } from "./quiet.js";
import { SheetError, checkAgainst, readKeySheet, readWaveSheet } from "./sheets.js";
import { instant, serverTime } from "./timing.js";
import { finalize, makeToken } from "./tokens.js";

/** @param {Uint8Array} salt @param {string} person @returns {Promise<string>} the mark by which the owner is known again */
const ownerMark = (salt, person) => sha256Hex(concat(salt, utf8(person)));

/** @returns {Promise<import("./devicestore.js").Device>} a new check-in device; `publicKey`, the institution's first key, is trusted on this first use */
export async function newDevice({ institution, publicKey, person }) {
  const salt = crypto.getRandomValues(new Uint8Array(32));
  return {
    institution, publicKey, salt, owner: await ownerMark(salt, person),
    last: null, sheets: {}, coming: [], clockOffset: 0,
  };
}

/** @returns {Promise<boolean>} is this the person the device was set up for? */
export const isOwner = async (device, person) => (await ownerMark(device.salt, person)) === device.owner;

/**
 * Does what is stored here stay? A WebKit tab drops it after seven days without a visit, whatever it says.
 *
 * @param {{persisted: boolean, installed: boolean, webKit: boolean}} browser
 */
export const storageLasts = ({ persisted, installed, webKit }) => installed || (persisted && !webKit);

/**
 * @param {*} listed /in/tokens/
 * @returns {{wave: string, group: number, keySheet: string, waveSheet: string|null, opensAt: number, closesAt: number, replacement: string}[]} soonest first
 */
export function readOffered(listed) {
  return (Array.isArray(listed) ? listed : listed?.waves ?? [])
    .map((entry) => ({
      wave: entry.wave, group: entry.group, keySheet: entry.key_sheet, waveSheet: entry.wave_sheet || null,
      opensAt: instant(entry.opens_at), closesAt: instant(entry.closes_at), replacement: entry.replacement ?? "",
    }))
    .sort((left, right) => left.opensAt - right.opensAt);
}

/**
 * Which tokens to fetch now. The open wave's always; later ones only where storage lasts, and never in the minute of an
 * answer: neither just after one, nor while one is about to be given. Those that another device holds only to replace them.
 *
 * @returns {string[]} wave ids
 */
export function wanted({ offered, rows, lasts, quiet, replace = false }) {
  const rowOf = (wave) => rows.find((row) => row.wave === wave);
  const lacks = ({ wave }) => !rowOf(wave)?.token && !rowOf(wave)?.forgotten;
  const open = offered.filter((entry) => entry.waveSheet !== null);
  const first = open.filter(lacks);
  const unanswered = open.some(({ wave }) => !rowOf(wave)?.answered && !rowOf(wave)?.elsewhere);
  const isFree = ({ wave }) => !rowOf(wave)?.elsewhere || (replace && rowOf(wave).elsewhere === "movable");
  const announced = offered.filter((entry) => entry.waveSheet === null && lacks(entry) && isFree(entry));
  const later = lasts && !unanswered && !quiet ? announced : [];
  return [...first, ...later].map((entry) => entry.wave);
}

const orDoesNotFit = (error) => (error instanceof SheetError ? new DoesNotFit("sheet-differs", error.code) : error);

async function checkedKeys(entry, row, { sheets, doors }) {
  mustBeInChain(sheets, entry.keySheet, "key-sheet");
  mustBeOnly(sheets, entry.keySheet, entry.wave);
  const bytes = row.keySheetBytes ?? (await payloadFromBoth(doors.signedIn, doors.nameless, entry.keySheet));
  const keys = await readKeySheet(bytes);
  if (keys.hash !== entry.keySheet || keys.wave !== entry.wave) throw new DoesNotFit("sheet-differs", "wave");
  if (keys.groups[entry.group] === undefined) throw new DoesNotFit("sheet-differs", "group");
  return { keys, bytes };
}

async function checkedWaveSheet(entry, keys, { sheets, doors }) {
  mustBeInChain(sheets, entry.waveSheet, "wave-sheet");
  const bytes = await payloadFromBoth(doors.signedIn, doors.nameless, entry.waveSheet);
  checkAgainst(await readWaveSheet(bytes), keys);
  return { waveSheetSignedIn: entry.waveSheet, waveSheetBytes: bytes, waveSheet: entry.waveSheet };
}

/**
 * Check a wave's sheets through both doors and remember them.
 *
 * @throws {DoesNotFit} and nothing of this wave is used
 */
export async function learnWave(entry, { store, sheets, doors }) {
  try {
    const row = (await store.wave(entry.wave)) ?? newWaveRow(entry);
    if (row.keySheet !== entry.keySheet && row.token) throw new DoesNotFit("sheet-differs", "key sheet changed");
    const { keys, bytes } = await checkedKeys(entry, row.keySheet === entry.keySheet ? row : newWaveRow(entry), { sheets, doors });
    if (row.waveSheetSignedIn !== null && row.waveSheetSignedIn !== entry.waveSheet) throw new DoesNotFit("two-versions", "wave sheet");
    const opened = entry.waveSheet !== null && row.waveSheetSignedIn === null;
    if (opened && row.waveSheet !== null && row.waveSheet !== entry.waveSheet) {
      throw new DoesNotFit("two-versions", "wave sheet"); // used before this visit, and not the one shown with a name
    }
    const sheet = opened ? await checkedWaveSheet(entry, keys, { sheets, doors }) : {};
    await store.saveWave({
      ...row, group: entry.group, keySheet: entry.keySheet, opensAt: entry.opensAt, closesAt: entry.closesAt,
      keySheetBytes: bytes, ...sheet,
    });
    return keys;
  } catch (error) {
    throw orDoesNotFit(error);
  }
}

/**
 * Fetch the token of one wave. What was begun is kept first, so that a lost reply is asked for again with the same bytes.
 *
 * @throws {import("./doors.js").Refused}
 */
export async function fetchToken(wave, keys, { store, doors, replace = false }) {
  const row = await store.wave(wave);
  if (row.token) return;
  const groupKey = keys.groups[row.group].public_key;
  const begun = row.begun ?? (await makeToken(groupKey));
  await store.changeWave(wave, { begun });
  const signature = fromBase64(await doors.signedIn.sign(wave, toBase64(begun.blinded), replace));
  const token = await finalize(groupKey, begun, signature);
  await store.changeWave(wave, { begun: null, token, elsewhere: "" });
}

/**
 * Everything a signed-in visit does for a check-in device.
 *
 * @param {object} parts
 * @param {import("./devicestore.js").DeviceStore} parts.store
 * @param {{signedIn: object, nameless: object}} parts.doors
 * @param {boolean} parts.lasts
 * @param {() => number} parts.clock this device's
 * @param {boolean} [parts.replace] fetch also what another device was given for later waves: once per wave, and only when asked to
 * @param {boolean} [parts.thorough] follow the chain even where nothing is to be fetched or compared
 * @returns {Promise<{offered: ReturnType<typeof readOffered>, refused: Object<string, string>, now: number}>}
 *   refused: the server's word, by wave; now: the server's clock
 * @throws {DoesNotFit}
 */
export async function visit({ store, doors, lasts, clock, replace = false, thorough = true }) {
  const { listed, now: said } = await doors.signedIn.waves();
  const offered = readOffered(listed);
  const { now, clockOffset } = serverTime(said, (await store.device()).clockOffset, clock());
  await store.changeDevice({ coming: offered.map((entry) => entry.wave), clockOffset });
  await forgetEnded(store, offered, now);
  const isAnother = (row) => offered.some(({ wave, keySheet }) => wave === row.wave && keySheet !== row.keySheet);
  await forgetTakenBack((await store.waves()).filter(isAnother), { store, door: doors.nameless });
  const rows = await store.waves();
  const quiet = !isQuietOver(now);
  const due = wanted({ offered, rows, lasts, quiet, replace });
  const concerned = offered.filter((entry) => entry.waveSheet !== null || due.includes(entry.wave));
  const isCompared = (entry) => rows.some((row) => row.wave === entry.wave && row.waveSheetSignedIn === entry.waveSheet);
  if (!thorough && due.length === 0 && concerned.every(isCompared)) return { offered, refused: {}, now };
  const sheets = await follow(store, doors.nameless);
  const parts = { store, sheets, doors, replace, refused: {} };
  for (const entry of concerned) await learnAndFetch(entry, due.includes(entry.wave), parts);
  const after = wanted({ offered, rows: await store.waves(), lasts, quiet, replace }); // an open one may prove to be elsewhere
  const more = offered.filter(({ wave }) => after.includes(wave) && !due.includes(wave));
  for (const entry of more) await learnAndFetch(entry, true, parts);
  return { offered, refused: parts.refused, now };
}

async function learnAndFetch(entry, isDue, { store, sheets, doors, replace, refused }) {
  const keys = await learnWave(entry, { store, sheets, doors });
  const isLater = entry.waveSheet === null;
  if (!isDue) return;
  try {
    const isApproved = entry.replacement === "approved"; // a second token in an open wave
    await fetchToken(entry.wave, keys, { store, doors, replace: isApproved || (replace && isLater) });
  } catch (error) {
    const isElsewhere = error.code === "fetched";
    if (error.code === undefined || (isLater && !isElsewhere)) throw error;
    if (isElsewhere) await store.changeWave(entry.wave, { elsewhere: isLater && !replace ? "movable" : "settled" });
    if (!isLater) refused[entry.wave] = error.code;
  }
}

/** Read the chain on, and which wave each sheet of it is about. @returns {Promise<object>} the sheets */
async function follow(store, door) {
  const caughtUp = await store.changeDevice(await catchUp(await store.device(), door));
  const { sheets } = await store.changeDevice({ sheets: await learnWaves(caughtUp.sheets, door) });
  return sheets;
}

/** Erase what is about waves that are over: their one-time keys, too. */
async function forgetEnded(store, offered, now) {
  for (const row of await store.waves()) {
    const isOffered = offered.some((entry) => entry.wave === row.wave);
    if (!isOffered && now >= row.closesAt) await store.removeWave(row.wave);
  }
}
