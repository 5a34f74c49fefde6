/* All scripts of this page, in their order. */

import "../betting/me.js";
import "../accounts/forms.js";
import "../web/language.js";
import "../web/restored.js";
import "../web/offline.js";
