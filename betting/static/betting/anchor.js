/* The latest public anchor of a club's ledger, in small letters. */

import { element, write } from "../web/elements.js";
import { clockTime, exact } from "../web/figures.js";
import { fill, gettext } from "../web/words.js";
import { publishedAnchors } from "./receipts.js";

/** Write the last anchor of a club into a line, which is hidden where there is none. */
export async function showAnchor(line, club) {
  const last = (await publishedAnchors()).find((anchor) => anchor.club === club);
  line.hidden = !last;
  if (!last) return;
  write(line, fill(gettext("Anchor of %(time)s: entry %(seq)s"), {
    time: clockTime(last.at_ms), seq: exact(last.seq),
  }));
  line.append(element("code", {}, last.chain));
}
