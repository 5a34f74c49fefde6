/* A browser's long name for itself, in words that its owner knows. */

import { fill, gettext } from "../web/words.js";

// The first that matches counts: nearly every browser claims to be some of the others too.
const BROWSERS = [
  [/Edg(e|A|iOS)?\//, "Edge"], [/OPR\/|Opera/, "Opera"], [/SamsungBrowser\//, "Samsung Internet"],
  [/Whale\//, "Whale"], [/Firefox\/|FxiOS\//, "Firefox"], [/Chrome\/|CriOS\/|Chromium\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS = [
  [/iPhone|iPod/, "iPhone"], [/iPad/, "iPad"], [/Android/, "Android"], [/CrOS/, "ChromeOS"],
  [/Windows/, "Windows"], [/Mac OS X|Macintosh/, "Mac"], [/Linux/, "Linux"],
];

const named = (list, text) => list.find(([pattern]) => pattern.test(text))?.[1];

/** "Firefox on Windows"; what is no browser is shown as it calls itself. */
export function browserWords(userAgent) {
  const browser = named(BROWSERS, userAgent);
  const system = named(SYSTEMS, userAgent);
  if (browser && system) return fill(gettext("%(browser)s on %(system)s"), { browser, system });
  return browser ?? system ?? (userAgent.slice(0, 40) || gettext("Unknown device"));
}
