/* All scripts of this page, in their order. */

import "../betting/webhooks.js";
import "../web/language.js";
import "../web/restored.js";
