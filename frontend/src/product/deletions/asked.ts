import { asProblem } from "@/api";
import type { Deletion, KeptObject } from "@/contract";

/** What the server wants to have confirmed before a run deletes it. */
export interface DeletionsAsked {
  readonly deletions: readonly Deletion[];
  readonly kept: readonly (KeptObject & { readonly holds_data?: boolean })[];
  readonly confirmation?: string;
  /** How many may go without the number being typed. */
  readonly budget?: number;
  /** They are more than that. */
  readonly above?: boolean;
}

/** The question in a refused start of a run; null where it was refused for another reason. */
export function deletionsAsked(error: unknown): DeletionsAsked | null {
  const { code, extra } = asProblem(error);
  if (code !== "run.deletions_unconfirmed") return null;
  const { deletions = [], kept = [], confirmation, budget, above } = extra as Partial<DeletionsAsked>;
  return { deletions, kept, confirmation, budget, above };
}
