// Key sheets and wave sheets: what the institution promised about one wave, checked before it is used.

import { fromBase64, sha256Hex } from "./bytes.js";
import * as canonical from "./canonical.js";
import { isNamed } from "./promiseitems.js";
import { SCALES } from "./scales.js";

/** No group and no leaf has fewer eligible people. */
export const FEWEST_ELIGIBLE = 11;

const LEAST_MINIMUM = 8;
const LEAST_NOISE_PERCENT = 28;
const CHANGE_WEEKS = [12, 24, 36];
const MOST_ITEMS = 16;
const MOST_OPTIONS = 11;
const WAVE = /^([a-z]+)(?:-([24]))?\/[0-9]{4}-W(?:0[1-9]|[1-4][0-9]|5[0-3])$/;
const HASH = /^[0-9a-f]{64}$/;
const NAME = /^[a-z0-9][a-z0-9+._-]{0,3999}$/;
const DATE = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/;

// SubjectPublicKeyInfo (RFC 5280) of an RSA key is these bytes, the modulus and the exponent; the
// lengths inside allow nothing but 3,072 bits, and the end nothing but 65537.
const RSA_START = fromBase64("MIIBojANBgkqhkiG9w0BAQEFAAOCAY8AMIIBigKCAYEA");
const RSA_END = fromBase64("AgMBAAE=");
const RSA_BYTES = 384;

/**
 * A sheet that must not be used. `code`: fields, demo, wave, group, duplicate, too few, key, members;
 * items, core, policy, hpke key, leaves, plan, window, clients; and against its key sheet: key sheet.
 */
export class SheetError extends Error {
  constructor(code) {
    super(`sheet: ${code}`);
    this.code = code;
  }
}

/**
 * @typedef {object} Group
 * @property {number} index
 * @property {string} id the leaf's id
 * @property {string[]} units
 * @property {number} eligible people, 11 or more
 * @property {Uint8Array} public_key SPKI of an RSA key of 3,072 bits
 * @property {string} members_sha256 hexadecimal
 */

/**
 * @typedef {object} KeySheet
 * @property {string} hash SHA-256 of the sheet's bytes, in hexadecimal
 * @property {string} wave
 * @property {number} weeks 1, 2 or 4
 * @property {Group[]} groups in order of index
 */

/**
 * @typedef {object} WaveSheet
 * @property {string} hash SHA-256 of the sheet's bytes: what people compare
 * @property {string} wave
 * @property {number} weeks
 * @property {string} key_sheet hexadecimal
 * @property {string} questionnaire
 * @property {string} wording
 * @property {{id: string, options: number}[]} items
 * @property {string[]} core
 * @property {object} policy
 * @property {Uint8Array} hpke_public_key 32 bytes
 * @property {{leaf: string, group: number, units: string[], label: {en: string, es: string}, eligible: number}[]} leaves
 * @property {object} plan
 * @property {number} opens_at epoch seconds
 * @property {number} closes_at
 * @property {number} publishes_at
 * @property {number[]} clients accepted format versions
 */

