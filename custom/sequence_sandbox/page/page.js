// The page: shows what the sandbox tells, and asks it to do what is clicked.

import { act, token } from "./control.js";
import { $, h, keep } from "./dom.js";
import { flow } from "./flow.js";
import { day, end, money, plural, sentence, state, time, words } from "./format.js";
import { follow } from "./stream.js";
import { FILTERS, account, execution, fault, key, request, transfer } from "./tables.js";

const view = {};
let read = 0; // when the clock was read, by this machine's

function say(text) {
  $("message").textContent = text;
}

async function ask(method, path, body) {
  try {
    await act(method, path, body);
    say("");
    return true;
  } catch (error) {
    say(error.message);
    return false;
  }
}

/** What is new, for those who do not see it: in one sentence, and not more often than it can be listened to. */
const news = {
  lines: [],
  add(line) {
    if (!this.lines.length) setTimeout(() => this.tell(), 1500);
    this.lines.push(line);
  },
  tell() {
    $("news").textContent =
      this.lines.length > 2
        ? `${this.lines.length} changes. The last one: ${this.lines.at(-1)}`
        : this.lines.join(". ");
    this.lines = [];
  },
};

function announce(before, data) {
  const statuses = new Map(before.transfers?.map((one) => [one.id, one.status]));
  for (const one of (before.transfers && data.transfers) || []) {
    if (statuses.get(one.id) === one.status) continue;
    if (!statuses.has(one.id) && before.transfers.length && one.created_at < before.transfers[0].created_at) continue;
    news.add(`Transfer of ${money(one.amount_in_cents)} to ${end(one.destination)}: ${words(one.status)}`);
  }
  const newest = before.requests?.[0]?.number ?? 0;
  for (const one of (before.requests && data.requests) || []) {
    if (one.number > newest && one.permission === "denied") news.add(`${one.operation} was denied`);
  }
}

function showClock() {
  if (!view.clock) return;
  const now = new Date(Date.parse(view.clock.now) + (performance.now() - read) * view.clock.speed);
  $("now").dateTime = now.toISOString();
  $("now").textContent = `${day(now)}, ${time(now)}`;
}

function showFigures() {
  const known = view.accounts.filter((one) => one.balance === "known");
  const total = (accounts) => accounts.reduce((sum, one) => sum + one.balance_in_cents, 0);
  const flying = view.transfers.filter((one) => state(one) === "flight" && !one.is_simulated);
  const figures = [
    ["Held", money(total(known.filter((one) => !one.is_liability)))],
    ["Owed", money(total(known.filter((one) => one.is_liability)))],
    [
      "In flight",
      `${money(flying.reduce((sum, one) => sum + one.amount_in_cents, 0))}`,
      plural(flying.length, "transfer"),
    ],
    [
      "Requests",
      String(view.requests.length),
      `${view.requests.filter(FILTERS.refused).length} refused, ${view.requests.filter(FILTERS.failed).length} failed`,
    ],
  ];
  keep(
    $("figures"),
    figures,
    ([name]) => name,
    ([name, value, note]) =>
      h("div", {}, h("dt", {}, name), h("dd", {}, value, note ? h("span", { class: "muted" }, note) : null)),
  );
}

function showFlow() {
  const place = $("flow");
  const drawn = flow(view.accounts, view.transfers, place.clientWidth - 2);
  place.replaceChildren(drawn);
}

function showRequests() {
  const filter = document.querySelector("[name=filter]:checked").value;
  keep($("requests"), view.requests.filter(FILTERS[filter]), (one) => one.number, request);
}

function showAbout({ paths, operations, faults }) {
  keep(
    $("addresses"),
    Object.values(paths),
    (path) => path,
    (path) => {
      const url = location.origin + path;
      return h(
        "div",
        {},
        h("dt", {}, path),
        h(
          "dd",
          {},
          h("code", {}, url),
          h(
            "button",
            { type: "button", class: "small", "data-copy": url, "aria-label": `Copy the address of ${path}` },
            "Copy",
          ),
        ),
      );
    },
  );
  if ($("fault-kind").length) return;
  $("fault-kind").append(...Object.keys(faults).map((kind) => h("option", { value: kind }, sentence(kind))));
  $("fault-operation").append(...operations.map((name) => h("option", { value: name }, name)));
  showFaultFields();
}

