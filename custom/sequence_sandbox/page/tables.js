// One row, or one entry of a list, for each thing that there is to see.

import { h } from "./dom.js";
import { day, end, money, plural, sentence, state, time, took, words } from "./format.js";

const SIGNS = { complete: "✓", flight: "●", failed: "✕", granted: "✓", denied: "✕", fault: "⚡", note: "", busy: "●" };

const chip = (kind, text) =>
  h("span", { class: "chip", "data-kind": kind }, h("span", { "aria-hidden": "true" }, SIGNS[kind]), text);

const when = (moment) =>
  h(
    "td",
    { class: "when" },
    h("time", { datetime: moment }, h("span", {}, time(moment)), " ", h("span", { class: "muted" }, day(moment))),
  );

const simulated = (one) => (one.is_simulated ? chip("note", "Simulated") : null);

const TYPES = { income_source: "Income source", pod: "Pod", external_account: "External account" };

export function account(one) {
  const amounts = {
    known: () => h("span", { class: "amount" }, money(one.balance_in_cents)),
    unknown: () => h("span", { class: "muted" }, "Balance unknown"),
    none: () => h("span", { class: "muted" }, "No balance"),
  };
  const type = one.is_liability ? "Liability" : (TYPES[one.type] ?? sentence(one.type));
  return h(
    "li",
    { class: "account", "data-type": one.is_liability ? "liability" : one.type, title: `${one.id}\n${one.uuid}` },
    h("div", {}, h("strong", {}, one.name), h("span", { class: "muted" }, type, one.is_deleted ? ", deleted" : "")),
    h(
      "div",
      { class: "held" },
      amounts[one.balance](),
      one.is_liability && one.balance === "known" ? h("span", { class: "muted" }, "owed") : null,
    ),
  );
}

export function transfer(one) {
  const failed = state(one) === "failed" && one.error_code;
  return h(
    "tr",
    { title: `${one.id}\n${one.uuid}` },
    when(one.created_at),
    h(
      "td",
      {},
      h("span", { class: "route" }, end(one.source), h("span", { class: "muted" }, " → "), end(one.destination)),
      one.description ? h("span", { class: "under" }, one.description) : null,
    ),
    h("td", { class: "number amount" }, money(one.amount_in_cents)),
    h(
      "td",
      {},
      chip(state(one), sentence(one.status)),
      simulated(one),
      failed ? h("span", { class: "under" }, words(one.error_code)) : null,
    ),
  );
}

const RUNS = { executed: "complete", in_progress: "flight", partial: "failed", failed: "failed" };

export function execution(one) {
  const counts = [
    [one.transfers_completed, "complete"],
    [one.transfers_in_flight, "in flight"],
    [one.transfers_failed, "failed"],
  ].filter(([count]) => count > 0);
  return h(
    "tr",
    { title: `${one.id}\n${one.uuid}` },
    when(one.created_at),
    h("td", {}, one.rule_name ?? one.rule_id, h("span", { class: "under" }, words(one.trigger_type))),
    h("td", {}, counts.map(([count, what]) => `${count} ${what}`).join(", ") || "None"),
    h(
      "td",
      {},
      chip(RUNS[one.status] ?? "note", sentence(one.status)),
      simulated(one),
      one.conditions_not_met ? h("span", { class: "under" }, "conditions not met") : null,
      one.error_message ? h("span", { class: "under" }, words(one.error_message)) : null,
    ),
  );
}

export const FILTERS = {
  all: () => true,
  refused: (one) => one.fault === null && one.status >= 400 && one.status < 500,
  failed: (one) => one.fault !== null || one.status >= 500 || (one.status === null && one.duration !== null),
};

function response(one) {
  if (one.status === null) return one.duration === null ? chip("flight", "In flight") : chip("failed", "None");
  return chip(one.status < 400 ? "complete" : "failed", String(one.status));
}

function verdict(one) {
  if (one.permission === null)
    return h("span", { class: "muted" }, one.key_label === null ? "No such key" : "Not looked at");
  if (one.permission === "granted") return chip("granted", "Granted");
  const missing = JSON.stringify(one.grant);
  return [
    chip("denied", "Denied"),
    one.grant === null
      ? null
      : h(
          "span",
          { class: "grant" },
          h("span", { class: "muted" }, "Missing: "),
          h("code", {}, missing),
          h(
            "button",
            {
              type: "button",
              class: "small",
              "data-copy": missing,
              "aria-label": `Copy the missing grant ${one.grant.scope}`,
            },
            "Copy",
          ),
        ),
  ];
}

export function request(one) {
  return h(
    "tr",
    {},
    when(one.at),
    h("td", {}, one.key_label ?? h("span", { class: "muted" }, "–")),
    h(
      "td",
      {},
      h(
        "span",
        { class: "route" },
        h("span", { class: "method" }, one.method),
        " ",
        one.operation ?? "no such operation",
      ),
      h("span", { class: "under path" }, one.path),
    ),
    h(
      "td",
      {},
      response(one),
      one.fault ? chip("fault", words(one.fault)) : null,
      one.is_repeat ? chip("note", "Repeat") : null,
      one.code ? h("span", { class: "under" }, words(one.code)) : null,
    ),
    h("td", {}, verdict(one)),
    h("td", { class: "number" }, took(one.duration)),
  );
}

export function fault(one) {
  const notes = [plural(one.times, "time"), one.after ? `after ${one.after}` : null];
  if (one.seconds) notes.push(`${one.seconds} s`);
  if (one.kind === "status" || one.kind === "html") notes.push(`status ${one.status}`);
  if (one.retry_after !== null) notes.push(`retry after ${one.retry_after} s`);
  return h(
    "li",
    {},
    h("div", {}, h("strong", {}, chip("fault", words(one.kind))), " on ", one.operation ?? "any operation"),
    h("span", { class: "muted" }, notes.filter(Boolean).join(", ")),
  );
}

export function key(one) {
  const apis = Object.entries(one.permissions);
  const all = apis.every(([, entries]) => entries === null);
  const scope = (entry) => h("li", {}, h("code", {}, JSON.stringify(entry)));
  const grants = ([api, entries]) =>
    h(
      "details",
      {},
      h(
        "summary",
        {},
        `${api === "v1" ? "/api/v1" : "/platform/v1"}: ${entries === null ? "everything" : plural(entries.length, "grant")}`,
      ),
      entries === null
        ? h("p", { class: "muted" }, "May do everything.")
        : h("ul", { class: "entries" }, ...entries.map(scope)),
    );
  return h(
    "li",
    { class: "key" },
    h("div", {}, h("strong", {}, one.label), " ", h("code", { class: "muted" }, one.id)),
    all
      ? h("span", { class: "muted" }, ["May do everything", ...(one.but ?? [])].join(" but read ")) : h("div", {}, ...apis.map(grants)),
  );
}
