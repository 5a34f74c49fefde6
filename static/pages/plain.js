/* All scripts of this page, in their order. */

import "../web/language.js";
import "../web/restored.js";
