import { Pencil, RotateCw, Trash2 } from "lucide-react";
import { useNavigate } from "react-router";
import { asProblem } from "@/api";
import { cpuText, endingSoon, EXPIRY_WORDS, labelsText, memoryText } from "@/model/clusters";
import { covers, roleIn } from "@/model/roles";
import { explain, SandboxProgress, StatusGlyph, useSession, type SectionProps } from "@/product";
import { Button, Card, ErrorState, Facts, RelativeTime, Skeleton, Tag, useNow, useUrlState } from "@/ui";
import { ConnectionLog } from "../ConnectionLog";
import { WAYS } from "../connect/ways";
import { DeleteClusterDialog } from "../DeleteClusterDialog";
import { EditDialog } from "../EditDialog";
import { failureOf } from "../failure";
import { HistoryStrip } from "../HistoryStrip";
import { useClusterHistory, useRefreshCluster } from "../queries";
import { DeprecationsCard } from "./DeprecationsCard";
import { PrometheusCard } from "./PrometheusCard";

const HOURS = 24;

/** How a cluster is: whether it answers, what it has, what of its connection ends, and what was done to it. */
export default function OverviewSection({ cluster }: SectionProps) {
  const [url, setUrl] = useUrlState(["edit", "delete"]);
  const navigate = useNavigate();
  const history = useClusterHistory(cluster.id, HOURS);
  const refresh = useRefreshCluster();
  const now = useNow();
  const user = useSession().data?.user;
  const role = roleIn(user, cluster.team?.id);
  const mayTest = cluster.is_sandbox ? Boolean(user) : covers(role, "editor");
  const mayEdit = !cluster.is_sandbox && covers(role, "admin");
  const failure = failureOf(cluster);
  const problem = refresh.error ? asProblem(refresh.error) : null;
  const { size } = cluster;
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-5">
      {cluster.is_sandbox && <SandboxProgress cluster={cluster} />}
      {failure && !cluster.is_sandbox && <ErrorState inline {...failure} />}
      {problem && <ErrorState inline title="It was not refreshed" reason={problem.besides([])} />}
      {endingSoon(cluster, now).map(({ what, at }) => (
        <p key={what} role="status" className="rounded border border-warn/40 bg-warn-soft px-3 py-2 text-13">
          {EXPIRY_WORDS[what]} {Date.parse(at) < now ? "ended" : "ends"} <RelativeTime at={at} className="inline" />
          {what === "server_certificate" ? ". Renew it on the cluster." : ". Replace the credentials before it does."}
        </p>
      ))}
      <div className="grid gap-4 lg:grid-cols-2">
        <Card
          title="Connection"
          actions={
            <div className="flex flex-wrap gap-2">
              {mayTest && (
                <Button
                  size="sm"
                  icon={<RotateCw size={14} aria-hidden />}
                  busy={refresh.isPending}
                  onClick={() => refresh.mutate(cluster.id)}
                >
                  Refresh
                </Button>
              )}
              {mayEdit && (
                <Button size="sm" icon={<Pencil size={14} aria-hidden />} onClick={() => setUrl({ edit: "1" })}>
                  Edit
                </Button>
              )}
            </div>
          }
        >
          <Facts
            rows={[
              ["State", <StatusGlyph key="state" status={cluster.state} word />],
              [
                "Last seen",
                cluster.last_seen_at ? (
                  <span key="seen">
                    <RelativeTime at={cluster.last_seen_at} className="inline" />
                    {cluster.latency_ms !== null && `, answered in ${cluster.latency_ms} ms`}
                  </span>
                ) : (
                  "never"
                ),
              ],
              ["Kubernetes", <code key="version">{cluster.version ?? "–"}</code>],
              [
                "Server",
                <code key="server" className="break-all">
                  {cluster.server || "–"}
                </code>,
              ],
              ["Credentials", cluster.auth ? WAYS[cluster.auth].label : "none"],
              ...cluster.expires.map(
                ({ what, at }) => [EXPIRY_SHORT[what], <RelativeTime key={what} at={at} />] as const,
              ),
              ["Team", cluster.team?.name ?? "everyone"],
              [
                "Labels",
                labelsText(cluster.labels) ? (
                  <span key="labels" className="flex flex-wrap gap-1">
                    {Object.entries(cluster.labels).map(([key, value]) => (
                      <Tag key={key}>{value ? `${key}=${value}` : key}</Tag>
                    ))}
                  </span>
                ) : (
                  "none"
                ),
              ],
            ]}
          />
        </Card>
        <Card title="Size" description="The capacity of its nodes.">
          {size ? (
            <Facts
              rows={[
                [
                  "Nodes",
                  size.ready === size.nodes ? `${size.nodes}, all ready` : `${size.ready} of ${size.nodes} ready`,
                ],
                ["CPU", cpuText(size.cpu_millicores)],
                ["Memory", memoryText(size.memory_bytes)],
                ["Pods", size.pods.toLocaleString("en-US")],
              ]}
            />
          ) : (
            <p className="text-13 text-muted">
              {cluster.last_seen_at
                ? "The credentials of this cluster may not see nodes."
                : "Not known before the cluster has answered."}
            </p>
          )}
        </Card>
      </div>
      {cluster.last_seen_at && <DeprecationsCard cluster={cluster} />}
      {!cluster.is_sandbox && <PrometheusCard cluster={cluster} mayEdit={mayEdit} />}
      <Card title="Last 24 hours" description="It is looked at once a minute.">
        {history.data ? (
          <HistoryStrip history={history.data} />
        ) : history.error ? (
          <ErrorState
            inline
            title="The history could not be loaded"
            {...explain(history.error)}
            onRetry={() => void history.refetch()}
          />
        ) : (
          <Skeleton className="h-12" />
        )}
      </Card>
      {role && (
        <Card title="Log of the connection" padded={false}>
          <ConnectionLog cluster={cluster} />
        </Card>
      )}
      {mayEdit && (
        <div>
          <Button
            tone="danger-ghost"
            size="sm"
            icon={<Trash2 size={14} aria-hidden />}
            onClick={() => setUrl({ delete: "1" })}
          >
            Disconnect cluster
          </Button>
        </div>
      )}
      {url.edit && mayEdit && <EditDialog cluster={cluster} onClose={() => setUrl({ edit: null })} />}
      {url.delete && mayEdit && (
        <DeleteClusterDialog
          cluster={cluster}
          onClose={() => setUrl({ delete: null })}
          onDeleted={() => void navigate("/clusters")}
        />
      )}
    </div>
  );
}

const EXPIRY_SHORT = {
  server_certificate: "Server certificate ends",
  client_certificate: "Client certificate ends",
  token: "Token ends",
} as const;
