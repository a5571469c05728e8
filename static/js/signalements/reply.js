// An answer: the chips of a day and its free field agree. Sends nothing.

import { pairChips } from "../lib/durations.js";

document.querySelectorAll("form:has(.replies)").forEach(pairChips);
