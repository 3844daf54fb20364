// What a check-in device keeps, in IndexedDB: one row about the device, one per wave. No time of an answer, no revision.

const NAME = "callroom";
const VERSION = 1;
const MARKER = "callroom-check-in-device";

/** This browser keeps nothing (a private window, or storage is switched off). */
export class NoStorage extends Error {}

/** There is no room for more. */
export class StorageFull extends Error {}

/**
 * @typedef {object} Device
 * @property {string} institution UUID
 * @property {string} publicKey base64 of the institution's key in force after `last`; before the first visit its first key, trusted on first use
 * @property {Uint8Array} salt 32 bytes
 * @property {string} owner SHA-256 of salt and person, so that a second person is noticed
 * @property {{seq: number, hash: string}|null} last the last header that was checked
 * @property {Object<string, {type: string, at: number, wave: string|null}>} sheets payloads of the chain, by SHA-256
 * @property {string[]} coming waves this person may answer, as last told
 * @property {import("./carried.js").Carried[]} [promises] of the owner's units, as Today showed them last
 * @property {number} clockOffset what to add to this device's clock to have the server's, in seconds, as of the last visit
 */

/**
 * @typedef {object} WaveRow
 * @property {string} wave
 * @property {number} group index in the key sheet
 * @property {string} keySheet SHA-256
 * @property {Uint8Array|null} keySheetBytes
 * @property {string|null} waveSheetSignedIn the SHA-256 seen with a name, compared before the sheet is used
 * @property {Uint8Array|null} waveSheetBytes the sheet once it was checked
 * @property {string|null} waveSheet SHA-256 of these bytes
 * @property {Uint8Array|null} [promisesBytes] what the sheet asks about kept promises, once it was checked
 * @property {number} opensAt epoch seconds
 * @property {number} closesAt epoch seconds
 * @property {object|null} begun a token whose signature has not come back yet
 * @property {object|null} token
 * @property {Uint8Array[]|null} outbox sealed posts of one answer that was not acknowledged, for revisions 1, 2, ...
 * @property {""|"early"|"last"} answered whether an answer was acknowledged, and whether in the wave's last week
 * @property {""|"movable"|"settled"} elsewhere another device was given the token; settled: and it cannot be had here
 * @property {boolean} forgotten the one-time key was erased on purpose
 */

/** @returns {WaveRow} a row about a wave this person may answer */
export const newWaveRow = ({ wave, group, keySheet, opensAt, closesAt }) => ({
  wave, group, keySheet, opensAt, closesAt,
  keySheetBytes: null, waveSheetSignedIn: null, waveSheetBytes: null, waveSheet: null,
  begun: null, token: null, outbox: null, answered: "", elsewhere: "", forgotten: false,
});

const request = (asked) => new Promise((resolve, reject) => {
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});

const trouble = (error) => (error?.name === "QuotaExceededError" ? new StorageFull() : error ?? new NoStorage());

const finished = (transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = resolve;
  transaction.onerror = transaction.onabort = () => reject(trouble(transaction.error));
});

function open() {
  const asked = indexedDB.open(NAME, VERSION);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore("device");
    asked.result.createObjectStore("waves", { keyPath: "wave" });
  };
  return request(asked);
}

// A hint outside the database: tells "never set up" from "what was here is gone".
const marker = {
  get: () => { try { return localStorage.getItem(MARKER) !== null; } catch { return false; } },
  set: () => { try { localStorage.setItem(MARKER, "1"); } catch { /* only a hint */ } },
  clear: () => { try { localStorage.removeItem(MARKER); } catch { /* only a hint */ } },
};

/** @returns {boolean} was this browser a check-in device once? */
export const wasDevice = marker.get;

/** @returns {Promise<DeviceStore>} @throws {NoStorage} */
export async function openStore() {
  let database;
  try {
    database = await open();
    await request(database.transaction("device").objectStore("device").get("device"));
  } catch {
    throw new NoStorage();
  }
  database.onversionchange = () => database.close();
  return new DeviceStore(database);
}

/** Reads and writes; every method is one transaction. */
export class DeviceStore {
  #database;

  constructor(database) {
    this.#database = database;
  }

  async #write(store, change) {
    let transaction;
    try {
      transaction = this.#database.transaction(store, "readwrite");
    } catch {
      throw new NoStorage();
    }
    const done = finished(transaction);
    try {
      change(transaction);
    } catch (error) {
      done.catch(() => null);
      throw trouble(error);
    }
    await done;
  }

  /** @returns {Promise<Device|null>} null: this browser is no check-in device */
  async device() {
    return (await request(this.#database.transaction("device").objectStore("device").get("device"))) ?? null;
  }

  /** @param {Device} device @throws {StorageFull} */
  async saveDevice(device) {
    await this.#write("device", (transaction) => transaction.objectStore("device").put(device, "device"));
    marker.set();
  }

  /** @param {Partial<Device>} changes @returns {Promise<Device>} */
  async changeDevice(changes) {
    const device = { ...(await this.device()), ...changes };
    await this.saveDevice(device);
    return device;
  }

  /** @returns {Promise<WaveRow[]>} in order of closing */
  async waves() {
    const rows = await request(this.#database.transaction("waves").objectStore("waves").getAll());
    return rows.sort((left, right) => left.closesAt - right.closesAt || (left.wave < right.wave ? -1 : 1));
  }

  /** @param {string} wave @returns {Promise<WaveRow|null>} */
  async wave(wave) {
    return (await request(this.#database.transaction("waves").objectStore("waves").get(wave))) ?? null;
  }

  /** @param {WaveRow} row @throws {StorageFull} */
  saveWave(row) {
    return this.#write("waves", (transaction) => transaction.objectStore("waves").put(row));
  }

  /** @param {string} wave @param {Partial<WaveRow>} changes @returns {Promise<WaveRow>} @throws {StorageFull} */
  async changeWave(wave, changes) {
    const row = { ...(await this.wave(wave)), ...changes };
    await this.saveWave(row);
    return row;
  }

  /** @param {string} wave */
  removeWave(wave) {
    return this.#write("waves", (transaction) => transaction.objectStore("waves").delete(wave));
  }

  /** This browser is no check-in device any more: everything goes, the one-time keys too. */
  async eraseAll() {
    await this.#write(["device", "waves"], (transaction) => {
      transaction.objectStore("device").clear();
      transaction.objectStore("waves").clear();
    });
    marker.clear();
  }
}

/** Run one thing of a kind at a time, over all tabs of this browser. */
export const oneAtATime = (what, task) =>
  (navigator.locks ? navigator.locks.request(`callroom ${what}`, task) : task());
