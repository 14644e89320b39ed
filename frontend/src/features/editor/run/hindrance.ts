import type { Cluster, Environment } from "@/contract";
import { plural } from "@/model/words";

export interface RunFacts {
  readonly readOnly: boolean;
  readonly environment: Environment | undefined;
  /** The cluster of the environment as it is now; undefined while it is not known. */
  readonly cluster: Pick<Cluster, "name" | "state" | "progress"> | undefined;
  readonly empty: boolean;
  /** Somebody else saved first, and nothing was chosen yet. */
  readonly stale: boolean;
  readonly errors: number;
}

/** Why a run cannot start, with what to do about it; null when it can. */
export function runHindrance({ readOnly, environment, cluster, empty, stale, errors }: RunFacts): string | null {
  if (readOnly) return "This workflow is read-only for you.";
  if (!environment) return "Choose an environment first.";
  if (empty)
    return environment.deployed
      ? `Nothing is drawn. To delete what runs in ${environment.name}, undeploy it in the settings of the environment.`
      : "Add a node first.";
  if (stale) return "Choose which edits to keep first.";
  if (errors > 0) return `Fix ${plural(errors, "error")} first.`;
  return clusterHindrance(cluster ?? { ...environment.cluster, progress: null });
}

function clusterHindrance({ name, state, progress }: NonNullable<RunFacts["cluster"]>): string | null {
  switch (state) {
    case "ready":
      return null;
    case "failed":
      return `The cluster ${name} cannot be reached. Check its connection under Clusters.`;
    case "pending":
    case "connecting":
      return `The cluster ${name} is still starting${stepOf(progress)}. You can run as soon as it is ready.`;
  }
}

function stepOf(progress: Cluster["progress"]): string {
  return progress && progress.steps > 1 ? ` (step ${progress.step} of ${progress.steps})` : "";
}
