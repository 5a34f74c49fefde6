/* How the shares of an earlier question moved: folded away, and read when somebody unfolds it. */

import { find, write } from "../web/elements.js";
import { ask } from "../web/session.js";
import { OddsLine } from "./odds.js";

/** The fold of a decided question; of one that is known by its number alone the rest is asked for. */
export function course(id, market = null) {
  const fold = find("[data-course]").content.firstElementChild.cloneNode(true);
  const says = find("[data-course-says]", fold);
  fold.addEventListener("toggle", async () => {
    if (!fold.open) return;
    try {
      await new OddsLine(find("[data-odds]", fold)).show(market ?? await ask("GET", `/api/markets/${id}/`));
      write(says, "");
    } catch (error) {
      write(says, error.message);
    }
  });
  return fold;
}
