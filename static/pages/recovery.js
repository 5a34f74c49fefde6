/* All scripts of these pages, in their order. */

import "../accounts/recovery.js";
import "../web/language.js";
import "../web/restored.js";
