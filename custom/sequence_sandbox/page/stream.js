// What the sandbox tells of itself, for as long as somebody looks: server-sent events, read with fetch, since an EventSource
// cannot send a token but in its URL.

import { ask } from "./control.js";

const QUIET = 15_000; // the sandbox says something every 5 seconds
const SHORTEST = 250;
const LONGEST = 5_000;

export class TokenNeeded extends Error {}

/** Events of a response, as what their data is. */
async function* events(response, spoke) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    spoke();
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const data = block.split("\n").filter((line) => line.startsWith("data: "));
      if (data.length) yield JSON.parse(data.map((line) => line.slice(6)).join("\n"));
    }
  }
}

const until = (target, name, holds) =>
  new Promise((resolve) => {
    const look = () => holds() && (target.removeEventListener(name, look), resolve());
    target.addEventListener(name, look);
    look();
  });

/** One connection, until it ends. A page that nobody sees gives its own up: a browser has six for all pages of a sandbox. */
async function connect(tell) {
  const leaving = new AbortController();
  const leave = () => document.hidden && leaving.abort();
  let quiet;
  const spoke = () => {
    clearTimeout(quiet);
    quiet = setTimeout(() => leaving.abort(), QUIET);
  };
  document.addEventListener("visibilitychange", leave);
  spoke();
  try {
    const response = await ask("events", { signal: leaving.signal });
    if (response.status === 401) throw new TokenNeeded();
    if (!response.ok) throw new Error(`The sandbox responded with ${response.status}.`);
    for await (const data of events(response, spoke)) tell(data);
  } finally {
    clearTimeout(quiet);
    document.removeEventListener("visibilitychange", leave);
    leaving.abort();
  }
}

/**
 * Follow the sandbox for ever.
 *
 * `tell` gets what is there to see, or parts of it; `lost` hears that a connection ended; `needToken` waits for another token.
 */
export async function follow(tell, lost, needToken) {
  let wait = SHORTEST;
  for (;;) {
    await until(document, "visibilitychange", () => !document.hidden);
    try {
      await connect((data) => {
        wait = SHORTEST;
        tell(data);
      });
    } catch (error) {
      if (error instanceof TokenNeeded) {
        await needToken();
        continue;
      }
    }
    if (document.hidden) continue;
    lost();
    await new Promise((resolve) => setTimeout(resolve, wait * (0.75 + Math.random() / 2)));
    wait = Math.min(LONGEST, wait * 2);
  }
}
