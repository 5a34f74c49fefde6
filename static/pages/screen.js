/* All scripts of this page, in their order. */

import "../betting/screen.js";
