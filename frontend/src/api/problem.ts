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
    const error = this.errors.find((each) => each.field === field);
    return error && sentence(plainly(error));
  }

  /** The errors that none of the fields `shown` displays, to be shown above the form. */
  besides(shown: readonly string[]): string | null {
    const rest = this.errors.filter((error) => !error.field || !shown.includes(error.field));
    if (this.errors.length === 0) return sentence(this.detail);
    return rest.length === 0
      ? null
      : rest.map((error) => sentence(error.field ? `${error.field}: ${plainly(error)}` : error.detail)).join(" ");
  }

  /** For a folded "Details". */
  describe(): string {
    const lines = [`${this.status} ${this.code}`, this.detail];
    for (const error of this.errors) lines.push(`${error.field ?? "·"}: ${error.detail} (${error.code})`);
    if (this.requestId) lines.push(`request ${this.requestId}`);
    return lines.join("\n");
  }
}

/** What a form lacks, in our words: the server's framework writes "This field may not be blank." and the like. */
function plainly({ code, detail }: ApiError): string {
  if (!/^(This field|Ensure this|".*" is not a valid choice)/.test(detail)) return detail;
  const [bound] = /\d[\d,]*/.exec(detail) ?? [];
  switch (code) {
    case "blank":
    case "required":
    case "null":
    case "empty":
      return "enter a value";
    case "max_length":
      return bound ? `use at most ${bound} characters` : detail;
    case "min_length":
      return bound ? `use at least ${bound} characters` : detail;
    case "max_value":
      return bound ? `use ${bound} or less` : detail;
    case "min_value":
      return bound ? `use ${bound} or more` : detail;
    case "invalid_choice":
      return "choose one of the values offered";
    default:
      return detail;
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
