// What is asked of the sandbox: below this page's own address, with its token where it has one.

const KEPT = "sequence-sandbox-token";

export const token = {
  get: () => sessionStorage.getItem(KEPT),
  set: (value) => sessionStorage.setItem(KEPT, value),
  forget: () => sessionStorage.removeItem(KEPT),
};

export function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (token.get()) headers.Authorization = `Bearer ${token.get()}`;
  return fetch(path, { cache: "no-store", redirect: "error", ...options, headers });
}

/** Do something, and say what is wrong where the sandbox refuses it. */
export async function act(method, path, body) {
  const json =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  let response;
  try {
    response = await ask(path, { method, ...json });
  } catch {
    throw new Error("The sandbox cannot be reached.");
  }
  if (response.ok) return;
  const refusal = await response.json().catch(() => null);
  throw new Error(refusal?.error?.message ?? `The sandbox responded with ${response.status}.`);
}
