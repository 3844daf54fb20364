// Signed-in pages: makes this browser a check-in device when asked to, and fetches tokens for one. /in/device/ and /in/.

import { fromBase64 } from "./bytes.js";
import { readCarried } from "./carried.js";
import { fingerprint } from "./chain.js";
import { DoesNotFit, catchUp } from "./chainwatch.js";
import { readable } from "./comparing.js";
import { NoStorage, StorageFull, oneAtATime, openStore, wasDevice } from "./devicestore.js";
import { NoNetwork, Refused, nameless, signedIn } from "./doors.js";
import { isOwner, newDevice, storageLasts, visit } from "./issuing.js";
import { show } from "./showing.js";
import { deviceClock, isLastWeek, sayInstant } from "./timing.js";

const panel = document.querySelector("[data-device]");
const { institution, key: publicKey, firstKey, person, language, zone } = panel.dataset;
const doors = { nameless, signedIn: signedIn(panel.querySelector("[name=csrfmiddlewaretoken]").value) };
const A_MOMENT = 500; // milliseconds
const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });
let store = null;

async function browserKeeps() {
  const persisted = (await navigator.storage?.persisted?.().catch(() => false)) ?? false;
  const installed = matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
  return storageLasts({ persisted, installed, webKit: navigator.vendor.startsWith("Apple") });
}

async function fingerprints() {
  const spaced = async (key) => readable(await fingerprint(fromBase64(key)));
  return { known: await spaced((await store.device()).publicKey), shown: await spaced(publicKey).catch(() => "?") };
}

const presses = {
  mine: () => setUp().catch(fail),
  shared: () => say("shared"),
  stop: () => store.eraseAll().then(() => say("stopped")).catch(fail),
  move: () => { say("working"); work({ replace: true }).catch(fail); },
  instead: () => store.eraseAll().then(setUp).catch(fail),
  reload: () => location.reload(),
};

const quietly = panel.dataset.device === "home"; // on the home page nothing takes the focus away

function say(state, { slots = {}, focus = !quietly } = {}) {
  if (panel.querySelector(`template[data-state="${state}"]`) === null) {
    panel.hidden = true; // the home page has no words for this: nothing needs doing there
    return;
  }
  panel.hidden = false;
  show(panel, state, { slots, presses, focus });
}

async function setUp() {
  say("working");
  // A promise of the browser to keep what is stored; it may say no. Firefox asks its owner, who may leave the question open.
  const kept = navigator.storage?.persist?.().catch(() => false) ?? false;
  const known = await Promise.race([kept, pause(A_MOMENT)]);
  await store.saveDevice(await newDevice({ institution, publicKey: firstKey, person }));
  await work();
  if (known === undefined && (await kept)) await work(); // now tickets can be fetched ahead
}

/** Check the sheets, fetch what is due, say where things stand. */
async function work({ replace = false } = {}) {
  const lasts = await browserKeeps();
  const outcome = await oneAtATime("fetching", () => visit({ store, doors, lasts, clock: deviceClock, replace, thorough: !quietly }));
  await tell(outcome, lasts);
}

async function tell({ offered, refused, now }, lasts) {
  const rows = await store.waves();
  const open = offered.find((entry) => entry.waveSheet !== null);
  const row = open ? rows.find((candidate) => candidate.wave === open.wave) : null;
  const next = offered.find((entry) => entry.waveSheet === null);
  const at = (instant) => sayInstant(instant, { language, zone });
  const isWaiting = ({ wave }) => offered.some((entry) => entry.wave === wave && entry.waveSheet === null);
  const count = (which) => String(rows.filter((candidate) => isWaiting(candidate) && which(candidate)).length || "") || undefined;
  const slots = {
    ...(open ? { closing: at(open.closesAt) } : {}), ...(next ? { opening: at(next.opensAt) } : {}),
    ahead: count((candidate) => candidate.token),
    movable: count((candidate) => candidate.elsewhere === "movable"),
    settled: count((candidate) => candidate.elsewhere === "settled"),
    code: open ? refused[open.wave] : undefined,
    ...(lasts ? {} : { visit: true }),
  };
  const state = stateOf(open, row, refused, offered);
  prompt(state, row, open, now);
  say(state, { slots });
}

// What the issuer's words mean to somebody who holds the phone.
const REFUSALS = { fetched: "ticket-gone", over: "ticket-closed", "not-asked": "not-asked" };

function stateOf(open, row, refused, offered) {
  if (offered.length === 0) return "not-asked";
  if (!open) return "ready-later";
  if (row?.forgotten) return "answered";
  if (refused[open.wave] === "fetched" && open.replacement === "asked") return "ticket-asked";
  if (refused[open.wave] !== undefined) return REFUSALS[refused[open.wave]] ?? "refused";
  if (row?.outbox) return "not-sent";
  return row?.answered ? "answered" : "ready";
}

/** The page's invitations: the same for everyone when they arrive; here each browser hides what is done. */
function prompt(state, row, open, now) {
  const isDone = state === "answered" && !(row?.answered === "early" && isLastWeek(open.closesAt, now));
  for (const part of document.querySelectorAll("[data-check-in-waits]")) part.hidden = isDone || state === "not-asked";
  for (const part of document.querySelectorAll("[data-check-in-done]")) part.hidden = !isDone;
}

function fail(error) {
  const slots = { code: String(error.code ?? error.name) };
  if (error instanceof DoesNotFit) return say(error.show, { slots, focus: true });
  if (error instanceof NoStorage) return say("no-storage", { focus: true });
  if (error instanceof StorageFull) return say("full", { focus: true });
  if (error instanceof NoNetwork) return say("offline");
  if (error instanceof Refused && [302, 401, 403].includes(error.status)) return say("signed-out");
  return say("refused", { slots, focus: true });
}

async function followKey(device) {
  if (device.publicKey === publicKey) return device;
  try {
    return await store.changeDevice(await catchUp(device, nameless));
  } catch {
    return device;
  }
}

async function start() {
  if (!isSecureContext || crypto.subtle === undefined) return say("not-secure");
  store = await openStore().catch(() => null);
  if (store === null) return say("no-storage");
  const kept = await store.device();
  if (kept === null) return say(wasDevice() ? "storage-gone" : "offer", { focus: false });
  if (!(await isOwner(kept, person))) return say("other-owner", { focus: false });
  const device = await followKey(kept);
  if (device.publicKey !== publicKey) return say("another-key", { slots: await fingerprints(), focus: true });
  await carry();
  await work();
}

/** Let the page that says thanks show what Today shows now; where there is no room, it shows none. */
async function carry() {
  const promises = readCarried(document);
  if (promises !== null) await store.changeDevice({ promises }).catch(() => null);
}

const started = start().catch(fail);
const PATIENCE = 10_000; // milliseconds

// A link to the check-in waits for the ticket, and leads to the set-up first where this browser holds none. The link
// itself is followed, because it says that no referrer goes along.
for (const link of document.querySelectorAll('a[href^="/w/"]')) {
  link.addEventListener("click", async (event) => {
    if (link.dataset.followed !== undefined || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    await Promise.race([started, new Promise((resolve) => { setTimeout(resolve, PATIENCE); })]);
    if (["offer", "storage-gone", "other-owner"].includes(panel.dataset.showing)) return location.assign(panel.dataset.setUp);
    setTimeout(() => follow(link)); // in the task of a key press, browsers drop a second click
  });
}

function follow(link) {
  link.dataset.followed = "";
  link.click();
  delete link.dataset.followed;
}
