/* All scripts of this page, in their order. */

import "../locations/where.js";
import "../web/language.js";
import "../web/restored.js";
