// Instants: reading, saying, and the weeks of a wave.

// A week of asking: Monday 06:00 to Sunday 20:00.
const WEEK_OF_ASKING = (6 * 24 + 14) * 3600;

/** @returns {number} epoch seconds by this device's clock */
export const deviceClock = () => Math.floor(Date.now() / 1000);

/** @returns {{now: number, clockOffset: number}} the server's time: as it says, else as it was last seen to differ */
export function serverTime(said, clockOffset, device = deviceClock()) {
  return said === null ? { now: device + clockOffset, clockOffset } : { now: said, clockOffset: said - device };
}

/** @param {number|string} value epoch seconds, or ISO 8601 @returns {number} epoch seconds; NaN for anything else */
export function instant(value) {
  if (typeof value === "number") return Number.isFinite(value) ? value : NaN;
  return typeof value === "string" ? Math.floor(Date.parse(value) / 1000) : NaN;
}

/** @returns {boolean} is it the week in which a wave that closes then is asked for the last time? */
export const isLastWeek = (closesAt, now) => now >= closesAt - WEEK_OF_ASKING;

function partsOf(at, { language, zone }) {
  const format = new Intl.DateTimeFormat(language === "es" ? "es-MX" : "en-GB", {
    timeZone: zone, weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });
  return Object.fromEntries(format.formatToParts(new Date(at * 1000)).map((part) => [part.type, part.value]));
}

/** @returns {string} "Sunday 29 November", "domingo 29 de noviembre" */
export function sayDay(at, place) {
  const { weekday, day, month } = partsOf(at, place);
  return place.language === "es" ? `${weekday} ${day} de ${month}` : `${weekday} ${day} ${month}`;
}

/** @returns {string} "Sunday 29 November, 20:00", in the institution's time zone */
export function sayInstant(at, place) {
  const { hour, minute } = partsOf(at, place);
  return `${sayDay(at, place)}, ${hour}:${minute}`;
}
