/** Kinds whose objects run containers, or lead to pods that do. */

/** Kinds with logs, as the address of an object names them. */
export const WITH_LOGS: ReadonlySet<string> = new Set([
  ...["Deployment.apps", "StatefulSet.apps", "DaemonSet.apps", "Job.batch", "CronJob.batch"],
  ...["ReplicaSet.apps", "ReplicationController", "Pod", "Service"],
]);

interface Placed {
  readonly ref: {
    readonly api_version: string;
    readonly kind: string;
    readonly namespace: string | null;
    readonly name: string;
  };
}

const idOf = ({ ref }: Placed): string => {
  const [group] = ref.api_version.includes("/") ? ref.api_version.split("/") : [""];
  return group ? `${ref.kind}.${group}` : ref.kind;
};

/** The object whose containers a node runs: a workload before a pod of it. A Service runs none of its own. */
export function workloadOf<T extends Placed>(objects: readonly T[]): (T & { readonly kindId: string }) | null {
  for (const kind of WITH_LOGS) {
    const found = kind === "Service" ? undefined : objects.find((object) => idOf(object) === kind);
    if (found) return { ...found, kindId: kind };
  }
  return null;
}
