// The service: JSON out, JSON back, and its problems (RFC 9457) as errors.

const KEY = "slotwise-key";

/** What the service refused, or could not do. */
export class Problem extends Error {
  constructor({ status = 0, title, detail = "", code = "", errors = [] }) {
    super(detail || title);
    Object.assign(this, { status, title, detail, code, errors });
  }

  get wantsKey() {
    return this.status === 401 || this.status === 403;
  }
}

/** The API key: kept until the tab is closed, and sent with every request. */
export function storedKey() {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

let key = storedKey();

export function keepKey(given) {
  key = given.trim();
  try {
    if (key) sessionStorage.setItem(KEY, key);
    else sessionStorage.removeItem(KEY);
  } catch {
    // it lives as long as the page
  }
}

async function ask(path, { body, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["X-API-Key"] = key;
  let response;
  let answer;
  try {
    const method = body === undefined ? "GET" : "POST";
    response = await fetch(path, { method, headers, body: JSON.stringify(body), signal });
    answer = await response.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ title: "No answer", detail: "The service cannot be reached." });
  }
  const value = parsed(answer);
  if (response.ok && value !== null) return value;
  throw new Problem({ title: response.statusText || `Status ${response.status}`, ...value, status: response.status });
}

function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

export const describeModel = () => ask("v1/model");
export const sendCorrection = (correction) => ask("v1/corrections", { body: correction });

/** The answer, and how long it took, in milliseconds. */
export async function parse(request, signal) {
  const started = performance.now();
  const answer = await ask("v1/parse", { body: request, signal });
  return { answer, milliseconds: performance.now() - started };
}
