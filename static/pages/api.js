/* All scripts of this page, in their order. */

import "../web/calls.js";
