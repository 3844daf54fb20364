import assert from "node:assert/strict";
import { test } from "node:test";
import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { DhkemX25519HkdfSha256 } from "@hpke/dhkem-x25519";
import {
  DID_NOT_WORK, POST_LENGTH, PostError, SealError, answerInfo, composeAnswer, encodeAnswers, fromBase64, fromHex,
  newOneTimeKey, packPost, readWaveSheet, seal, toHex,
} from "../protocol.js";
import { concat } from "../bytes.js";
import { LABEL } from "../sealing.js";
import { signingKey, utf8, vectors, verifyingKey } from "./vectors.js";

const keys = vectors("keys");
const vector = vectors("sealing");
const token = vectors("tokens");
const body = fromHex(vectors("posts").body);
const ECDSA = { name: "ECDSA", hash: "SHA-256" };
const context = {
  institutionId: keys.institution_id,
  wave: vector.wave,
  group: vector.group,
  message: fromHex(vector.message),
  revision: vector.revision,
};
const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
const answersOf = (test) => test.answers ?? DID_NOT_WORK;

async function open(sealed, info) {
  const recipientKey = await suite.kem.deserializePrivateKey(fromHex(keys.wave_private));
  const recipient = await suite.createRecipientContext({ recipientKey, enc: sealed.slice(0, 32), info });
  return new Uint8Array(await recipient.open(sealed.slice(32)));
}

async function tokenOfVectors() {
  const privateKey = await signingKey(keys.one_time_pkcs8);
  return { keyPair: { privateKey }, point: fromHex(token.point), prefix: fromHex(token.prefix), signature: fromHex(token.signature) };
}

test("the seal is bound to the bytes of the vectors", async () => {
  assert.equal(toHex(await answerInfo(context)), vector.info);
});

for (const expected of vector.cases) {
  test(`plaintext and seal of the vectors: ${expected.name}`, async () => {
    const plaintext = encodeAnswers(answersOf(expected), vector.items);
    assert.equal(toHex(plaintext), expected.plaintext);
    assert.deepEqual(await open(fromHex(expected.sealed), fromHex(vector.info)), plaintext);
    const recipientPublicKey = await suite.kem.deserializePublicKey(fromBase64(keys.wave_public));
    const sender = await suite.createSenderContext({ recipientPublicKey, info: fromHex(vector.info), ekm: fromHex(vector.ephemeral_ikm) });
    const sealed = concat(new Uint8Array(sender.enc), new Uint8Array(await sender.seal(plaintext)));
    assert.equal(toHex(sealed), expected.sealed);
  });
}

test("sealing opens again in its own place only", async () => {
  const plaintext = encodeAnswers({ workload: 3 }, vector.items);
  const info = await answerInfo(context);
  const sealed = await seal(fromBase64(keys.wave_public), plaintext, info);
  assert.equal(sealed.length, 304);
  assert.deepEqual(await open(sealed, info), plaintext);
  for (const other of [{ revision: 2 }, { group: 1 }, { wave: "pulse/2026-W48" }, { message: new Uint8Array(32) },
    { institutionId: "00000000-0000-0000-0000-000000000000" }]) {
    await assert.rejects(open(sealed, await answerInfo({ ...context, ...other })));
  }
});

test("what cannot be sealed is refused", async () => {
  for (const answers of [{ workload: 5 }, { workload: -1 }, { workload: 1.5 }, { workload: "1" }, { sleep: 1 }]) {
    assert.throws(() => encodeAnswers(answers, vector.items), SealError);
  }
  const many = Array.from({ length: 200 }, (_, index) => ({ id: `item-${index}`, options: 5 }));
  assert.throws(() => encodeAnswers({}, many), SealError);
  await assert.rejects(seal(fromBase64(keys.wave_public), new Uint8Array(255), new Uint8Array()), SealError);
  for (const other of [{ revision: 0 }, { revision: 256 }, { group: -1 }, { group: 65536 }, { institutionId: "no uuid" }]) {
    await assert.rejects(answerInfo({ ...context, ...other }), SealError);
  }
});

test("a post has the bytes of the vectors up to its signature", async () => {
  const sealed = fromHex(vector.cases[0].sealed);
  const post = await packPost({ wave: vector.wave, group: 0, token: await tokenOfVectors(), revision: 1, sealed });
  assert.equal(post.length, POST_LENGTH);
  assert.equal(toHex(post.slice(0, -64)), toHex(body.slice(0, -64)));
});

test("both signatures verify: the vectors' and our own", async () => {
  const key = await verifyingKey(fromHex(token.point));
  const sealed = fromHex(vector.cases[0].sealed);
  const own = await packPost({ wave: vector.wave, group: 0, token: await tokenOfVectors(), revision: 1, sealed });
  for (const post of [body, own]) {
    const signed = concat(LABEL, post.slice(0, -64));
    assert.equal(await crypto.subtle.verify(ECDSA, key, post.slice(-64), signed), true);
    signed[40] ^= 1;
    assert.equal(await crypto.subtle.verify(ECDSA, key, post.slice(-64), signed), false);
  }
});

test("an answer is composed from questions to bytes, always 885 of them", async () => {
  const waveSheet = await readWaveSheet(utf8(vectors("sheets").wave_sheet));
  const { keyPair, point, message } = await newOneTimeKey();
  const fresh = { keyPair, point, prefix: new Uint8Array(32), signature: new Uint8Array(384) };
  for (const answers of [{ workload: 2, voice: 0 }, {}, DID_NOT_WORK]) {
    const parts = { institutionId: keys.institution_id, waveSheet, group: 1, token: fresh, revision: 3, answers };
    const post = await composeAnswer(parts);
    assert.equal(post.length, POST_LENGTH);
    const info = await answerInfo({ ...context, group: 1, message, revision: 3 });
    assert.deepEqual(await open(post.slice(517, 821), info), encodeAnswers(answers, waveSheet.items));
  }
});

test("parts of another length are refused", async () => {
  const sealed = new Uint8Array(304);
  const whole = await tokenOfVectors();
  for (const short of [{ prefix: new Uint8Array(31) }, { point: new Uint8Array(64) }, { signature: new Uint8Array(383) }]) {
    await assert.rejects(packPost({ wave: vector.wave, group: 0, token: { ...whole, ...short }, revision: 1, sealed }), PostError);
  }
  await assert.rejects(packPost({ wave: vector.wave, group: 0, token: whole, revision: 1, sealed: new Uint8Array(303) }), PostError);
});
