/* A list that is shown page by page, with a button for the rows that follow. */

import { press } from "../web/press.js";
import { ask } from "../web/session.js";

/** Show the page at a path; `show` gets what was answered, and is called again for each page. */
export async function turn(path, more, says, show) {
  const told = await ask("GET", path);
  show(told);
  more.hidden = !told.next;
  more.onclick = () => press(more, says, () => turn(told.next, more, says, show));
  return told;
}
