/* All scripts of this page, in their order. */

import "../rooms/clubs.js";
import "../web/language.js";
import "../web/restored.js";
