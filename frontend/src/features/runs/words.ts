import type { RunKind, StepAction } from "@/api";

export const KIND_WORD: Record<RunKind, string> = { apply: "Apply", rollback: "Roll back", destroy: "Destroy" };

export const ACTION_WORD: Record<StepAction, string> = {
  apply: "apply",
  replace: "replace",
  delete: "delete",
  keep: "keep",
};
