/** One thing that is wrong, as the API words it. `field` is a dotted path into what was sent. */
export interface ApiError {
  code: string;
  detail: string;
  severity?: "error" | "warning";
  field: string | null;
  node_ids: string[];
  edge_ids: string[];
}

export interface ProblemDocument {
  status: number;
  code: string;
  title?: string;
  detail: string;
  errors?: ApiError[];
  [extra: string]: unknown;
}

/** A refused or failed request. `code` is stable; `detail` is a sentence for people. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: readonly ApiError[];
  readonly requestId: string | null;
  /** Members of the answer beside the usual ones, e.g. `current` of a stale graph. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(document: ProblemDocument, requestId: string | null = null, cause?: unknown) {
    super(document.detail, { cause });
    this.name = "ApiProblem";
    const { status, code, errors, ...extra } = document;
    this.status = status;
    this.code = code;
    this.errors = errors ?? [];
    this.requestId = requestId;
    this.extra = extra;
  }

  get detail(): string {
    return this.message;
  }

  /** The sentence for one form field, when the server named it. */
  of(field: string): string | undefined {
    return this.errors.find((error) => error.field === field)?.detail;
  }

  /** What no field of `shown` carries; belongs above the form. */
  besides(shown: readonly string[]): string | null {
    const rest = this.errors.filter((error) => !error.field || !shown.includes(error.field));
    if (this.errors.length === 0) return sentence(this.detail);
    return rest.length === 0
      ? null
      : rest.map((error) => sentence(error.field ? `${error.field}: ${error.detail}` : error.detail)).join(" ");
  }

  /** For a folded "Details". */
  describe(): string {
    const lines = [`${this.status} ${this.code}`, this.detail];
    for (const error of this.errors) lines.push(`${error.field ?? "·"}: ${error.detail} (${error.code})`);
    if (this.requestId) lines.push(`request ${this.requestId}`);
    return lines.join("\n");
  }
}

/** The API begins its details in lower case, to be put after a colon; standing alone they are sentences. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (!trimmed) return "";
  const upper = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?:]$/.test(upper) ? upper : `${upper}.`;
}

export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem(
    { status: 0, code: "client.unexpected", detail: error instanceof Error ? error.message : String(error) },
    null,
    error,
  );
}

/** What one can do about it, by family. */
export function cureFor(problem: ApiProblem): string {
  if (problem.status === 0)
    return "Check that the KubeOrch server is running and reachable from this browser, then retry.";
  if (problem.status === 401) return "Sign in again.";
  if (problem.status === 403) return "Ask an administrator of the team for the role this needs.";
  if (problem.status === 404) return "It may have been deleted, or belong to a team you are not in.";
  if (problem.status === 409) return "Reload to see what changed, then try again.";
  if (problem.status === 429) return "Wait a moment, then try again.";
  if (problem.status >= 502 && !problem.requestId) return "The server may be starting or stopped; retry in a moment.";
  if (problem.status >= 500) return "Retry in a moment. If it stays, look for the request id in the server's log.";
  return "Correct the values and try again.";
}

/** An error as the parts an ErrorState shows. */
export function explain(error: unknown): { reason: string; cure: string; details: string } {
  const problem = asProblem(error);
  return { reason: sentence(problem.detail), cure: cureFor(problem), details: problem.describe() };
}
