/* All scripts of this page, in their order. */

import "../rooms/club.js";
import "../web/language.js";
import "../web/restored.js";
