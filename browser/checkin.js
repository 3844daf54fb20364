// The check-in page, /w/<language>/: asks the wave's questions, seals the answer on this device, sends it without a name.

import { fromBase64 } from "./bytes.js";
import { showCarried } from "./carried.js";
import { fingerprint } from "./chain.js";
import { DoesNotFit, catchUp } from "./chainwatch.js";
import { TakenBack, checkedSheet } from "./checkedsheet.js";
import { readable, showWords } from "./comparing.js";
import { NoStorage, StorageFull, openStore, wasDevice } from "./devicestore.js";
import { NoNetwork, Refused, nameless } from "./doors.js";
import { acknowledged, flush, flushAll, wayOut } from "./outbox.js";
import { composeAnswer } from "./posts.js";
import { fillPromise, promisesOf } from "./promised.js";
import { itemsFor } from "./promiseitems.js";
import { DID_NOT_WORK } from "./sealing.js";
import { showOwn } from "./scales.js";
import { deliver, sealForOutbox } from "./sending.js";
import { leafOf } from "./sheets.js";
import { busy, focusOn, show } from "./showing.js";
import { sayDay, sayInstant, serverTime } from "./timing.js";
import { canAsk, hasEnded, listedFrom, mayNotHaveWorked, obstacle, ownResult, readForm, readListed, turn, whatIsLeft } from "./turns.js";

const root = document.querySelector("[data-check-in]");
const place = { language: root.dataset.language, zone: root.dataset.zone };
const UPDATE_PATIENCE = 5000; // milliseconds
let store = null;
let lastCode; // the last word for what was wrong

const bank = Object.fromEntries(Array.from(
  root.querySelectorAll("template[data-item]"),
  (template) => [template.dataset.item, Number(template.dataset.options)],
));

const scales = Object.fromEntries(Array.from(
  root.querySelectorAll("template[data-scale-questions]"),
  ({ dataset }) => [dataset.item, { questions: dataset.scaleQuestions.split(" ").filter(Boolean), atLeast: Number(dataset.atLeast) }],
));

const when = (row) => ({ closing: sayInstant(row.closesAt, place), closingDay: sayDay(row.closesAt, place) });

/** The open and announced waves: from the server, else as last seen, else null: only what this phone holds is known. */
async function whatIsListed() {
  try {
    const { listed, kept, now: said } = await nameless.waves();
    return { listed: readListed(listed), kept, said };
  } catch (error) {
    if (error instanceof NoNetwork || error instanceof Refused) return { listed: null, kept: true, said: null };
    throw error;
  }
}

async function situation() {
  const { listed, kept, said } = await whatIsListed();
  const device = await store.device();
  const { now, clockOffset } = serverTime(said, device.clockOffset);
  if (clockOffset !== device.clockOffset) await store.changeDevice({ clockOffset });
  const rows = await store.waves();
  return { rows, listed: listed ?? listedFrom(rows), kept, coming: device.coming, now };
}

async function say(state, { row = null, sheet = null, opensAt, own = null, focus = true } = {}) {
  const fresh = row === null ? null : await store.wave(row.wave);
  const slots = {
    ...(fresh ? { ...when(fresh), ...whatIsLeft(fresh) } : row ? when(row) : {}),
    ...(opensAt ? { opening: sayInstant(opensAt, place) } : {}),
    ...(lastCode ? { code: lastCode } : {}),
  };
  const presses = {
    reload: () => freshPage(),
    again: () => look({ focus: true }),
    answer: () => ask(fresh, sheet, { again: true }).catch(fail),
    forget: () => forget(fresh),
  };
  const addresses = { secure: location.href.replace(/^http:/, "https:") };
  if (state === "another-key") Object.assign(slots, await bothFingerprints());
  const part = show(root, state, { slots, presses, addresses, focus });
  showOwn(part, own);
  await showCarried(root, part, () => store.device());
  if (sheet) await showWords(part, sheet.hash, root.dataset.wordsAddress);
}

/** Load the page again, in its newest version: the service worker would go on showing the one it keeps. */
async function freshPage() {
  const registration = await navigator.serviceWorker?.getRegistration("/w/").catch(() => null);
  await registration?.update().catch(() => null);
  const coming = registration?.installing ?? registration?.waiting;
  if (coming) await Promise.race([activation(coming), new Promise((resolve) => { setTimeout(resolve, UPDATE_PATIENCE); })]);
  location.reload();
}

