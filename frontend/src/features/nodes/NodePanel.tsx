import { Ban, CircleCheck, LogOut } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { asProblem } from "@/api";
import type { Cluster, ClusterNodeDetail } from "@/contract";
import { coversSomewhere, covers, roleIn } from "@/model/roles";
import { plural, sentence } from "@/model/words";
import { explain, resourcePath, UsageBar, useSession } from "@/product";
import { Button, ErrorState, Facts, HowLong, SidePanel, SkeletonRows, Tag } from "@/ui";
import { DrainDialog } from "./DrainDialog";
import { DrainProgress } from "./DrainProgress";
import { usedOf } from "./columns";
import { useNode, useNodeActs, useNodes, useNodesUsage } from "./queries";
import { UsageNote } from "./UsageNote";

/** One node: what it has, how it is, what runs on it; cordon, uncordon and drain by right. */
export function NodePanel({ cluster, name, onClose }: { cluster: Cluster; name: string; onClose: () => void }) {
  const query = useNode(cluster.id, name);
  return (
    <SidePanel name="node" title={name} subtitle="Node" onClose={onClose} min={340} max={720} initial={460}>
      {query.isPending ? (
        <SkeletonRows rows={5} />
      ) : query.data ? (
        <Loaded cluster={cluster} node={query.data} />
      ) : (
        <ErrorState
          title="The node could not be loaded"
          {...explain(query.error)}
          onRetry={() => void query.refetch()}
        />
      )}
    </SidePanel>
  );
}

function Loaded({ cluster, node }: { cluster: Cluster; node: ClusterNodeDetail }) {
  const user = useSession().data?.user;
  const mayEdit = cluster.team ? covers(roleIn(user, cluster.team.id), "admin") : coversSomewhere(user, "admin");
  const { cordon, drain, cancel } = useNodeActs(cluster.id, node.name);
  const usage = useNodesUsage(cluster.id);
  const nodes = useNodes(cluster.id).data?.results;
  const takesPods = nodes?.filter((one) => one.name !== node.name && one.ready && !one.unschedulable);
  const others = takesPods?.length ?? null;
  const [asking, setAsking] = useState(false);
  const draining = node.drain?.state === "running";
  const here = new Set(node.running.map((pod) => `${pod.namespace}/${pod.name}`));
  const isThere = (pod: { namespace: string; name: string }) => here.has(`${pod.namespace}/${pod.name}`);
  const failed = cordon.error ?? cancel.error;
  return (
    <div className="flex flex-col gap-5 p-4">
      {mayEdit && (
        <div className="flex flex-wrap gap-2">
          {node.unschedulable ? (
            <Button
              size="sm"
              icon={<CircleCheck size={14} aria-hidden />}
              disabled={draining}
              busy={cordon.isPending}
              onClick={() => cordon.mutate(false)}
            >
              Uncordon
            </Button>
          ) : (
            <Button
              size="sm"
              icon={<Ban size={14} aria-hidden />}
              busy={cordon.isPending}
              onClick={() => cordon.mutate(true)}
            >
              Cordon
            </Button>
          )}
          <Button
            size="sm"
            icon={<LogOut size={14} aria-hidden />}
            disabled={draining}
            onClick={() => {
              drain.reset();
              setAsking(true);
            }}
          >
            Drain…
          </Button>
        </div>
      )}
      {failed && <ErrorState inline title="Nothing was changed" reason={sentence(asProblem(failed).detail)} />}
      {node.drain && (draining || node.unschedulable) && (
        <DrainProgress
          drain={draining ? node.drain : { ...node.drain, pods: node.drain.pods.filter(isThere) }}
          onCancel={mayEdit ? () => cancel.mutate() : undefined}
          canceling={cancel.isPending}
        />
      )}
      <section aria-label="Capacity" className="flex flex-col gap-3">
        {node.amounts
          .filter(({ allocatable }) => allocatable !== null)
          .map(({ name, requested, allocatable }) => (
            <UsageBar
              key={name}
              resource={name}
              used={usedOf(usage.data, node.name, name)}
              requested={requested}
              whole={allocatable}
            />
          ))}
        <p className="text-12 text-muted">
          <UsageNote usage={usage} simulated={cluster.is_sandbox} />
        </p>
      </section>
      <section aria-label="Conditions">
        <h3 className="mb-1.5 text-12 font-medium">Conditions</h3>
        <ul className="flex flex-col gap-1.5 text-12">
          {node.conditions.map((row) => {
            const well = (row.type === "Ready") === (row.status === "True");
            return (
              <li key={row.type} className="min-w-0">
                <span className="flex flex-wrap items-center gap-x-2">
                  <Tag tone={well ? undefined : "bad"}>{row.type}</Tag>
                  <span>{row.status}</span>
                  {row.since && <HowLong from={row.since} className="text-muted" />}
                </span>
                {!well && row.message && <span className="wrap-anywhere text-muted">{row.message}</span>}
              </li>
            );
          })}
        </ul>
      </section>
      {node.taints.length > 0 && (
        <section aria-label="Taints">
          <h3 className="mb-1.5 text-12 font-medium">Taints</h3>
          <div className="flex flex-wrap gap-1.5">
            {node.taints.map(({ key, value, effect }) => (
              <Tag key={key + effect} mono className="max-w-full">
                {key}
                {value && `=${value}`}:{effect}
              </Tag>
            ))}
          </div>
        </section>
      )}
      <Facts
        rows={[
          ["Kubelet", node.version || "–"],
          ["System", [node.os, node.architecture].filter(Boolean).join(" · ") || "–"],
          ["Address", node.address || "–"],
        ]}
      />
      <Pods cluster={cluster} node={node} />
      {asking && (
        <DrainDialog
          node={node}
          others={others}
          busy={drain.isPending}
          error={drain.error}
          onClose={() => setAsking(false)}
          onConfirm={(options) => drain.mutate(options, { onSuccess: () => setAsking(false) })}
        />
      )}
    </div>
  );
}

const SHOWN = 100;

function Pods({ cluster, node }: { cluster: Cluster; node: ClusterNodeDetail }) {
  const { running, pods_unread } = node;
  return (
    <section aria-label="Pods">
      <h3 className="mb-1.5 text-12 font-medium">{plural(running.length, "pod")}</h3>
      {pods_unread && <p className="text-12 text-muted">{sentence(pods_unread)}</p>}
      <ul className="flex flex-col gap-1 text-12">
        {running.slice(0, SHOWN).map((pod) => (
          <li key={`${pod.namespace}/${pod.name}`} className="flex min-w-0 flex-wrap justify-between gap-x-3">
            <Link
              className="min-w-0 truncate font-mono hover:underline"
              to={resourcePath({ clusterId: cluster.id, kind: "Pod", namespace: pod.namespace, name: pod.name })}
            >
              {pod.namespace}/{pod.name}
            </Link>
            <span className="text-muted">{pod.owner ?? "unmanaged"}</span>
          </li>
        ))}
      </ul>
      {running.length > SHOWN && <p className="text-12 text-muted">{running.length - SHOWN} more</p>}
    </section>
  );
}