function must(holds, code) {
  if (!holds) throw new SheetError(code);
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isNatural = (value) => Number.isSafeInteger(value) && value >= 0;
const isName = (value) => typeof value === "string" && NAME.test(value);
const isHash = (value) => typeof value === "string" && HASH.test(value);
const isText = (value) => typeof value === "string" && value.trim() !== "";
const isNames = (value) => Array.isArray(value) && value.length > 0 && value.every(isName);
const areUnique = (values) => new Set(values).size === values.length;
const sameList = (left, right) => left.length === right.length && left.every((entry, index) => entry === right[index]);

function mustHaveExactly(value, fields) {
  must(isObject(value) && sameList(Object.keys(value).sort(), [...fields].sort()), "fields");
}

/** @param {string} wave @returns {{questionnaire: string, weeks: number}} @throws {SheetError} */
export function partsOfWave(wave) {
  const match = typeof wave === "string" ? WAVE.exec(wave) : null;
  must(match, "wave");
  return { questionnaire: match[1], weeks: Number(match[2] ?? 1) };
}

function bytesOf(text, code) {
  try {
    return fromBase64(text);
  } catch {
    throw new SheetError(code);
  }
}

function groupKey(text) {
  must(typeof text === "string", "key");
  const spki = bytesOf(text, "key");
  const modulus = spki.slice(RSA_START.length, RSA_START.length + RSA_BYTES);
  const sound = spki.length === RSA_START.length + RSA_BYTES + RSA_END.length
    && RSA_START.every((byte, index) => spki[index] === byte)
    && RSA_END.every((byte, index) => spki[RSA_START.length + RSA_BYTES + index] === byte)
    && modulus[0] >= 0x80 && modulus[RSA_BYTES - 1] % 2 === 1;
  must(sound, "key");
  return spki;
}

function group(value, index) {
  mustHaveExactly(value, ["index", "id", "units", "eligible", "public_key", "members_sha256"]);
  must(value.index === index && isName(value.id) && isNames(value.units), "group");
  must(isNatural(value.eligible) && value.eligible >= FEWEST_ELIGIBLE, "too few");
  must(isHash(value.members_sha256), "members");
  return { ...value, public_key: groupKey(value.public_key) };
}

function keySheet(value) {
  mustHaveExactly(value, ["wave", "weeks", "groups"]);
  must(partsOfWave(value.wave).weeks === value.weeks, "wave");
  must(Array.isArray(value.groups) && value.groups.length > 0, "group");
  const groups = value.groups.map(group);
  must(areUnique(groups.map((entry) => entry.id)), "duplicate");
  must(areUnique(groups.flatMap((entry) => entry.units)), "duplicate");
  must(areUnique(value.groups.map((entry) => entry.public_key)), "duplicate");
  return { ...value, groups };
}

function checkItems({ items, core, wording }) {
  must(Array.isArray(items) && items.length > 0 && items.length <= MOST_ITEMS, "items");
  for (const item of items) {
    mustHaveExactly(item, ["id", "options"]);
    must(isName(item.id) && isNatural(item.options) && item.options >= 2 && item.options <= MOST_OPTIONS, "items");
  }
  const known = items.map((item) => item.id);
  must(areUnique(known), "items");
  must(isNames(core) && areUnique(core) && core.every((id) => known.includes(id)), "core");
  must(!core.some((id) => Object.hasOwn(SCALES, id)), "core"); // it runs the other way: no part of an index
  must(isNamed({ wording, items, core }), "items");
}

function checkPolicy(policy) {
  mustHaveExactly(policy, ["version", "minimum", "noise_scale_percent", "bands"]);
  must(isNatural(policy.version) && isNatural(policy.minimum) && policy.minimum >= LEAST_MINIMUM, "policy");
  must(isNatural(policy.noise_scale_percent) && policy.noise_scale_percent >= LEAST_NOISE_PERCENT, "policy");
  must(Array.isArray(policy.bands) && policy.bands.length > 0, "policy");
  let next = policy.minimum;
  policy.bands.forEach((band, index) => {
    must(Array.isArray(band) && band.length === 2 && band[0] === next, "policy");
    const last = index === policy.bands.length - 1;
    must(last ? band[1] === null : isNatural(band[1]) && band[1] >= band[0], "policy");
    next = band[1] + 1;
  });
}

function checkLeaves(leaves) {
  must(Array.isArray(leaves) && leaves.length > 0, "leaves");
  for (const leaf of leaves) {
    mustHaveExactly(leaf, ["leaf", "group", "units", "label", "eligible"]);
    mustHaveExactly(leaf.label, ["en", "es"]);
    must(isName(leaf.leaf) && isNatural(leaf.group) && isNames(leaf.units), "leaves");
    must(isText(leaf.label.en) && isText(leaf.label.es), "leaves");
    must(isNatural(leaf.eligible) && leaf.eligible >= FEWEST_ELIGIBLE, "too few");
  }
  must(areUnique(leaves.map((leaf) => leaf.leaf)), "duplicate");
  must(areUnique(leaves.map((leaf) => leaf.group)), "duplicate");
  must(areUnique(leaves.flatMap((leaf) => leaf.units)), "duplicate");
}

function isRate(rate) {
  return Array.isArray(rate) && rate.length === 2 && rate.every(isNatural) && rate[1] > 0;
}

function unitIds(units, before) {
  must(Array.isArray(units), "plan");
  const ids = new Set(units.map((unit) => unit?.id));
  const known = new Set([...before, ...ids]);
  for (const unit of units) {
    mustHaveExactly(unit, ["id", "parent", "kind", "eligible"]);
    must(isName(unit.id) && isName(unit.kind) && isNatural(unit.eligible), "plan");
    must(unit.parent === null || (unit.parent !== unit.id && known.has(unit.parent)), "plan");
  }
  must(ids.size === units.length, "plan");
  return known;
}

// Units that changes of the plan added, each after a later week than the one before.
function withAdded(known, changes) {
  must(Array.isArray(changes), "fields");
  must(changes.length > 0, "plan");
  let before = 0;
  for (const change of changes) {
    mustHaveExactly(change, ["after", "added"]);
    must(CHANGE_WEEKS.includes(change.after) && change.after > before, "plan");
    before = change.after;
    known = unitIds(change.added, known);
  }
  return known;
}

function checkPlanUnits({ units, rates, changes }) {
  must(isObject(rates), "plan");
  const known = unitIds(units, new Set());
  for (const [unit, byLength] of Object.entries(rates)) {
    must(known.has(unit) && isObject(byLength), "plan");
    must(Object.entries(byLength).every(([length, rate]) => ["1", "2", "4"].includes(length) && isRate(rate)), "plan");
  }
  return changes === undefined ? known : withAdded(known, changes);
}

function checkPlan(plan, leaves, weeks) {
  must(isObject(plan), "fields");
  const { changes, ...parts } = plan;
  mustHaveExactly(parts, ["academic_year", "units", "rates", "leaves"]);
  must(typeof plan.academic_year === "string" && DATE.test(plan.academic_year), "plan");
  const known = checkPlanUnits(plan);
  must(Array.isArray(plan.leaves), "plan");
  for (const leaf of plan.leaves) {
    mustHaveExactly(leaf, ["leaf", "units", "weeks"]);
    must(isName(leaf.leaf) && isNames(leaf.units) && [1, 2, 4].includes(leaf.weeks), "plan");
    must(leaf.units.every((unit) => known.has(unit)), "plan");
  }
  must(areUnique(plan.leaves.map((leaf) => leaf.leaf)), "plan");
  must(areUnique(plan.leaves.flatMap((leaf) => leaf.units)), "plan");
  for (const leaf of leaves) {
    const planned = plan.leaves.find((entry) => entry.leaf === leaf.leaf);
    must(planned && planned.weeks === weeks && sameList(planned.units, leaf.units), "plan");
  }
}

function checkWindow({ opens_at: opens, closes_at: closes, publishes_at: publishes }) {
  must([opens, closes, publishes].every(isNatural) && opens < closes && closes < publishes, "window");
}

function waveSheet(value) {
  mustHaveExactly(value, ["wave", "weeks", "key_sheet", "questionnaire", "wording", "items", "core", "policy",
    "hpke_public_key", "leaves", "plan", "opens_at", "closes_at", "publishes_at", "clients"]);
  const { questionnaire, weeks } = partsOfWave(value.wave);
  must(value.weeks === weeks && value.questionnaire === questionnaire, "wave");
  must(isHash(value.key_sheet), "key sheet");
  must(isName(value.wording), "items");
  checkItems(value);
  checkPolicy(value.policy);
  must(typeof value.hpke_public_key === "string", "hpke key");
  const hpkeKey = bytesOf(value.hpke_public_key, "hpke key");
  must(hpkeKey.length === 32, "hpke key");
  checkLeaves(value.leaves);
  checkPlan(value.plan, value.leaves, weeks);
  checkWindow(value);
  must(Array.isArray(value.clients) && value.clients.length > 0, "clients");
  must(value.clients.every((version) => isNatural(version) && version > 0) && areUnique(value.clients), "clients");
  return { ...value, hpke_public_key: hpkeKey };
}

async function read(bytes, sheetFrom) {
  let value;
  try {
    value = canonical.decode(bytes);
  } catch {
    throw new SheetError("fields");
  }
  must(isObject(value), "fields");
  must(value.demo !== true, "demo"); // seeded history, exempt from the promises: nobody ever answers it
  return { ...sheetFrom(value), hash: await sha256Hex(bytes) };
}

/** @param {Uint8Array} bytes as served @returns {Promise<KeySheet>} @throws {SheetError} */
export const readKeySheet = (bytes) => read(bytes, keySheet);

/** @param {Uint8Array} bytes as served @returns {Promise<WaveSheet>} @throws {SheetError} */
export const readWaveSheet = (bytes) => read(bytes, waveSheet);

/**
 * Check that a wave sheet keeps what its key sheet announced. A group may have no leaf any more;
 * a leaf always has its group, with the same id and units.
 *
 * @param {WaveSheet} sheet @param {KeySheet} keys @throws {SheetError}
 */
export function checkAgainst(sheet, keys) {
  must(sheet.key_sheet === keys.hash, "key sheet");
  must(sheet.wave === keys.wave, "wave");
  for (const leaf of sheet.leaves) {
    const announced = keys.groups[leaf.group];
    must(announced && announced.id === leaf.leaf && sameList(announced.units, leaf.units), "group");
  }
}

/** @param {WaveSheet} sheet @param {number} index of the group @returns {object|null} the leaf this group counts in, null if it has none */
export const leafOf = (sheet, index) => sheet.leaves.find((leaf) => leaf.group === index) ?? null;
