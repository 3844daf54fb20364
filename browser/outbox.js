// The outbox: one slot per wave, sealed bytes only, erased when the server has acknowledged them.

import { oneAtATime } from "./devicestore.js";
import { NoNetwork, Refused, nameless } from "./doors.js";
import { keepQuiet } from "./quiet.js";
import { deliver } from "./sending.js";
import { readWaveSheet } from "./sheets.js";
import { serverTime } from "./timing.js";
import { answeredWhen, readListed } from "./turns.js";

const STATES = { closed: "closed-unsent", "old-client": "old-client", again: "send-again" };

/**
 * How answers to a wave leave: the door, and whether the server still lists the wave. Where it cannot tell, it does.
 *
 * @param {string} wave @param {typeof nameless} [door]
 * @returns {{post: (body: Uint8Array) => Promise<object>, isListed: () => Promise<boolean>}}
 */
export const wayOut = (wave, door = nameless) => ({
  post: door.post,
  async isListed() {
    try {
      const { listed, kept } = await door.waves();
      return kept || readListed(listed).some((entry) => entry.wave === wave);
    } catch (error) {
      if (error instanceof Refused || error instanceof NoNetwork) return true;
      throw error;
    }
  },
});

/**
 * Send what waits for this wave.
 *
 * @param {import("./devicestore.js").DeviceStore} store
 * @param {string} wave
 * @param {object} [answer] what only the open page still has
 * @param {((revision: number) => Promise<Uint8Array>)|null} [answer.compose]
 * @param {boolean} [answer.onlyFirst] "I did not work"
 * @returns {Promise<{state: string|null, code?: string}>} a state to show; null: nothing waited
 * @throws {NoNetwork} and it waits on
 */
export const flush = (store, wave, { compose = null, onlyFirst = false } = {}) =>
  oneAtATime("sending", async () => {
    const row = await store.wave(wave);
    if (!row?.outbox) return { state: null };
    const { kind, code } = await deliver({ posts: row.outbox, compose, onlyFirst, ...wayOut(wave) });
    if (kind === "later") return { state: "not-sent", code };
    if (kind === "acknowledged" || kind === "stands") return { state: await acknowledged(store, row, kind) };
    await store.changeWave(wave, { outbox: null });
    return { state: STATES[kind] ?? "refused", code };
  });

/** Remember that an answer has arrived, not what it was or when. @returns {Promise<string>} the state to show */
export async function acknowledged(store, row, kind) {
  const { now } = serverTime(null, (await store.device()).clockOffset);
  const { weeks } = await readWaveSheet(row.waveSheetBytes);
  await store.changeWave(row.wave, { outbox: null, answered: answeredWhen(row, weeks, now) });
  keepQuiet(now);
  return kind === "stands" ? "answered" : "sent";
}

/** Send whatever waits for an open wave. @returns {Promise<{state: string, code?: string, wave: string}|null>} the last outcome */
export async function flushAll(store, { rows, listed }) {
  const isOpen = ({ wave }) => listed.some((entry) => entry.wave === wave && entry.waveSheet !== null);
  let outcome = null;
  for (const { wave } of rows.filter((row) => row.outbox !== null && isOpen(row))) {
    try {
      outcome = { ...(await flush(store, wave)), wave };
    } catch (error) {
      if (!(error instanceof NoNetwork)) throw error;
    }
  }
  return outcome?.state ? outcome : null;
}
