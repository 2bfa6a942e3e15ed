// The diagram: accounts in columns, and the money between them.

import { svg } from "./dom.js";
import { end, money, plural, state } from "./format.js";

const [WIDTH, ROW, GAP, MARGIN] = [196, 30, 14, 6];
const OUTSIDE = { id: "outside", name: "Outside Sequence", type: "outside", balance: "none" };
const column = (account) => (account.is_liability ? 2 : account.type === "pod" ? 1 : 0);
const cut = (text, length) => ([...text].length > length ? `${[...text].slice(0, length - 1).join("")}…` : text);

/** What flows from one account to another in one state, all transfers together. */
function sum(transfers) {
  const edges = new Map();
  for (const one of transfers) {
    if (one.is_simulated) continue;
    const [from, to, is] = [one.source?.id ?? OUTSIDE.id, one.destination?.id ?? OUTSIDE.id, state(one)];
    const key = `${from} ${to} ${is}`;
    const edge = edges.get(key) ?? { from, to, is, cents: 0, count: 0, names: [end(one.source), end(one.destination)] };
    edge.cents += one.amount_in_cents;
    edge.count += 1;
    edges.set(key, edge);
  }
  return [...edges.values()];
}

/** Accounts that money moves between come first; of very many, the others are left out. */
function choose(accounts, edges) {
  const moved = new Set(edges.flatMap((edge) => [edge.from, edge.to]));
  const all = moved.has(OUTSIDE.id) ? [...accounts, OUTSIDE] : accounts;
  const [active, idle] = [
    all.filter((one) => moved.has(one.id)),
    all.filter((one) => !moved.has(one.id) && !one.is_deleted),
  ];
  return [...active, ...idle.slice(0, Math.max(0, 12 - active.length))].map((account) => ({
    account,
    idle: !moved.has(account.id),
    column: column(account),
    sides: { left: [], right: [] },
  }));
}

function arrange(nodes, edges, width) {
  const byId = new Map(nodes.map((node) => [node.account.id, node]));
  const drawn = edges.filter((edge) => byId.has(edge.from) && byId.has(edge.to));
  for (const edge of drawn) {
    const [from, to] = [byId.get(edge.from), byId.get(edge.to)];
    edge.leaves = from.column > to.column ? "left" : "right";
    edge.enters = from.column < to.column ? "left" : "right";
    from.sides[edge.leaves].push({ edge, role: "start", other: to });
    to.sides[edge.enters].push({ edge, role: "stop", other: from });
  }
  const columns = [0, 1, 2].map((index) => nodes.filter((node) => node.column === index));
  for (const node of nodes)
    node.height = Math.max(52, ROW * (Math.max(node.sides.left.length, node.sides.right.length) + 1));
  const tall = (list) => list.reduce((total, node) => total + node.height + GAP, -GAP);
  const height = Math.max(120, ...columns.map(tall)) + 2 * MARGIN;
  columns.forEach((list, index) => {
    let y = (height - tall(list)) / 2;
    for (const node of list) {
      node.x = MARGIN + (index * (width - 2 * MARGIN - WIDTH)) / 2;
      node.y = y;
      y += node.height + GAP;
    }
  });
  for (const node of nodes) {
    for (const [side, ports] of Object.entries(node.sides)) {
      ports.sort((one, two) => one.other.y - two.other.y || one.edge.is.localeCompare(two.edge.is));
      ports.forEach(({ edge, role }, index) => {
        edge[role] = {
          x: node.x + (side === "right" ? WIDTH : 0),
          y: node.y + (node.height * (index + 1)) / (ports.length + 1),
        };
      });
    }
  }
  return { drawn, height };
}

function draw(edge, most, labels) {
  const { start, stop } = edge;
  const [out, into] = [edge.leaves === "right" ? 1 : -1, edge.enters === "right" ? 1 : -1];
  const bend = Math.max(60, Math.abs(stop.x - start.x) / 2.2);
  const tip = stop.x + into * 12;
  const path = `M${start.x} ${start.y}C${start.x + out * bend} ${start.y} ${tip + into * bend} ${stop.y} ${tip} ${stop.y}`;
  const thickness = edge.is === "failed" ? 2 : 2 + 13 * Math.sqrt(edge.cents / most);
  const half = Math.max(6, thickness * 0.85);
  const x = (start.x + 3 * (start.x + out * bend) + 3 * (tip + into * bend) + tip) / 8;
  let y = (start.y + stop.y) / 2;
  while (labels.some((other) => Math.abs(other.x - x) < 130 && Math.abs(other.y - y) < 17)) y += 6;
  labels.push({ x, y });
  const text = {
    complete: `${money(edge.cents)}${edge.count > 1 ? ` in ${edge.count}` : ""}`,
    flight: `● ${money(edge.cents)} in flight`,
    failed: `✕ ${edge.count} failed`,
  }[edge.is];
  return [
    svg("path", { d: path, class: `edge ${edge.is}`, "stroke-width": thickness.toFixed(1) }),
    svg("path", { d: `M${stop.x} ${stop.y}l${into * 13} ${-half}v${2 * half}z`, class: `tip ${edge.is}` }),
    svg(
      "g",
      { class: `label ${edge.is}` },
      svg("rect", { x: x - text.length * 3.6 - 6, y: y - 10, width: text.length * 7.2 + 12, height: 20, rx: 10 }),
      svg("text", { x, y: y + 4, "text-anchor": "middle" }, text),
    ),
  ];
}

function box({ account, idle, x, y, height }) {
  const held =
    account.balance === "known"
      ? money(account.balance_in_cents)
      : account.balance === "unknown"
        ? "Balance unknown"
        : "";
  const middle = y + height / 2;
  return svg(
    "g",
    { class: `node${idle ? " idle" : ""}`, "data-type": account.is_liability ? "liability" : account.type },
    svg("title", {}, account.name),
    svg("rect", { x, y, width: WIDTH, height, rx: 10 }),
    svg("rect", { x, y: y + 10, width: 4, height: height - 20, rx: 2, class: "mark" }),
    svg("text", { x: x + 16, y: held ? middle - 4 : middle + 5, class: "name" }, cut(account.name, 20)),
    svg("text", { x: x + 16, y: middle + 15, class: "held" }, held + (account.is_liability && held ? " owed" : "")),
  );
}

/** The diagram in words, for those who do not see it. */
export function describe(edges) {
  const verbs = { complete: "went", flight: "are in flight", failed: "failed to go" };
  const lines = edges.map(
    ({ is, cents, count, names }) =>
      `${money(cents)} ${verbs[is]} from ${names[0]} to ${names[1]} in ${plural(count, "transfer")}`,
  );
  return lines.length ? `${lines.join("; ")}. The table of transfers has each of them.` : "No money has moved yet.";
}

export function flow(accounts, transfers, available) {
  const edges = sum(transfers);
  const width = Math.max(900, available);
  const nodes = choose(accounts, edges);
  const { drawn, height } = arrange(nodes, edges, width);
  const most = Math.max(1, ...drawn.filter((edge) => edge.is !== "failed").map((edge) => edge.cents));
  const order = { complete: 0, failed: 1, flight: 2 };
  drawn.sort((one, two) => order[one.is] - order[two.is]);
  const labels = [];
  const parts = drawn.map((edge) => draw(edge, most, labels));
  return svg(
    "svg",
    { role: "img", "aria-label": `Money flow. ${describe(edges)}`, width, height, viewBox: `0 0 ${width} ${height}` },
    ...parts.map(([path]) => path),
    ...nodes.map(box),
    ...parts.map(([, tip]) => tip),
    ...parts.map(([, , label]) => label),
  );
}
