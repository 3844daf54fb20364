// The quarterly scale: several questions of which one step is sealed, and the result that only its owner sees.
//
// The same arithmetic as callroom.core.instruments.scale; tests/vectors/scale.json holds both to the same values.

/** Items of a wave sheet that stand for several questions, and for how many. */
export const SCALES = { "cbi-work": 7 };

/** @param {{id: string, options: number}} item of a wave sheet @returns {number} how many answers can be sealed, 0 being the first */
export const valuesOf = ({ id, options }) => (Object.hasOwn(SCALES, id) ? SCALES[id] * (options - 1) + 1 : options);

const given = (rungs) => rungs.filter((rung) => rung !== null);
const total = (rungs) => rungs.reduce((sum, rung) => sum + rung, 0);

/** @returns {number} numerator / denominator as a whole number, a half going to the even neighbour */
function nearest(numerator, denominator) {
  const below = Math.floor(numerator / denominator);
  const twice = 2 * (numerator - below * denominator);
  const up = twice > denominator || (twice === denominator && below % 2 === 1);
  return up ? below + 1 : below;
}

/**
 * @param {(number|null)[]} rungs what each question adds, 0 to options - 1, the most being the worst; null: not answered
 * @param {{atLeast: number}} rule how many must be answered
 * @returns {number|null} the step that is sealed, 0 to questions x (options - 1); null: too few answered
 */
export function stepOf(rungs, { atLeast }) {
  const answered = given(rungs);
  return answered.length < atLeast ? null : nearest(total(answered) * rungs.length, answered.length);
}

/**
 * @param {(number|null)[]} rungs @param {{options: number, atLeast: number}} rule
 * @returns {number|null} one's own score from 0 to 100; null: too few answered
 */
export function scoreOf(rungs, { options, atLeast }) {
  const answered = given(rungs);
  return answered.length < atLeast ? null : (100 * total(answered)) / ((options - 1) * answered.length);
}

/**
 * Put one's own result beside the message; without one, or without a place for it, nothing.
 *
 * @param {HTMLElement} part the message
 * @param {{score: number|null}|null} own null: the scale was not asked, or nothing of it answered
 */
export function showOwn(part, own) {
  const place = part.querySelector("[data-own]");
  if (place === null) return;
  if (own === null) return place.remove();
  const { score } = own;
  const bands = Array.from(place.querySelectorAll("[data-from]"));
  const fitting = score === null ? null : bands.filter((band) => score >= Number(band.dataset.from)).at(-1);
  for (const band of bands) if (band !== fitting) band.remove();
  for (const few of place.querySelectorAll("[data-too-few]")) if (score !== null) few.remove();
  for (const whole of place.querySelectorAll("[data-scored]")) if (score === null) whole.remove();
  if (score !== null) for (const number of place.querySelectorAll("[data-score]")) number.textContent = String(Math.round(score));
  place.hidden = false;
}
