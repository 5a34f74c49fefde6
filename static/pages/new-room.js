/* All scripts of this page, in their order. */

import "../rooms/new-room.js";
import "../web/language.js";
import "../web/restored.js";
