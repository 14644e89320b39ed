import { asProblem } from "@/api";
import type { components } from "@/contract";

/** An object that a run would delete. */
export interface Deletion {
  readonly ref: components["schemas"]["Ref"];
  readonly node_id: string | null;
  /** Deleting it may lose data. */
  readonly holds_data: boolean;
}

/** An object that is no longer drawn and stays in the cluster. */
export interface Kept {
  readonly ref: components["schemas"]["Ref"];
  readonly node_id: string | null;
  readonly reason: string;
}

/** What the server wants to have confirmed before a run deletes it. */
export interface DeletionsAsked {
  readonly deletions: readonly Deletion[];
  readonly kept: readonly Kept[];
}

/** The question in a refused start of a run; null where it was refused for another reason. */
export function deletionsAsked(error: unknown): DeletionsAsked | null {
  const { code, extra } = asProblem(error);
  if (code !== "run.deletions_unconfirmed") return null;
  const { deletions = [], kept = [] } = extra as Partial<DeletionsAsked>;
  return { deletions, kept };
}
