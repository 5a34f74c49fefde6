/* Being somewhere, in words: how one stands, why that is not enough for a bet, what helps. */

import { fill, gettext } from "../web/words.js";

const STATES = {
  inside: ["paid", "check", gettext("You are inside")],
  edge: ["hold", "pin", gettext("Near the edge")],
  outside: ["locked", "x", gettext("You are outside")],
};

export const WHY = {
  unknown: gettext("your position is not known"),
  silent: gettext("your last position is too old"),
  late: gettext("your position came late"),
  outside: gettext("you are outside"),
  edge: gettext("you are too near the edge to be sure"),
  inaccurate: gettext("your position is not exact enough"),
  accuracy_unknown: gettext("your phone does not say how exact it is"),
  mock: gettext("your phone says this position was made up"),
  jump: gettext("your position jumped"),
  clock: gettext("your phone's clock is wrong"),
};

const HELP = {
  unknown: gettext("Use your position, or type the code from the big screen."),
  silent: gettext("Keep this page open, or type the code from the big screen."),
  late: gettext("Wait for the next position, or type the code from the big screen."),
  outside: gettext("Come in. If you are inside, type the code from the big screen."),
  edge: gettext("Go further in, or type the code from the big screen."),
  inaccurate: gettext("Go near a window, or type the code from the big screen."),
  accuracy_unknown: gettext("Type the code from the big screen."),
  mock: gettext("Turn off what makes up positions, or type the code from the big screen."),
  jump: gettext("Wait ten minutes, or type the code from the big screen."),
  clock: gettext("Let your phone set its time by itself, or type the code from the big screen."),
};

/** What one may do about a refusal of this kind. */
export const help = (why) => HELP[why] ?? HELP.unknown;

/** [look, drawing, word] of where one stands; minutes since it was known, null when it never was. */
export function standing(where, isReporting, minutes) {
  if (STATES[where]) return STATES[where];
  if (!isReporting) return ["draft", "off", gettext("Location is off")];
  if (minutes === null) return ["draft", "spin", gettext("Not known yet")];
  return ["draft", "off", fill(gettext("Not known for %(minutes)s min"), { minutes })];
}
