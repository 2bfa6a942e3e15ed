// Amounts, times and statuses in words.

const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const times = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZone: "UTC",
});

export const money = (cents) => dollars.format(cents / 100);
export const day = (moment) => days.format(new Date(moment));
export const time = (moment) => times.format(new Date(moment));
export const words = (name) => name.replaceAll("_", " ").toLowerCase();
export const sentence = (name) => words(name).replace(/^./, (first) => first.toUpperCase());
export const plural = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;

export function took(seconds) {
  if (seconds === null) return "…";
  return seconds < 1 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : `${seconds.toFixed(1)} s`;
}

/** What became of a transfer: `complete`, `flight` or `failed`. */
export function state(transfer) {
  if (transfer.status === "complete") return "complete";
  return transfer.status === "processing" || transfer.status === "pending" ? "flight" : "failed";
}

/** An end of a transfer, which is outside of the organization where there is none. */
export const end = (account) => account?.name ?? "Outside Sequence";