/** The fields that a kind of fault has are those that its explanation mentions. */
function showFaultFields() {
  const explanation = view.about.faults[$("fault-kind").value];
  $("fault-what").textContent = sentence(explanation.replaceAll("`", ""));
  for (const name of ["seconds", "status", "retry_after"]) {
    const input = $("fault-form").elements[name];
    input.disabled = input.parentElement.hidden = !explanation.includes(`\`${name}\``);
  }
}

const SHOW = {
  about: () => showAbout(view.about),
  clock: () => {
    read = performance.now();
    $("speed").textContent = view.clock.speed ? `runs at ${view.clock.speed}×` : "frozen";
    for (const button of document.querySelectorAll("[data-speed]"))
      button.setAttribute("aria-pressed", Number(button.dataset.speed) === view.clock.speed);
    showClock();
  },
  accounts: () => keep($("accounts"), view.accounts, (one) => one.id, account),
  transfers: () => keep($("transfers"), view.transfers, (one) => one.id, transfer),
  executions: () => keep($("executions"), view.executions, (one) => one.id, execution),
  requests: showRequests,
  faults: () => {
    keep(
      $("faults"),
      view.faults.map((one, index) => ({ ...one, index })),
      (one) => one.index,
      fault,
    );
    $("clear-faults").disabled = !view.faults.length;
  },
  keys: () => keep($("keys"), view.keys, (one) => one.id, key),
};

function connection(kind, text) {
  const place = $("connection");
  if (place.textContent === text) return;
  place.dataset.kind = kind;
  place.textContent = text;
}

function tell(data) {
  connection("complete", "Live");
  announce(view, data);
  Object.assign(view, data);
  for (const name of Object.keys(data)) SHOW[name]?.();
  if (data.accounts || data.transfers) showFlow();
  if (data.accounts || data.transfers || data.requests) showFigures();
  document.body.dataset.ready = "true";
}

const lost = () => connection("failed", "Connection lost, trying again…");

function needToken() {
  connection("failed", "A token is needed");
  if (token.get()) say("That is not the sandbox's token.");
  token.forget();
  $("token-form").hidden = false;
  $("main").hidden = true;
  $("token").focus();
  return new Promise((resolve) => {
    $("token-form").addEventListener(
      "submit",
      (event) => {
        event.preventDefault();
        token.set($("token").value);
        $("token").value = "";
        $("token-form").hidden = true;
        $("main").hidden = false;
        $("main").focus();
        say("");
        resolve();
      },
      { once: true },
    );
  });
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    news.add("Copied");
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  } catch {
    getSelection().selectAllChildren(button.previousElementSibling);
    say("The browser does not let this page copy; the text is selected.");
  }
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.dataset.copy) copy(button);
  else if (button?.dataset.advance) ask("POST", "advance", { seconds: Number(button.dataset.advance) });
  else if (button?.dataset.speed) ask("PUT", "clock", { speed: Number(button.dataset.speed) });
});

$("fault-kind").addEventListener("change", showFaultFields);
$("fault-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = Object.fromEntries(new FormData(event.target));
  const { kind, operation, ...others } = given;
  const numbers = Object.entries(others)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => [name, Number(value)]);
  const set = { kind, operation: operation || null, ...Object.fromEntries(numbers) };
  if (await ask("POST", "faults", set)) news.add("Fault set");
});
$("clear-faults").addEventListener("click", () => ask("DELETE", "faults"));
$("filter").addEventListener("change", showRequests);
$("reset").addEventListener("click", () => $("reset-dialog").showModal());
$("reset-cancel").addEventListener("click", () => $("reset-dialog").close());
$("reset-confirm").addEventListener("click", async () => {
  $("reset-dialog").close();
  if (await ask("POST", "reset")) news.add("The sandbox was reset");
});

setInterval(() => view.clock?.speed && showClock(), 250);
let width = 0;
new ResizeObserver(([{ contentRect }]) => {
  if (view.accounts && contentRect.width !== width) showFlow();
  width = contentRect.width;
}).observe($("flow"));
follow(tell, lost, needToken);
