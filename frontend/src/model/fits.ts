/** What would break on a cluster, by node. */
import type { Fit } from "@/contract";
import type { CardMark } from "./markedGraph";
import { plural } from "./words";

type Misfit = Fit["problems"][number];

export interface NodeMisfits {
  /** Null for what concerns all objects together. */
  readonly nodeId: string | null;
  readonly problems: readonly Misfit[];
}

/** By node; those with errors first. */
export function misfitsByNode({ problems }: Pick<Fit, "problems">): NodeMisfits[] {
  const byNode = new Map<string | null, Misfit[]>();
  for (const problem of problems) {
    const known = byNode.get(problem.node_id);
    if (known) known.push(problem);
    else byNode.set(problem.node_id, [problem]);
  }
  const hasErrors = ({ problems: some }: NodeMisfits): boolean => some.some(({ level }) => level === "error");
  return [...byNode]
    .map(([nodeId, some]) => ({ nodeId, problems: some }))
    .toSorted((a, b) => Number(hasErrors(b)) - Number(hasErrors(a)));
}

/** "2 errors, 1 warning", and why something is not known. */
export function sayFit({ reason, problems }: Pick<Fit, "reason" | "problems">): string {
  const errors = problems.filter(({ level }) => level === "error").length;
  const warnings = problems.length - errors;
  const said = [errors > 0 && plural(errors, "error"), warnings > 0 && plural(warnings, "warning"), reason];
  return said.filter(Boolean).join(", ") || "nothing found that would break";
}

export function fitMarks(fit: Pick<Fit, "problems">): ReadonlyMap<string, CardMark> {
  const marks = new Map<string, CardMark>();
  for (const { nodeId, problems } of misfitsByNode(fit)) {
    if (nodeId === null) continue;
    const isError = problems.some(({ level }) => level === "error");
    marks.set(nodeId, {
      mark: isError ? "!" : "▲",
      tone: isError ? "bad" : "warn",
      word: isError ? "would break" : plural(problems.length, "warning"),
      gone: false,
    });
  }
  return marks;
}
