// Promises of leaders, carried by the phone from Today to the page that says thanks: nothing is asked for or sent on the way.

/**
 * @typedef {object} Carried a promise as Today showed it, every word already in its language
 * @property {string} before @property {string} number @property {string} month the date's three parts
 * @property {string} what @property {string} language of `what`
 * @property {string} who
 * @property {"kept"|"due"|"late"} kind
 * @property {string} state
 * @property {string} page the language of all other words
 */

/** @param {Document} page Today @returns {Carried[]|null} the promises on it; null: this page is not the one that shows them */
export function readCarried(page) {
  const place = page.querySelector("[data-carried]");
  if (place === null) return null;
  return Array.from(place.querySelectorAll("template"), ({ content, dataset }) => ({
    before: dataset.before, number: dataset.number, month: dataset.month, what: content.textContent.trim(),
    language: dataset.language, who: dataset.who, kind: dataset.kind, state: dataset.state, page: page.documentElement.lang,
  }));
}

/**
 * Put them beside a message that has a place for them, and never in its way.
 *
 * @param {HTMLElement} root holds the ticket's template @param {HTMLElement} part the message
 * @param {() => Promise<import("./devicestore.js").Device>} device
 */
export async function showCarried(root, part, device) {
  const place = part.querySelector("[data-carried-promises]");
  if (place === null) return;
  const { promises = [] } = (await device().catch(() => null)) ?? {};
  if (promises.length === 0) return place.remove();
  const ticket = root.querySelector("template[data-carried-promise]");
  place.querySelector("[data-tickets]").replaceChildren(...promises.map((promise) => drawn(ticket, promise)));
  place.hidden = false;
}

function drawn(ticket, promise) {
  const copy = ticket.content.cloneNode(true);
  copy.querySelector("article").lang = promise.page;
  for (const word of copy.querySelectorAll("[data-word]")) word.textContent = promise[word.dataset.word];
  copy.querySelector('[data-word="what"]').lang = promise.language;
  for (const sign of copy.querySelectorAll("[data-kind]")) if (sign.dataset.kind !== promise.kind) sign.remove();
  return copy;
}
