import { asProblem } from "@/api";
import type { Deletion, KeptObject } from "@/contract";

/** What the server wants to have confirmed before a run deletes it. */
export interface DeletionsAsked {
  readonly deletions: readonly Deletion[];
  readonly kept: readonly (KeptObject & { readonly holds_data?: boolean })[];
  readonly confirmation?: string;
}

/** The question in a refused start of a run; null where it was refused for another reason. */
export function deletionsAsked(error: unknown): DeletionsAsked | null {
  const { code, extra } = asProblem(error);
  if (code !== "run.deletions_unconfirmed") return null;
  const { deletions = [], kept = [], confirmation } = extra as Partial<DeletionsAsked>;
  return { deletions, kept, confirmation };
}
