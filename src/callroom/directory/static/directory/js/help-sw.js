// Keeps the help page on the phone: the numbers must open without a network and without a session.
// The server writes VERSION and KEPT = { pages, files } above this line.

const PATIENCE = 3000;

self.addEventListener("install", (event) => {
  event.waitUntil(keepEverything().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOlder().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (KEPT.pages.includes(address.pathname)) event.respondWith(freshOrKept(address.pathname));
  else if (KEPT.files.includes(address.pathname)) event.respondWith(keptOrFresh(address.pathname));
});

async function keepEverything() {
  const cache = await caches.open(VERSION);
  await cache.addAll([...KEPT.pages, ...KEPT.files].map((path) => new Request(path, { cache: "reload", credentials: "omit" })));
}

async function forgetOlder() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("help-") && name !== VERSION).map((name) => caches.delete(name)));
}

// The newest numbers if the network answers soon, otherwise those kept.
async function freshOrKept(path) {
  const cache = await caches.open(VERSION);
  try {
    const answer = await fetch(path, { credentials: "omit", signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error("not a page");
    await cache.put(path, answer.clone());
    return answer;
  } catch {
    return (await cache.match(path)) ?? Response.error();
  }
}

async function keptOrFresh(path) {
  const cache = await caches.open(VERSION);
  return (await cache.match(path)) ?? fetch(path, { credentials: "omit" });
}
