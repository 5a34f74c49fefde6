/* All scripts of this page, in their order. */

import "../rooms/lobby.js";
import "../web/language.js";
import "../web/restored.js";
import "../web/offline.js";
