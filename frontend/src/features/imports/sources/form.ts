import type { ApiProblem } from "@/api";
import type { ImportSource } from "@/contract";

/** What the form of a source is given. It draws its own fields, and `SubmitRow` at its end. */
export interface SourceFormProps {
  /** Undefined for members of one team. */
  readonly team: string | undefined;
  readonly isBusy: boolean;
  /** Why the server did not take the source: `error.of("source.url")` for one field. */
  readonly error: ApiProblem | null;
  readonly onSubmit: (source: ImportSource, more?: Submitted) => void;
}

interface Submitted {
  /** Of the import; without it, the server finds one in the source. */
  readonly name?: string;
  /** The import exists. */
  readonly onMade?: (importId: string) => void;
}