const activation = (worker) => new Promise((resolve) => {
  worker.addEventListener("statechange", () => { if (worker.state === "activated") resolve(); });
});

async function bothFingerprints() {
  const device = await store.device();
  const spaced = async (key) => readable(await fingerprint(fromBase64(key)));
  return { known: await spaced(device.publicKey), shown: await spaced(root.dataset.key).catch(() => "?") };
}

async function forget(row) {
  await store.changeWave(row.wave, { token: null, begun: null, outbox: null, forgotten: true });
  await say("final", { row });
}

/** Ask the questions of this wave: those of one's own leaf. */
async function ask(row, sheet, { again, focus = true }) {
  if (!canAsk(sheet, { wordings: root.dataset.wordings.split(" "), items: bank })) return say("old-client");
  const promises = await promisesOf(row, sheet, { store, door: nameless });
  const promise = promises.find(({ leaf }) => leaf === leafOf(sheet, row.group)?.leaf);
  const items = itemsFor(sheet, promise);
  const part = show(root, "ask", { slots: when(row), focus: false });
  const form = part.querySelector("form");
  const list = form.querySelector("[data-questions]");
  items.forEach((item, index) => {
    const question = root.querySelector(`template[data-item="${item.id}"]`).content.cloneNode(true);
    question.querySelector("[data-number]").textContent = `${index + 1}.`;
    if (promise) fillPromise(question, promise, place.language);
    list.append(question);
  });
  part.querySelector("[data-again]").hidden = !again;
  const length = items.some(({ id }) => scales[id]?.questions.length > 0) ? "long" : "short";
  for (const said of part.querySelectorAll("[data-length]")) said.hidden = said.dataset.length !== length;
  const didNotWork = form.elements.namedItem("did-not-work");
  if (mayNotHaveWorked(row)) didNotWork.addEventListener("change", () => { list.hidden = list.disabled = didNotWork.checked; });
  else part.querySelector("[data-did-not-work]").remove();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form, row, sheet).catch(fail);
  });
  if (focus) focusOn(part.querySelector("h1"));
  return part;
}

function complain(form, which) {
  for (const note of form.querySelectorAll("[data-complaint]")) note.hidden = note.dataset.complaint !== which;
  if (which) focusOn(form.querySelector(`[data-complaint="${which}"]`));
}

async function send(form, row, sheet) {
  const chosen = Object.fromEntries(new FormData(form));
  const didNotWork = chosen["did-not-work"] !== undefined;
  const { answers, problem } = readForm(chosen, didNotWork, sheet.items, scales);
  complain(form, problem);
  if (problem) return;
  const sending = form.querySelector("[data-sending]");
  busy(form, true);
  sending.hidden = false;
  try {
    await seal(form, row, sheet, { answers: answers ?? DID_NOT_WORK, own: ownResult(chosen, didNotWork, sheet.items, scales) });
  } finally {
    busy(form, false);
    sending.hidden = true;
  }
}

/** Seal the answer, keep it until it is acknowledged, send it. `own`: shown beside what became of it, and let go. */
async function seal(form, { wave }, sheet, { answers, own }) {
  const { institution: institutionId } = await store.device();
  const row = await store.wave(wave); // as another tab may have left it
  const onlyFirst = answers === DID_NOT_WORK;
  if (!row?.token || (onlyFirst && !mayNotHaveWorked(row))) return look({ focus: true });
  const compose = (revision) => composeAnswer({ institutionId, waveSheet: sheet, group: row.group, token: row.token, revision, answers });
  const posts = await sealForOutbox(compose, onlyFirst);
  try {
    await store.changeWave(row.wave, { outbox: posts });
  } catch (error) {
    if (!(error instanceof StorageFull)) throw error;
    return sendUnkept(form, row, sheet, { posts, compose, onlyFirst, own });
  }
  try {
    const { state, code } = await flush(store, row.wave, { compose, onlyFirst });
    lastCode = code;
    await say(state ?? "sent", { row, sheet, own });
    if (state === "not-sent") retryLater();
  } catch (error) {
    if (!(error instanceof NoNetwork)) throw error;
    await say("not-sent", { row, sheet, own });
    retryLater();
  }
}

