// Sending one answer: what the server's replies mean, and which revision comes next.

/** For how many revisions a sealed answer is kept ready, so that it can be sent after the page was closed. */
export const KEPT_REVISIONS = 8;
const HIGHEST_REVISION = 255;
const MOST_ATTEMPTS = 6;

// `wave`: the server finds no store for it, which a list of the waves confirms before anything is given up.
const KINDS = { closed: "closed", wave: "gone", early: "not-open", version: "old-client" };

/**
 * Only the server's own words count: a hospital's network may answer in its place, with any status and any page.
 *
 * @param {number} status @param {*} body
 * @returns {{kind: "acknowledged"|"higher"|"closed"|"gone"|"not-open"|"old-client"|"later"|"refused", current?: number, code?: string}}
 */
export function readReply(status, body) {
  const current = body?.revision;
  if (status === 200 && Number.isInteger(current)) return { kind: "acknowledged" };
  const code = String(body?.error ?? status);
  if (status === 409 && Number.isInteger(current)) return { kind: "higher", current };
  const isRefusal = status >= 400 && status < 500 && ![408, 429].includes(status);
  if (!isRefusal || typeof body?.error !== "string") return { kind: "later", code };
  return { kind: KINDS[code] ?? "refused", code };
}

/**
 * Send one answer until it is acknowledged or cannot be.
 *
 * @param {object} parts
 * @param {Uint8Array[]} parts.posts sealed for revisions 1, 2, ...
 * @param {((revision: number) => Promise<Uint8Array>)|null} parts.compose seals for a later revision; null: the answer itself is gone
 * @param {boolean} parts.onlyFirst "I did not work" never replaces an answer
 * @param {(body: Uint8Array) => Promise<{status: number, body: *}>} parts.post throws where there is no network
 * @param {() => Promise<boolean>} parts.isListed does the server still list the wave?
 * @returns {Promise<{kind: string, code?: string}>} also "stands" (an earlier answer stays) and "again" (must be answered again)
 */
export async function deliver({ posts, compose, onlyFirst, post, isListed }) {
  let revision = 1;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const body = posts[revision - 1] ?? (compose ? await compose(revision) : null);
    if (body === null) return { kind: "again" };
    const { status, body: answer } = await post(body);
    const reply = readReply(status, answer);
    if (reply.kind === "gone") return { ...reply, kind: (await isListed()) ? "later" : "closed" };
    if (reply.kind !== "higher") return reply;
    if (onlyFirst) return { kind: "stands" };
    if (reply.current < revision || reply.current >= HIGHEST_REVISION) return { kind: "refused", code: "revision" };
    revision = reply.current + 1;
  }
  return { kind: "later", code: "revision" };
}

/**
 * Seal one answer for each revision that may be needed.
 *
 * @param {(revision: number) => Promise<Uint8Array>} compose @param {boolean} onlyFirst
 * @returns {Promise<Uint8Array[]>}
 */
export async function sealForOutbox(compose, onlyFirst) {
  const posts = [];
  for (let revision = 1; revision <= (onlyFirst ? 1 : KEPT_REVISIONS); revision += 1) posts.push(await compose(revision));
  return posts;
}
