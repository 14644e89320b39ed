/** Builds and their images in few characters. */
import type { Build, BuildStep } from "@/contract";

/** "3f9ac21", as git shortens it; "" while it is not known. */
export const shortCommit = ({ commit }: Pick<Build, "commit">): string => commit?.slice(0, 7) ?? "";

/** "sha256:3f9ac21b04de". */
export const shortDigest = (digest: string): string => {
  const [algorithm = "", value = ""] = digest.split(":");
  return `${algorithm}:${value.slice(0, 12)}`;
};

export const isBuilding = ({ ended_at }: Pick<Build, "ended_at">): boolean => ended_at === null;

export type StepState = "pending" | "running" | "cached" | "failed" | "done";

export function stateOfStep(step: BuildStep): StepState {
  if (step.error) return "failed";
  if (step.cached) return "cached";
  if (step.ended_at) return "done";
  return step.started_at ? "running" : "pending";
}
