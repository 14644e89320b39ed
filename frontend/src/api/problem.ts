import { sentence } from "@/model/words";

/** One error as the API describes it. `field` is a dotted path in the request. */
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

  /** The errors that none of the fields `shown` displays, to be shown above the form. */
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

export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem(
    { status: 0, code: "client.unexpected", detail: error instanceof Error ? error.message : String(error) },
    null,
    error,
  );
}
