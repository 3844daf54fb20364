// What the service worker of /w/ keeps, and what it leaves alone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { assetsIn, treatment } from "../kept.js";

const ORIGIN = "https://callroom.example";
const of = (path, method = "GET", origin = ORIGIN) => treatment({ method, url: origin + path }, ORIGIN);

test("the page in both languages and what it is made of come from the cache", () => {
  assert.equal(of("/w/en/"), "shell");
  assert.equal(of("/w/es/"), "shell");
  assert.equal(of("/w/static/pulse/js/checkin.0123456789ab.js"), "asset");
  assert.equal(of("/w/es/manifest.webmanifest"), "asset");
});

test("the list of waves and the sheets are kept as last seen", () => {
  assert.equal(of("/w/waves.json"), "latest");
  assert.equal(of(`/w/chain/${"ab".repeat(32)}`), "latest");
});

test("posts, header segments and everything outside /w/ are none of its business", () => {
  assert.equal(of("/w/answers", "POST"), null);
  assert.equal(of("/w/answers"), null);
  assert.equal(of("/w/chain/headers/0.jsonl"), null);
  assert.equal(of("/in/"), null);
  assert.equal(of("/in/tokens/", "POST"), null);
  assert.equal(of(`/in/chain/${"ab".repeat(32)}`), null);
  assert.equal(of("/help/en/"), null);
  assert.equal(of("/w/en/", "GET", "https://elsewhere.example"), null);
});

test("a shell names its files: also those that a script loads later", () => {
  const html = `<link href="/w/static/a.css"><script src='/w/static/b.js'></script><div data-words-address="/w/static/w.js">
    <a href="/w/en/"><link href="/w/static/a.css"><a href="/static/no.js">`;
  assert.deepEqual(assetsIn(html), ["/w/static/a.css", "/w/static/b.js", "/w/static/w.js"]);
});
