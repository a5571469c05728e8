// Working time: chips and free fields agree, a typed duration says what it means. Sends nothing.

import { pairChips, sayBack } from "../lib/durations.js";

const form = document.querySelector("[data-time-form]");
pairChips(form);
sayBack(form.querySelector("#id_minutes_other"), form.querySelector("[data-echo]"));
