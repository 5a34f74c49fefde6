/* All scripts of this page, in their order. */

import "../locations/here.js";
import "../betting/room.js";
import "../web/language.js";
import "../web/restored.js";
import "../web/offline.js";
