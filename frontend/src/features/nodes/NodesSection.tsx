import { Server } from "lucide-react";
import { useMemo } from "react";
import { asProblem } from "@/api";
import { explain, type SectionProps } from "@/product";
import { EmptyState, ErrorState, LocalTable, SkeletonRows, useUrlState } from "@/ui";
import { columnsOf } from "./columns";
import { NodePanel } from "./NodePanel";
import { useNodes, useNodesUsage } from "./queries";
import { UsageNote } from "./UsageNote";

/** The machines of a cluster: how they are, how full they are, and what is done with them. */
export default function NodesSection({ cluster }: SectionProps) {
  const [url, setUrl] = useUrlState(["node"]);
  const nodes = useNodes(cluster.id);
  const usage = useNodesUsage(cluster.id);
  const columns = useMemo(() => columnsOf(usage.data), [usage.data]);
  if (nodes.isPending) return <SkeletonRows rows={6} />;
  if (!nodes.data && asProblem(nodes.error).code === "cluster.of_owner")
    return (
      <EmptyState
        icon={<Server size={20} strokeWidth={1.5} aria-hidden />}
        title={`The nodes are for ${cluster.team?.name ?? "the team that owns the cluster"}`}
      >
        You see the namespaces that are shared with you.
      </EmptyState>
    );
  if (!nodes.data)
    return (
      <ErrorState
        title="The nodes could not be loaded"
        {...explain(nodes.error)}
        onRetry={() => void nodes.refetch()}
      />
    );
  const { results, pods_unread } = nodes.data;
  const chosen = results.find(({ name }) => name === url.node);
  return (
    <div className="flex min-h-0 flex-1 bg-surface">
      <div className="flex min-w-0 flex-1 flex-col overflow-y-auto">
        {results.length === 0 ? (
          <EmptyState icon={<Server size={20} strokeWidth={1.5} aria-hidden />} title="No nodes">
            Nothing can run in this cluster until a node joins it.
          </EmptyState>
        ) : (
          <LocalTable
            name="nodes"
            label="Nodes"
            noun={["node", "nodes"]}
            className="h-full"
            rows={results}
            columns={columns}
            rowHeight={52}
            rowKey={({ name }) => name}
            texts={({ name, roles, version, taints }) => [name, ...roles, version, ...taints.map(({ key }) => key)]}
            defaultSort="name"
            activeKey={chosen?.name}
            onOpen={({ name }) => setUrl({ node: name === url.node ? null : name })}
            footnote={
              <>
                <UsageNote usage={usage} simulated={cluster.is_sandbox} />
                {pods_unread && ` Requests are not all known: ${pods_unread}`}
              </>
            }
          />
        )}
      </div>
      {chosen && (
        <NodePanel key={chosen.name} cluster={cluster} name={chosen.name} onClose={() => setUrl({ node: null })} />
      )}
    </div>
  );
}
