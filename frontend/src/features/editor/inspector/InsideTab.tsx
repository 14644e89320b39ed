import { ExternalLink } from "lucide-react";
import { Suspense } from "react";
import { Link } from "react-router";
import type { ResourceAddress } from "@/api";
import type { NodeStatus } from "@/contract";
import { workloadOf } from "@/model/workloads";
import { resourcePath, useInside, useWorkflow } from "@/product";
import { SkeletonRows } from "@/ui";
import { useEditor, useView } from "../state/session";

/** Where the containers of a node are, in the environment that is shown; null where it runs none. */
export function useContainersOfNode(status: NodeStatus | undefined): ResourceAddress | null {
  const { workflowId } = useEditor();
  const environmentId = useView((state) => state.environmentId);
  const workflow = useWorkflow(workflowId);
  const environment = workflow.data?.environments.find(({ id }) => id === environmentId);
  const workload = workloadOf((status?.objects ?? []).filter(({ uid }) => uid !== null));
  if (!environment || !workload) return null;
  const { namespace, name } = workload.ref;
  return { clusterId: environment.cluster.id, kind: workload.kindId, namespace: namespace ?? "", name };
}

/** The logs of the containers of a node, or shells in them. */
export function InsideTab({ address, what }: { address: ResourceAddress; what: "Logs" | "Shells" }) {
  const Part = useInside()?.[what];
  if (!Part) return null;
  const page = `${resourcePath(address)}?tab=logs`;
  return (
    <div className="flex h-full min-h-0 flex-col">
      {what === "Logs" && (
        <Link
          to={page}
          target="_blank"
          className="flex shrink-0 items-center gap-1.5 px-4 py-1.5 text-12 text-accent-text hover:underline"
        >
          On a page of their own
          <ExternalLink size={12} aria-label="opens in a new tab" />
        </Link>
      )}
      <Suspense fallback={<SkeletonRows rows={6} />}>
        <Part key={`${address.clusterId}/${address.namespace}/${address.kind}/${address.name}`} {...address} />
      </Suspense>
    </div>
  );
}
