// Which day it is. A page fresh from the server brings the server's day; one kept on the phone has only
// the phone's clock, until the server says its day. Days are the calendar's: in the nights when clocks
// change, 24 hours earlier is not yesterday.

import { isoDay } from "./words.js";

// Noon, so that no change of the clock moves it to another day.
export const dayOf = (iso) => new Date(`${iso}T12:00`);
export const daysAfter = (iso, count) => {
  const day = dayOf(iso);
  return isoDay(new Date(day.getFullYear(), day.getMonth(), day.getDate() + count, 12));
};
export const daysBetween = (from, to) => Math.round((dayOf(to) - dayOf(from)) / 86400000);

// The worker marks the pages that it keeps (sw.js).
export const isKept = document.documentElement.hasAttribute("data-kept");

// A calendar that starts from a known day and turns with the phone's midnights.
export function calendar(known) {
  let base = known, since = isoDay(new Date());
  return {
    today: () => daysAfter(base, daysBetween(since, isoDay(new Date()))),
    correct(day) { base = day; since = isoDay(new Date()); },
  };
}
