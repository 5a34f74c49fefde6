/* All scripts of this page, in their order. */

import "../locations/map.js";
import "../web/language.js";
import "../web/restored.js";
