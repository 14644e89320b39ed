/** Saving the graph, with every answer of the server put into the terms of the document store. */
import { asProblem, saveGraph, type ApiError } from "@/api";
import type { Problem } from "@/model/checks";
import { documentFromLists, type GraphLists } from "@/model/records";
import { sentence } from "@/model/words";
import type { PutGraph, PutOutcome } from "./state/autosaver";

export function putGraphOf(workflowId: string): PutGraph {
  return async (rev, graph) => {
    try {
      const saved = await saveGraph(workflowId, { rev, ...graph });
      return { type: "saved", rev: saved.rev, problems: saved.problems.map(asGraphProblem) };
    } catch (error) {
      return outcomeOf(error);
    }
  };
}

function outcomeOf(error: unknown): PutOutcome {
  const problem = asProblem(error);
  if (problem.code === "graph.stale") {
    const current = problem.extra.current as
      (GraphLists & { rev: number; updated_by?: { name: string } | null }) | undefined;
    if (current)
      return {
        type: "stale",
        rev: current.rev,
        document: documentFromLists(current),
        by: current.updated_by?.name ?? null,
      };
  }
  const temporary = problem.status === 0 || problem.status === 408 || problem.status === 429 || problem.status >= 500;
  if (temporary) return { type: "unreachable", reason: sentence(problem.detail) };
  return {
    type: "refused",
    reason: sentence(problem.errors[0]?.detail ?? problem.detail),
    problems: problem.errors.map(asGraphProblem),
  };
}

/** A problem as the server tells it, as a sentence. */
export function asGraphProblem(error: ApiError): Problem {
  return {
    code: error.code,
    detail: sentence(error.detail),
    severity: error.severity ?? "error",
    field: error.field ?? null,
    node_ids: error.node_ids ?? [],
    edge_ids: error.edge_ids ?? [],
  };
}
