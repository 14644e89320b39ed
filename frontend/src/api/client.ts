import type { Page } from "@/contract";
import { delayMs, type Backoff } from "@/model/backoff";
import { ApiProblem, type ProblemDocument } from "./problem";

const BASE = "/api/v1/";
const TIMEOUT_MS = 20_000;
const GET_TRIES = 3;
const GET_AGAIN: Backoff = { firstMs: 200, mostMs: 1000, jitter: 0.5 };
const AGAIN_STATUS = new Set([502, 503, 504]);

export type QueryValue = string | number | boolean | null | undefined;
export interface RequestOptions {
  query?: Record<string, QueryValue>;
  body?: unknown;
  signal?: AbortSignal;
  timeoutMs?: number;
}
type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

let signedOut: () => void = () => undefined;
/** Called whenever the server answers that nobody is signed in, until the returned function is called. */
export function onSignedOut(listener: () => void): () => void {
  signedOut = listener;
  return () => {
    signedOut = () => undefined;
  };
}

/**
 * One request to the API; the parsed JSON comes back, undefined for 204.
 * GET is tried three times when the network or a gateway fails. Throws ApiProblem, or AbortError when `signal` fired.
 */
export async function request<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(method, path, options);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

/** The same for answers that are text (YAML files). */
export async function requestText(path: string, options: RequestOptions = {}): Promise<string> {
  return (await send("GET", path, options)).text();
}

/** The same for a file: its content, and the name that the server gives it. */
export async function requestFile(
  path: string,
  options: RequestOptions = {},
): Promise<{ name: string; content: Blob }> {
  const response = await send("GET", path, options);
  const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? "download";
  return { name, content: await response.blob() };
}

export const api = {
  get: <T>(path: string, query?: Record<string, QueryValue>, signal?: AbortSignal) =>
    request<T>("GET", path, { query, signal }),
  post: <T>(path: string, body?: unknown, options?: RequestOptions) =>
    request<T>("POST", path, { ...options, body: body ?? {} }),
  put: <T>(path: string, body: unknown, options?: RequestOptions) => request<T>("PUT", path, { ...options, body }),
  patch: <T>(path: string, body: unknown) => request<T>("PATCH", path, { body }),
  delete: <T = void>(path: string, query?: Record<string, QueryValue>) => request<T>("DELETE", path, { query }),
};

const PAGE_ROWS = 100;
const MOST_PAGES = 20;

/** A list as a whole, page after page; 2,000 rows at most, and `next` tells that there are more. */
export async function everyPage<Row>(path: string, signal?: AbortSignal): Promise<Page<Row>> {
  const results: Row[] = [];
  let next: string | null = null;
  for (let read = 0; read < MOST_PAGES; read += 1) {
    const page: Page<Row> = await api.get(path, { limit: PAGE_ROWS, cursor: next }, signal);
    results.push(...page.results);
    next = page.next;
    if (next === null) break;
  }
  return { results, next };
}

export function urlOf(path: string, query: Record<string, QueryValue> = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null && value !== "") parameters.set(name, String(value));
  const text = parameters.toString();
  return BASE + path + (text ? `?${text}` : "");
}

async function send(
  method: Method,
  path: string,
  { query, body, signal, timeoutMs = TIMEOUT_MS }: RequestOptions,
): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") {
    const token = csrfToken(document.cookie);
    if (token) headers["X-CSRFToken"] = token;
  }
  const tries = method === "GET" ? GET_TRIES : 1;
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt >= tries;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(urlOf(path, query), {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: "same-origin",
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      if (response.ok) return response;
      if (last || !AGAIN_STATUS.has(response.status)) throw await problemOf(response);
    } catch (error) {
      if (error instanceof ApiProblem) {
        if (error.status !== 401 || path.startsWith("auth/")) throw error;
        signedOut();
        throw sessionEnded(error);
      }
      if (signal?.aborted) throw error;
      if (last) throw unreachable(error, timeoutMs);
    }
    await pause(attempt, signal);
  }
}

function pause(attempt: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, delayMs(GET_AGAIN, attempt, Math.random()));
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const requestId = response.headers.get("X-Request-ID");
  try {
    const document = (await response.json()) as ProblemDocument;
    if (typeof document.code === "string" && typeof document.detail === "string")
      return new ApiProblem({ ...document, status: response.status }, requestId);
  } catch {
    // A proxy in between answered with something else.
  }
  return new ApiProblem(
    {
      status: response.status,
      code: "http.unexpected",
      detail: `the server answered ${response.status} ${response.statusText}`,
    },
    requestId,
  );
}

/** The server says how scripts sign in; a person does that on the page, and then tries again. */
function sessionEnded({ code, requestId }: ApiProblem): ApiProblem {
  return new ApiProblem({ status: 401, code, detail: "your session had ended; try again" }, requestId);
}

function unreachable(error: unknown, timeoutMs: number): ApiProblem {
  const late = error instanceof DOMException && error.name === "TimeoutError";
  return new ApiProblem(
    {
      status: 0,
      code: late ? "network.timeout" : "network.unreachable",
      detail: late
        ? `the server did not answer within ${Math.round(timeoutMs / 1000)} s`
        : "the server cannot be reached",
    },
    null,
    error,
  );
}

/** The token Django set beside the session; over TLS its name carries the __Host- prefix. */
export function csrfToken(cookies: string): string | null {
  for (const pair of cookies.split(";")) {
    const [name, ...value] = pair.trim().split("=");
    if (name === "kubeorch_csrf" || name === "__Host-csrf" || name === "csrftoken") return value.join("=");
  }
  return null;
}
