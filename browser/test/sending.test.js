// Sending an answer: replies, revisions, the outbox.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { NoNetwork, Refused } from "../doors.js";
import { wayOut } from "../outbox.js";
import { KEPT_REVISIONS, deliver, readReply, sealForOutbox } from "../sending.js";

const post = (revision) => Uint8Array.of(revision);
const compose = async (revision) => post(revision);
const kept = () => sealForOutbox(compose, false);

/** A server that keeps one answer, as the protocol says. */
function server(revision = 0, bytes = null) {
  const seen = [];
  const stands = { revision, bytes };
  return {
    seen,
    stands,
    async post([sent]) {
      seen.push(sent);
      const same = sent === stands.revision && stands.bytes === sent;
      if (!same && sent <= stands.revision) return { status: 409, body: { error: "revision", revision: stands.revision } };
      Object.assign(stands, { revision: sent, bytes: sent });
      return { status: 200, body: { revision: sent } };
    },
  };
}

describe("replies", () => {
  for (const [status, body, expected] of [
    [200, { revision: 1 }, "acknowledged"],
    [409, { error: "revision", revision: 3 }, "higher"],
    [410, { error: "closed" }, "closed"],
    [404, { error: "wave" }, "gone"],
    [425, { error: "early" }, "not-open"],
    [400, { error: "version" }, "old-client"],
    [403, { error: "token" }, "refused"],
    [400, { error: "signature" }, "refused"],
    [400, null, "later"],
    [403, "<html>", "later"],
    [404, null, "later"],
    [404, { error: 404 }, "later"],
    [200, null, "later"],
    [200, "<html>", "later"],
    [200, { revision: "1" }, "later"],
    [201, { revision: 1 }, "later"],
    [204, null, "later"],
    [429, { error: "token" }, "later"],
    [503, { error: "disk" }, "later"],
    [502, null, "later"],
  ]) {
    test(`${status} ${body?.error ?? ""} means ${expected}`, () => assert.equal(readReply(status, body).kind, expected));
  }
});

describe("delivery", () => {
  test("a first answer goes out with revision 1", async () => {
    const there = server();
    assert.equal((await deliver({ posts: await kept(), compose: null, onlyFirst: false, post: there.post })).kind, "acknowledged");
    assert.deepEqual(there.seen, [1]);
  });

  test("a lost acknowledgement is asked for again with the same bytes", async () => {
    const there = server(1, 1);
    assert.equal((await deliver({ posts: await kept(), compose: null, onlyFirst: false, post: there.post })).kind, "acknowledged");
    assert.deepEqual(there.seen, [1]);
  });

  test("another answer takes the next revision, also when only sealed bytes are left", async () => {
    const there = server(3, "other");
    assert.equal((await deliver({ posts: await kept(), compose: null, onlyFirst: false, post: there.post })).kind, "acknowledged");
    assert.deepEqual(there.seen, [1, 4]);
  });

  test("beyond what was sealed ahead, the open page seals once more; a closed one must be answered again", async () => {
    const there = server(KEPT_REVISIONS, "other");
    assert.equal((await deliver({ posts: await kept(), compose: null, onlyFirst: false, post: there.post })).kind, "again");
    assert.equal((await deliver({ posts: await kept(), compose, onlyFirst: false, post: there.post })).kind, "acknowledged");
    assert.equal(there.stands.revision, KEPT_REVISIONS + 1);
  });

  test("'I did not work' never replaces an answer, and is sealed for revision 1 only", async () => {
    const there = server(1, "other");
    const posts = await sealForOutbox(compose, true);
    assert.equal(posts.length, 1);
    assert.equal((await deliver({ posts, compose, onlyFirst: true, post: there.post })).kind, "stands");
    assert.deepEqual(there.seen, [1]);
  });

  test("a server that never stops asking for more is left alone", async () => {
    const endless = async ([sent]) => ({ status: 409, body: { error: "revision", revision: sent } });
    assert.equal((await deliver({ posts: await kept(), compose, onlyFirst: false, post: endless })).kind, "later");
    const backwards = async () => ({ status: 409, body: { error: "revision", revision: 0 } });
    assert.equal((await deliver({ posts: await kept(), compose, onlyFirst: false, post: backwards })).kind, "refused");
    const last = server(255, "other");
    assert.equal((await deliver({ posts: await kept(), compose, onlyFirst: false, post: last.post })).kind, "refused");
  });

  test("a wave without a store is given up only when it is no longer listed either", async () => {
    const post = async () => ({ status: 404, body: { error: "wave" } });
    const after = async (isListed) => (await deliver({ posts: await kept(), compose, onlyFirst: false, post, isListed })).kind;
    assert.equal(await after(async () => true), "later");
    assert.equal(await after(async () => false), "closed");
  });

  test("without a network the caller is told, and nothing is lost", async () => {
    const nothing = async () => { throw new TypeError("no network"); };
    await assert.rejects(deliver({ posts: await kept(), compose, onlyFirst: false, post: nothing }), TypeError);
  });
});

describe("is a wave still listed?", () => {
  const entry = { wave: "pulse/2026-W47", opens_at: 1, closes_at: 2, wave_sheet: null };
  const isListed = (waves) => wayOut(entry.wave, { waves }).isListed();

  test("as the server says", async () => {
    assert.equal(await isListed(async () => ({ listed: [entry], kept: false })), true);
    assert.equal(await isListed(async () => ({ listed: [{ ...entry, wave: "pulse/2026-W48" }], kept: false })), false);
  });
  test("yes, where it does not say", async () => {
    assert.equal(await isListed(async () => ({ listed: [], kept: true })), true);
    assert.equal(await isListed(async () => { throw new NoNetwork(); }), true);
    assert.equal(await isListed(async () => { throw new Refused(503, "disk"); }), true);
  });
});
