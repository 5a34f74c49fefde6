/* Figures as people read them. Nothing here rounds up: odds and coins are floored. */

const language = document.documentElement.lang || "en";
const grouped = new Intl.NumberFormat(language);
const clockParts = new Intl.DateTimeFormat(language, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
const dayParts = new Intl.DateTimeFormat(language, { month: "short", day: "numeric" });

const STEPS = [[1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];

/** Every digit, grouped. */
export function exact(count) {
  return grouped.format(count);
}

function abbreviated(count) {
  const [size, letter] = STEPS.find(([step]) => count >= step);
  const figure = Math.floor((count / size) * 10) / 10;
  return (figure < 100 ? figure.toFixed(1) : String(Math.floor(figure))) + letter;
}

/** Coins in a narrow column: exact to 9,999, then 12.4k. */
export function coins(count) {
  return count < 10000 ? exact(count) : abbreviated(count);
}

/** A signed sum, with a real minus. */
export function signed(count) {
  if (count === 0) return "±0";
  return (count > 0 ? "+" : "−") + exact(Math.abs(count));
}

/** Odds: two decimals below 100, whole below 1,000, then 1.2k. */
export function odds(figure) {
  if (figure === null || figure === undefined) return "–";
  if (figure < 100) return (Math.floor(figure * 100 + 1e-6) / 100).toFixed(2);
  if (figure < 1000) return String(Math.floor(figure));
  return abbreviated(figure);
}

/** A share of a whole as 0 to 100; nothing of nothing is 0. */
export function share(part, whole) {
  return whole > 0 ? Math.min(100, (100 * part) / whole) : 0;
}

/** 20:31:04, of the reader's own day. */
export function clockTime(atMs) {
  return clockParts.format(new Date(atMs));
}

/** Day and time for what may be older than today. */
export function dayTime(atMs) {
  const isToday = new Date(atMs).toDateString() === new Date().toDateString();
  return isToday ? clockTime(atMs) : `${dayParts.format(new Date(atMs))} ${clockTime(atMs)}`;
}

/** What is left: 0:37, 12:05, 1:02:03. */
export function left(spanMs) {
  const seconds = Math.max(0, Math.ceil(spanMs / 1000));
  const two = (count) => String(count).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}

/** How wide a text is, in Latin letters: those of Korean, and their like, are twice as wide. */
export function width(text) {
  return [...text].reduce((sum, letter) => sum + (letter < "\u1100" ? 1 : 2), 0);
}