// There is no room for the outbox: the answer lives only in the open page.
async function sendUnkept(form, row, sheet, { posts, compose, onlyFirst, own }) {
  let reply;
  try {
    reply = await deliver({ posts, compose, onlyFirst, ...wayOut(row.wave) });
  } catch (error) {
    if (!(error instanceof NoNetwork)) throw error;
    reply = { kind: "later" };
  }
  lastCode = reply.code;
  if (reply.kind === "later") return complain(form, "no-room");
  if (reply.kind !== "acknowledged" && reply.kind !== "stands") return say("refused", { row, sheet });
  await acknowledged(store, row, reply.kind).catch(() => null); // no room to remember it either; it has arrived all the same
  return say("sent", { row, sheet, own });
}

/** Look where things stand, and show it. `again`: by itself, so what has not changed is left alone. */
async function look({ focus = false, again = false } = {}) {
  const first = await situation();
  const flushed = first.listed === null || first.kept ? null : await flushAll(store, first);
  lastCode = flushed?.code;
  const now = flushed ? { ...first, rows: await store.waves() } : first;
  const next = flushed
    ? { show: flushed.state, row: now.rows.find((row) => row.wave === flushed.wave) }
    : turn(now);
  const stays = again && next.show === root.dataset.showing;
  if (!stays) await showTurn(next, now, focus || again || flushed !== null);
  if (next.show === "not-sent") retryLater();
  if (now.listed !== null) await sweep(now);
}

// "Online" is said before the network carries anything, so what waits is tried again and again, ever more slowly.
const retry = { timer: 0, seconds: 4, most: 300 };

function retryLater() {
  clearTimeout(retry.timer);
  retry.timer = setTimeout(() => lookAgain().catch(fail), retry.seconds * 1000);
  retry.seconds = Math.min(retry.seconds * 2, retry.most);
}

async function showTurn({ show: state, row, again, opensAt }, { listed }, focus) {
  const needsSheet = ["ask", "sent", "answered", "not-sent", "final"].includes(state);
  const sheet = needsSheet ? await checkedSheet(row, listed, { store, door: nameless }) : null;
  const current = row === null ? null : await store.wave(row.wave) ?? row;
  if (state !== "ask") return say(state, { row: current, sheet, opensAt, focus });
  return ask(current, sheet, { again, focus });
}

/** Waves that are over leave nothing behind. */
async function sweep(now) {
  for (const row of await store.waves()) if (hasEnded(row, now)) await store.removeWave(row.wave);
}

function fail(error) {
  lastCode = error.code ?? error.name;
  if (error instanceof TakenBack) return look({ focus: true }).catch(fail);
  if (error instanceof DoesNotFit) return say(error.show);
  if (error instanceof NoStorage) return show(root, "no-storage");
  if (error instanceof StorageFull) return say("full");
  if (error instanceof NoNetwork) return say("offline-first");
  return say("refused");
}

async function deviceWithThisKey(device) {
  if (device === null || ["", device.publicKey].includes(root.dataset.key)) return device;
  try {
    return await store.changeDevice(await catchUp(device, nameless)); // the key may have been changed, signed by the old one
  } catch {
    return device;
  }
}

function registerWorkers() {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register("/w/sw.js", { scope: "/w/" }).catch(() => null);
  navigator.serviceWorker.register("/help/sw.js", { scope: "/help/" }).catch(() => null);
}

async function start() {
  const secure = isSecureContext && crypto.subtle !== undefined;
  store = secure ? await openStore().catch(() => null) : null;
  if (secure) registerWorkers();
  const device = store ? await deviceWithThisKey(await store.device()) : null;
  const stopped = obstacle({ secure, storage: store !== null, device, wasDevice: wasDevice(), shownKey: root.dataset.key });
  if (stopped) return say(stopped, { focus: true });
  await look();
  addEventListener("online", () => lookAgain().catch(fail));
  addEventListener("pageshow", (event) => { if (event.persisted) lookAgain().catch(fail); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) lookAgain().catch(fail); });
}

/** The network is back, or the page is: send what waits, and show what is true now. Never while somebody answers or reads. */
async function lookAgain() {
  const rests = ["ask", "sent", "answered", "final", "another-key"].includes(root.dataset.showing);
  if (!rests) await look({ again: true });
}

start().catch(fail);
