// The two doors of the server. `nameless` never sends a cookie or a referrer; `signedIn` is for pages under /in/ only.

const PATIENCE = 20_000; // milliseconds

/** Nothing came back: no network, or nobody answered in time. */
export class NoNetwork extends Error {}

/** The server answered, but not with what was asked for. `code`: its word for it, or the status. */
export class Refused extends Error {
  constructor(status, code) {
    super(`refused: ${status} ${code}`);
    this.status = status;
    this.code = code;
  }
}

const NAMELESS = { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store", redirect: "error" };
const SIGNED_IN = { credentials: "same-origin", referrerPolicy: "same-origin", cache: "no-store", redirect: "manual" };

async function knock(address, options) {
  try {
    return await fetch(address, { ...options, signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    throw new NoNetwork(address);
  }
}

async function bodyOf(response, read) {
  try {
    return await read(response);
  } catch {
    throw new NoNetwork("the reply broke off");
  }
}

/** @param {Response} response @returns {Promise<string>} the server's word for what is wrong, or the status */
async function codeOf(response) {
  try {
    return String((await response.json()).error ?? response.status);
  } catch {
    return String(response.status);
  }
}

async function orRefused(response) {
  if (response.type === "opaqueredirect") throw new Refused(302, "signed-out"); // to the sign-in page
  if (!response.ok) throw new Refused(response.status, await codeOf(response));
  return response;
}

const bytes = (response) => bodyOf(response, async () => new Uint8Array(await response.arrayBuffer()));

/** @returns {number|null} the server's clock, epoch seconds; null: it did not say */
const serverClock = (response) => Number(response.headers.get("X-Callroom-Now")) || null;

/** A door that knows nobody. */
export const nameless = {
  /** @returns {Promise<{listed: *, kept: boolean, now: number|null}>} the open and announced waves; kept: as last seen, from this phone */
  async waves() {
    const response = await orRefused(await knock("/w/waves.json", NAMELESS));
    const kept = response.headers.has("X-Callroom-Kept");
    return { listed: await bodyOf(response, () => response.json()), kept, now: kept ? null : serverClock(response) };
  },
  /** @param {string} sha256 @returns {Promise<Uint8Array>} a payload as served */
  async payload(sha256) {
    return bytes(await orRefused(await knock(`/w/chain/${sha256}`, NAMELESS)));
  },
  /** @param {number} number @returns {Promise<string|null>} 64 header lines, or fewer at the end; null: no such segment */
  async segment(number) {
    const response = await knock(`/w/chain/headers/${number}.jsonl`, NAMELESS);
    if (response.status === 404) return null;
    await orRefused(response);
    return bodyOf(response, () => response.text());
  },
  /** @param {Uint8Array} body @returns {Promise<{status: number, body: *}>} whatever was answered */
  async post(body) {
    const headers = { "Content-Type": "application/octet-stream" };
    const response = await knock("/w/answers", { ...NAMELESS, method: "POST", headers, body });
    return { status: response.status, body: await response.json().catch(() => null) };
  },
};

/** @param {string} csrf the page's form token @returns the door that knows who is signed in */
export const signedIn = (csrf) => ({
  /** @returns {Promise<{listed: *, now: number|null}>} the waves this person may fetch a token for */
  async waves() {
    const response = await orRefused(await knock("/in/tokens/", SIGNED_IN));
    return { listed: await bodyOf(response, () => response.json()), now: serverClock(response) };
  },
  /** @param {string} sha256 @returns {Promise<Uint8Array>} a payload as served to somebody with a name */
  async payload(sha256) {
    return bytes(await orRefused(await knock(`/in/chain/${sha256}`, SIGNED_IN)));
  },
  /**
   * @param {string} wave @param {string} blinded base64
   * @param {boolean} replace instead of the one that another device was given
   * @returns {Promise<string>} base64 of the blind signature
   */
  async sign(wave, blinded, replace) {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf };
    const body = JSON.stringify(replace ? { wave, blinded, replace } : { wave, blinded });
    const response = await orRefused(await knock("/in/tokens/", { ...SIGNED_IN, method: "POST", headers, body }));
    return (await bodyOf(response, () => response.json())).signature;
  },
});
