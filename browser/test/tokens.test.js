import assert from "node:assert/strict";
import { constants, createPrivateKey, generateKeyPairSync, privateDecrypt } from "node:crypto";
import { test } from "node:test";
import { BlindRSA, Params } from "@cloudflare/blindrsa-ts";
import { fromBase64, fromHex, sha256, toHex } from "../bytes.js";
import { tokenMessage } from "../onetime.js";
import { blind, finalize, makeToken } from "../tokens.js";
import { vectors, withChance } from "./vectors.js";

const vector = vectors("tokens");
const groupKey = fromBase64(vector.public_key);
const issuer = createPrivateKey({ key: Buffer.from(vectors("keys").groups[0], "base64"), format: "der", type: "pkcs8" });
const bytes = (name) => fromHex(vector[name]);
const sign = (key, blinded) => new Uint8Array(privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, blinded));

test("blinding gives the bytes of the vectors", async () => {
  assert.equal(toHex(await tokenMessage(bytes("point"))), vector.message);
  const { blinded, inverse } = await withChance([bytes("salt"), bytes("factor")], () => blind(groupKey, bytes("prepared")));
  assert.equal(toHex(blinded), vector.blinded);
  assert.equal(toHex(inverse), vector.inverse);
});

test("unblinding gives the bytes of the vectors", async () => {
  const begun = { keyPair: null, point: bytes("point"), prepared: bytes("prepared"), inverse: bytes("inverse") };
  const token = await finalize(groupKey, begun, bytes("blind_signature"));
  assert.equal(toHex(token.signature), vector.signature);
  assert.equal(toHex(token.prefix), vector.prefix);
  assert.equal(toHex(sign(issuer, bytes("blinded"))), vector.blind_signature);
});

test("a token is made, signed unseen and finished", async () => {
  const begun = await makeToken(groupKey);
  assert.equal(begun.point.length, 65);
  assert.equal(begun.blinded.length, 384);
  assert.equal(begun.keyPair.privateKey.extractable, false);
  assert.deepEqual(begun.prepared.slice(32), await sha256(begun.point));
  const token = await finalize(groupKey, begun, sign(issuer, begun.blinded));
  const key = await crypto.subtle.importKey("spki", groupKey, { name: "RSA-PSS", hash: "SHA-384" }, true, ["verify"]);
  assert.equal(await crypto.subtle.verify({ name: "RSA-PSS", saltLength: 48 }, key, token.signature, begun.prepared), true);
  assert.deepEqual(token.prefix, begun.prepared.slice(0, 32));
});

test("two tokens have nothing in common", async () => {
  const [first, second] = await Promise.all([makeToken(groupKey), makeToken(groupKey)]);
  for (const name of ["point", "prepared", "blinded", "inverse"]) assert.notDeepEqual(first[name], second[name]);
});

test("what the issuer spoiled is refused", async () => {
  const begun = await makeToken(groupKey);
  const good = sign(issuer, begun.blinded);
  const spoiled = good.slice();
  spoiled[383] ^= 1;
  for (const reply of [spoiled, good.slice(1), new Uint8Array(384), bytes("blind_signature")]) {
    await assert.rejects(finalize(groupKey, begun, reply));
  }
  const { privateKey: other } = generateKeyPairSync("rsa", { modulusLength: 3072 });
  await assert.rejects(finalize(groupKey, begun, sign(other, begun.blinded)));
});

test("blinding gives the published bytes of RFC 9474", async () => {
  const published = vectors("rfc9474");
  const n = BigInt(`0x${published.p}`) * BigInt(`0x${published.q}`);
  const encode = (number) => Buffer.from(number.toString(16).padStart(1024, "0"), "hex");
  const jwk = { kty: "RSA", n: encode(n).toString("base64url"), e: "AQAB" };
  const key = await crypto.subtle.importKey("jwk", jwk, { name: "RSA-PSS", hash: "SHA-384" }, true, ["verify"]);
  const factor = new Uint8Array(encode(inverseOf(BigInt(`0x${published.inv}`), n)));
  const suite = new BlindRSA(Params.RSABSSA_SHA384_PSS_Randomized);
  const prepared = fromHex(published.msg_prefix + published.msg);
  const { blindedMsg, inv } = await withChance([fromHex(published.salt), factor], () => suite.blind(key, prepared));
  assert.equal(toHex(blindedMsg), published.blinded_msg);
  assert.equal(toHex(inv), published.inv);
  assert.equal(toHex(await suite.finalize(key, prepared, fromHex(published.blind_sig), inv)), published.sig);
});

function inverseOf(value, modulus) {
  let [left, right, x, y] = [value, modulus, 1n, 0n];
  while (right) [left, right, x, y] = [right, left % right, y, x - (left / right) * y];
  return ((x % modulus) + modulus) % modulus;
}
