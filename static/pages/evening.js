/* All scripts of this page, in their order. */

import "../betting/evening-page.js";
import "../web/language.js";
import "../web/restored.js";
