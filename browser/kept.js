// What the service worker of /w/ keeps, by address. Pure, so that it can be tested without one.

const SHELL = /^\/w\/(?:en|es)\/$/;
const MANIFEST = /^\/w\/(?:en|es)\/manifest\.webmanifest$/;
const PAYLOAD = /^\/w\/chain\/[0-9a-f]{64}$/;
const ASSET = /["'(](\/w\/static\/[^"'()\s?#]+)["')]/g;

/**
 * How a request is answered.
 *
 * shell, asset: from the cache, else from the network; latest: from the network, else as last seen;
 * null: none of this worker's business (posts, header segments, everything outside /w/).
 *
 * @param {{method: string, url: string}} request @param {string} origin
 * @returns {"shell"|"asset"|"latest"|null}
 */
export function treatment({ method, url }, origin) {
  const address = new URL(url);
  if (method !== "GET" || address.origin !== origin || !address.pathname.startsWith("/w/")) return null;
  if (SHELL.test(address.pathname)) return "shell";
  if (address.pathname.startsWith("/w/static/") || MANIFEST.test(address.pathname)) return "asset";
  if (address.pathname === "/w/waves.json") return "latest";
  return PAYLOAD.test(address.pathname) ? "latest" : null;
}

/** @param {string} html a shell @returns {string[]} the addresses of the files it needs, each once */
export const assetsIn = (html) => [...new Set(Array.from(html.matchAll(ASSET), (match) => match[1]))];
