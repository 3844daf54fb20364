// The service worker of /w/: keeps the check-in page of both languages, so that it opens without a network.
//
// It never sees a post, never sends a cookie or a referrer, and has no business outside /w/. The server puts
// `self.CALLROOM_VERSION` in front of it: a hash over everything it keeps.

import { assetsIn, treatment } from "./kept.js";

const CACHE = `callroom-w-${self.CALLROOM_VERSION}`;
const LATEST = "callroom-w-latest";
const SHELLS = ["/w/en/", "/w/es/"];
const WAVES = "/w/waves.json";
const MOST_LATEST = 4; // the list of waves and the last few sheets

const ask = (address) => fetch(new Request(address, { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-cache" }));

async function keep(cache, address, response) {
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  await cache.put(address, response);
}

async function install() {
  const cache = await caches.open(CACHE);
  const assets = new Set();
  for (const shell of SHELLS) {
    const response = await ask(shell);
    for (const asset of assetsIn(await response.clone().text())) assets.add(asset);
    await keep(cache, shell, response);
  }
  await Promise.all(Array.from(assets, async (asset) => keep(cache, asset, await ask(asset)))); // addAll would send a referrer
  await latest(WAVES).catch(() => null); // the page that brought this worker asked for it before the worker was there
  await self.skipWaiting();
}

async function activate() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("callroom-w-") && name !== CACHE && name !== LATEST);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function fromCache(path) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(path);
  if (kept) return kept;
  const response = await ask(path);
  if (response.ok) await cache.put(path, response.clone()).catch(() => null); // no room: it still works online
  return response;
}

async function latest(path) {
  const cache = await caches.open(LATEST);
  try {
    const response = await ask(path);
    if (response.ok) await keepLatest(cache, path, response.clone()).catch(() => null);
    return response;
  } catch (error) {
    const kept = await cache.match(path);
    if (kept) return asKept(kept);
    throw error;
  }
}

async function keepLatest(cache, path, response) {
  await cache.delete(path); // so that it moves to the end
  await cache.put(path, response);
  const kept = await cache.keys();
  await Promise.all(kept.slice(0, -MOST_LATEST).map((request) => cache.delete(request)));
}

// Says that this is how things were, not how they are.
function asKept(response) {
  const headers = new Headers(response.headers);
  headers.set("X-Callroom-Kept", "1");
  return new Response(response.body, { status: response.status, headers });
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const how = treatment(event.request, self.location.origin);
  if (how === null) return;
  const path = new URL(event.request.url).pathname;
  event.respondWith(how === "latest" ? latest(path) : fromCache(path));
});
