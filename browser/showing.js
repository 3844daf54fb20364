// Putting a prepared message or form on the page. All words stand in the page's own templates, in its language.

/**
 * Show one of the page's states.
 *
 * @param {HTMLElement} root holds the templates and, marked `data-place`, where they go
 * @param {string} state name of a template
 * @param {object} [options]
 * @param {Object<string, string|true>} [options.slots] texts for `data-slot`; true keeps the text that is there
 * @param {Object<string, string>} [options.addresses] for `data-address`
 * @param {Object<string, () => void>} [options.presses] for `data-press`
 * @param {boolean} [options.focus] move there: somebody did something, or something went wrong
 * @returns {HTMLElement} the place
 */
export function show(root, state, { slots = {}, addresses = {}, presses = {}, focus = true } = {}) {
  const place = root.querySelector("[data-place]");
  const template = root.querySelector(`template[data-state="${state}"]`);
  const part = template.content.cloneNode(true);
  fill(part, slots);
  for (const link of part.querySelectorAll("[data-address]")) link.href = addresses[link.dataset.address] ?? link.href;
  for (const button of part.querySelectorAll("[data-press]")) button.addEventListener("click", presses[button.dataset.press]);
  place.replaceChildren(part);
  root.dataset.showing = state;
  if (focus) focusOn(place.querySelector("[data-focus]") ?? place);
  return place;
}

/** Fill the slots of a part; a slot without a text is taken out together with the sentence around it. */
export function fill(part, slots) {
  for (const slot of part.querySelectorAll("[data-slot]")) {
    const text = slots[slot.dataset.slot];
    if (text === undefined) (slot.closest("[data-needs]") ?? slot).remove();
    else if (text !== true) slot.textContent = text;
  }
}

/** Move to a message, so that it is read first; the page scrolls there too. */
export function focusOn(element) {
  element.tabIndex = -1;
  element.focus();
}

/** Switch every button of a part off while something is under way. */
export function busy(part, isBusy) {
  for (const button of part.querySelectorAll("button")) button.disabled = isBusy;
}
