// The minute after an answer, in which no later token is fetched. Kept for this tab alone, so that no time of an answer
// stays on the device.

const NAME = "callroom-quiet-until";
const SECONDS = 60;

const tab = () => { try { return globalThis.sessionStorage; } catch { return undefined; } };

/** An answer has just arrived. @param {number} now epoch seconds */
export function keepQuiet(now, storage = tab()) {
  const spread = crypto.getRandomValues(new Uint8Array(1))[0] / 255;
  try { storage?.setItem(NAME, String(now + Math.ceil(SECONDS * (1 + spread)))); } catch { /* no room for it */ }
}

/** @param {number} now epoch seconds @returns {boolean} was there no answer a moment ago? What is over is erased. */
export function isQuietOver(now, storage = tab()) {
  if (now < Number(storage?.getItem(NAME) ?? 0)) return false;
  storage?.removeItem(NAME);
  return true;
}
