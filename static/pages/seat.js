/* All scripts of this page, in their order. */

import "../rooms/seat.js";
import "../web/language.js";
import "../web/restored.js";
