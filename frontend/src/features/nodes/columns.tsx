import { Server } from "lucide-react";
import type { ClusterNode, NodesUsage } from "@/contract";
import { sayAmount } from "@/model/amounts";
import { StatusGlyph, UsageTrack } from "@/product";
import { RelativeTime, Tag, type LocalColumn } from "@/ui";

/** `usage` is what the nodes use, once that is known. */
export const columnsOf = (usage: NodesUsage | undefined): readonly LocalColumn<ClusterNode>[] => [
  {
    id: "name",
    by: ({ name }) => name,
    header: "Node",
    width: "minmax(180px, 2fr)",
    cell: ({ name, roles }) => (
      <span className="flex min-w-0 items-center gap-2">
        <Server size={16} strokeWidth={1.5} className="shrink-0 text-muted" aria-hidden />
        <span className="min-w-0 truncate font-mono text-12 font-medium">{name}</span>
        {roles.map((role) => (
          <Tag key={role}>{role}</Tag>
        ))}
      </span>
    ),
  },
  {
    id: "state",
    by: (node) => stateOf(node).word,
    header: "State",
    width: "minmax(140px, 1fr)",
    cell: (node) => {
      const { health, word } = stateOf(node);
      return <StatusGlyph status={health} word={word} />;
    },
  },
  ...(["cpu", "memory", "pods"] as const).map((resource): LocalColumn<ClusterNode> => ({
    id: resource,
    by: (node) => shareOf(node, resource) ?? -1,
    header: { cpu: "CPU", memory: "Memory", pods: "Pods" }[resource],
    from: { cpu: 560, memory: 760, pods: 480 }[resource],
    width: resource === "pods" ? "minmax(120px, 0.7fr)" : "minmax(180px, 1.3fr)",
    cell: (node) => <Taken node={node} resource={resource} used={usedOf(usage, node.name, resource)} />,
  })),
  {
    id: "version",
    by: ({ version }) => version,
    header: "Kubelet",
    from: 860,
    width: "100px",
    cell: ({ version }) => <span className="font-mono text-12 text-muted">{version || "–"}</span>,
  },
  {
    id: "age",
    by: ({ created_at }) => created_at ?? "",
    header: "Created",
    from: 980,
    width: "110px",
    cell: ({ created_at }) => (created_at ? <RelativeTime at={created_at} /> : "–"),
  },
];

/** The worst that is to be said of it. */
export function stateOf(node: ClusterNode): { health: "healthy" | "degraded" | "suspended" | "unknown"; word: string } {
  const pressed = node.conditions.filter((row) => row.type.endsWith("Pressure") && row.status === "True");
  if (node.ready === null) return { health: "unknown", word: "Not reporting" };
  if (!node.ready) return { health: "degraded", word: "Not ready" };
  if (pressed.length > 0) return { health: "degraded", word: pressed.map((row) => row.type).join(", ") };
  if (node.drain?.state === "running") return { health: "suspended", word: "Draining" };
  if (node.unschedulable) return { health: "suspended", word: "Cordoned" };
  return { health: "healthy", word: "Ready" };
}

function shareOf(node: ClusterNode, resource: string): number | null {
  const found = node.amounts.find(({ name }) => name === resource);
  if (!found || found.requested === null || !found.allocatable) return null;
  return found.requested / found.allocatable;
}

/** What a node uses of a resource; null where nobody has measured it. */
export function usedOf(usage: NodesUsage | undefined, node: string, resource: string): number | null {
  if (resource !== "cpu" && resource !== "memory") return null;
  return usage?.results.find(({ name }) => name === node)?.[resource] ?? null;
}

function Taken({ node, resource, used }: { node: ClusterNode; resource: string; used: number | null }) {
  const found = node.amounts.find(({ name }) => name === resource);
  if (!found?.allocatable) return <span className="text-muted">–</span>;
  const { requested, allocatable } = found;
  const asked = requested === null ? "?" : sayAmount(resource, requested);
  const words = `${asked} of ${sayAmount(resource, allocatable)}${resource === "pods" ? "" : " requested"}`;
  return (
    <span className="flex w-full min-w-0 flex-col gap-1 pr-3 text-12 tabular-nums">
      <span className="truncate" title={words}>
        {used !== null && <span className="font-medium">{sayAmount(resource, used)} used · </span>}
        <span className={used === null ? "" : "text-muted"}>{words}</span>
      </span>
      <UsageTrack label={`${resource} of ${node.name}`} used={used} requested={requested} whole={allocatable} />
    </span>
  );
}
