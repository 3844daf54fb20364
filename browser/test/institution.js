// An institution in memory: signs a chain, shows its payloads at two doors, signs blinded messages. It can misbehave.

import { constants, createPrivateKey, privateDecrypt, sign } from "node:crypto";

import { fromBase64, sha256Hex, toBase64, utf8 } from "../bytes.js";
import * as canonical from "../canonical.js";
import { NO_PREVIOUS } from "../chain.js";
import { NoNetwork, Refused } from "../doors.js";
import { vectors } from "./vectors.js";

const keys = vectors("keys");
const sheets = vectors("sheets");
const PKCS8_ED25519 = fromBase64("MC4CAQAwBQYDK2VwBCIEIA==");

const groupKey = createPrivateKey({ key: Buffer.from(keys.groups[0], "base64"), format: "der", type: "pkcs8" });
const edKey = (first) => createPrivateKey({
  key: Buffer.concat([PKCS8_ED25519, Uint8Array.from({ length: 32 }, (_, index) => first + index)]), format: "der", type: "pkcs8",
});

export const OPENS = JSON.parse(sheets.wave_sheet).opens_at;
export const CLOSES = JSON.parse(sheets.wave_sheet).closes_at;
export const WAVE = JSON.parse(sheets.wave_sheet).wave;
/** First byte of the key that follows in the vectors. */
export const NEXT = 101;
export const LATER = "pulse/2026-W48";

export class Institution {
  publicKey = keys.institution_public;
  id = keys.institution_id;
  lines = [];
  signsWith = 1; // first byte of the key in force
  payloads = new Map();
  asked = [];
  offered = [];

  /** Sign and publish a payload. @returns {Promise<string>} its SHA-256 */
  async publish(type, value, { first = this.signsWith } = {}) {
    const bytes = canonical.encode(value);
    const hash = await sha256Hex(bytes);
    const last = this.lines.at(-1);
    const unsigned = {
      at: OPENS + this.lines.length, payload_sha256: hash, previous: last ? await sha256Hex(utf8(last)) : NO_PREVIOUS,
      seq: this.lines.length, type,
    };
    const signature = toBase64(new Uint8Array(sign(null, canonical.encode(unsigned), edKey(first))));
    this.lines.push(new TextDecoder().decode(canonical.encode({ ...unsigned, signature })));
    this.payloads.set(hash, bytes);
    return hash;
  }

  /** Change the signing key to that of the vectors; both keys sign. */
  async rotate({ proof = JSON.parse(vectors("chain").rotation).proof } = {}) {
    await this.publish("key-rotation", { ...JSON.parse(vectors("chain").rotation), proof });
    this.signsWith = NEXT;
  }

  keySheet(wave, changes = {}) {
    return { ...JSON.parse(sheets.key_sheet), wave, ...changes };
  }

  async announce(wave, changes = {}) {
    const key = await this.publish("key-sheet", this.keySheet(wave, changes));
    const later = wave === WAVE ? 0 : 7 * 24 * 3600;
    this.offered.push({ wave, group: 0, key_sheet: key, wave_sheet: null, opens_at: OPENS + later, closes_at: CLOSES + later });
    return key;
  }

  /** A restored server: it takes back what was announced, and announces it with other keys under the same name. */
  async announceAnew(wave, { takesBack = true } = {}) {
    const old = this.offered.find((entry) => entry.wave === wave).key_sheet;
    this.offered = this.offered.filter((entry) => entry.wave !== wave);
    const reason = { en: "The server was restored.", es: "El servidor se restauró." };
    if (takesBack) await this.publish("supersede", { wave, key_sheet: old, reason });
    const [first, ...others] = this.keySheet(wave).groups;
    await this.announce(wave, { groups: [{ ...first, eligible: first.eligible + 1 }, ...others] });
  }

  async open(wave, changes = {}) {
    const entry = this.offered.find((offer) => offer.wave === wave);
    const sheet = { ...JSON.parse(sheets.wave_sheet), wave, key_sheet: entry.key_sheet, ...changes };
    entry.wave_sheet = await this.publish("wave-sheet", sheet);
    return entry.wave_sheet;
  }

  /** One wave open, the next announced. */
  static async usual() {
    const institution = new Institution();
    await institution.announce(WAVE);
    await institution.announce(LATER);
    await institution.open(WAVE);
    return institution;
  }

  now = OPENS + 3600;
  alter = { nameless: (bytes) => bytes, signedIn: (bytes) => bytes };
  answerTo = null;
  elsewhere = []; // waves whose token another device was given, and which may still be replaced
  loseReply = false;

  get doors() {
    return {
      nameless: {
        payload: async (hash) => this.alter.nameless(this.#payload(hash)),
        segment: async (number) => {
          const part = this.lines.slice(number * 64, number * 64 + 64);
          return part.length > 0 ? `${part.join("\n")}\n` : null;
        },
      },
      signedIn: {
        waves: async () => ({ listed: structuredClone(this.offered), now: this.now }),
        payload: async (hash) => this.alter.signedIn(this.#payload(hash)),
        sign: async (wave, blinded, replace) => this.#sign(wave, blinded, replace),
      },
    };
  }

  #payload(hash) {
    const bytes = this.payloads.get(hash);
    if (bytes === undefined) throw new Refused(404, "404");
    return bytes;
  }

  #sign(wave, blinded, replace) {
    this.asked.push({ wave, blinded, replace });
    if (this.elsewhere.includes(wave) && !replace) throw new Refused(409, "fetched");
    if (this.answerTo) throw new Refused(409, this.answerTo);
    if (this.loseReply) throw new NoNetwork("lost");
    const options = { key: groupKey, padding: constants.RSA_NO_PADDING };
    return toBase64(new Uint8Array(privateDecrypt(options, Buffer.from(blinded, "base64"))));
  }
}

/** What DeviceStore does, in memory. */
export class MemoryStore {
  kept = null;
  rows = new Map();

  async device() { return this.kept && { ...this.kept }; }
  async saveDevice(device) { this.kept = { ...device }; }
  async changeDevice(changes) { this.kept = { ...this.kept, ...changes }; return { ...this.kept }; }
  async waves() { return [...this.rows.values()].map((row) => ({ ...row })).sort((left, right) => left.closesAt - right.closesAt); }
  async wave(wave) { return this.rows.has(wave) ? { ...this.rows.get(wave) } : null; }
  async saveWave(row) { this.rows.set(row.wave, { ...row }); }
  async changeWave(wave, changes) { this.rows.set(wave, { ...this.rows.get(wave), ...changes }); return this.wave(wave); }
  async removeWave(wave) { this.rows.delete(wave); }
}
