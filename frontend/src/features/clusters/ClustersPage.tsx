import { Box, Download, Plug, Plus, Trash2 } from "lucide-react";
import { useMemo } from "react";
import { asProblem, fetchKubeconfig } from "@/api";
import type { Cluster } from "@/contract";
import { clusterError } from "@/model/clusters";
import { covers } from "@/model/roles";
import { sentence } from "@/model/words";
import { explain, StatusGlyph, useClusters, useSession } from "@/product";
import {
  Button,
  Card,
  CodeView,
  EmptyState,
  ErrorState,
  Facts,
  ListHeader,
  RelativeTime,
  saveFile,
  SidePanel,
  SkeletonRows,
  Table,
  Tag,
  toast,
  useCommands,
  useCrumbs,
  useUrlState,
  type Column,
} from "@/ui";
import { ConnectDialog } from "./ConnectDialog";
import { DeleteClusterDialog } from "./DeleteClusterDialog";
import { useTestCluster } from "./queries";
import { progressWord, SandboxProgress } from "./SandboxProgress";

const COLUMNS: readonly Column<Cluster>[] = [
  {
    id: "name",
    header: "Name",
    width: "minmax(200px, 2fr)",
    cell: (cluster) => (
      <span className="flex min-w-0 items-center gap-2">
        <Box size={16} strokeWidth={1.5} className="shrink-0 text-muted" aria-hidden />
        <span className="min-w-0 truncate font-mono text-12 font-medium">{cluster.name}</span>
        {cluster.is_sandbox && <Tag>this machine</Tag>}
        {cluster.shared && !cluster.is_sandbox && <Tag>shared</Tag>}
      </span>
    ),
  },
  {
    id: "state",
    header: "State",
    width: "minmax(150px, 1fr)",
    cell: (cluster) => (
      <StatusGlyph
        status={cluster.state}
        word={cluster.is_sandbox ? progressWord(cluster) : true}
        reason={clusterError(cluster) ?? undefined}
      />
    ),
  },
  {
    id: "version",
    header: "Kubernetes",
    from: 620,
    width: "120px",
    cell: (cluster) => <span className="font-mono text-12 text-muted">{cluster.version || "–"}</span>,
  },
  {
    id: "server",
    header: "Server",
    from: 820,
    width: "minmax(180px, 2fr)",
    cell: (cluster) => <span className="truncate font-mono text-12 text-muted">{cluster.server || "–"}</span>,
  },
  {
    id: "team",
    header: "Team",
    from: 980,
    width: "140px",
    cell: (cluster) => <span className="truncate text-muted">{cluster.team?.name ?? "everybody"}</span>,
  },
  {
    id: "checked",
    header: "Checked",
    from: 700,
    width: "120px",
    cell: (cluster) => <RelativeTime at={cluster.last_checked_at} className="text-12 text-muted" />,
  },
];

export default function ClustersPage() {
  useCrumbs({ label: "Clusters" });
  const [url, setUrl] = useUrlState(["cluster", "connect", "delete"]);
  const { clusters, isPending, error, refetch } = useClusters();
  const user = useSession().data?.user;
  const mayConnect = user?.teams.some((team) => covers(team.role, "admin")) ?? false;
  const chosen = clusters?.find((cluster) => cluster.id === url.cluster);
  const doomed = clusters?.find((cluster) => cluster.id === url.delete);
  const sandbox = clusters?.find((cluster) => cluster.is_sandbox);
  useCommands(
    useMemo(
      () =>
        mayConnect
          ? [
              {
                name: "cluster.connect",
                group: "On this page",
                label: "Connect a cluster",
                keys: "c",
                icon: <Plug size={16} strokeWidth={1.5} aria-hidden />,
                perform: () => setUrl({ connect: "1" }),
              },
            ]
          : [],
      [mayConnect, setUrl],
    ),
  );
  const connect = mayConnect && (
    <Button tone="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setUrl({ connect: "1" })}>
      Connect cluster
    </Button>
  );
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        <ListHeader title="Clusters" actions={connect} />
        {sandbox && sandbox.state !== "ready" && (
          <div className="border-b border-line p-5">
            <Card
              title={sandbox.state === "failed" ? "The sandbox did not start" : "The sandbox is coming up"}
              description="A real Kubernetes control plane on this machine, built once and kept. You can draw meanwhile."
            >
              <SandboxProgress cluster={sandbox} />
            </Card>
          </div>
        )}
        <div className="flex min-h-0 flex-1 flex-col bg-surface">
          {isPending ? (
            <SkeletonRows rows={3} />
          ) : error || !clusters ? (
            <ErrorState title="Clusters could not be loaded" {...explain(error)} onRetry={() => void refetch()} />
          ) : clusters.length === 0 ? (
            <EmptyState
              icon={<Box size={20} strokeWidth={1.5} aria-hidden />}
              title="No cluster is connected"
              action={connect}
            >
              A cluster is where workflows run. Connect your own with its kubeconfig; the sandbox is switched off here.
            </EmptyState>
          ) : (
            <Table
              label="Clusters"
              rows={clusters}
              columns={COLUMNS}
              rowKey={(cluster) => cluster.id}
              activeKey={chosen?.id}
              onOpen={(cluster) => setUrl({ cluster: cluster.id === url.cluster ? null : cluster.id })}
              footer={
                <span className="tnum">
                  {clusters.length} {clusters.length === 1 ? "cluster" : "clusters"}, live
                </span>
              }
            />
          )}
        </div>
      </div>
      {chosen && (
        <ClusterPanel
          key={chosen.id}
          cluster={chosen}
          onClose={() => setUrl({ cluster: null })}
          onDelete={() => setUrl({ delete: chosen.id })}
        />
      )}
      {url.connect && mayConnect && (
        <ConnectDialog
          onClose={() => setUrl({ connect: null })}
          onConnected={(cluster) => setUrl({ connect: null, cluster: cluster.id })}
        />
      )}
      {doomed && (
        <DeleteClusterDialog
          cluster={doomed}
          onClose={() => setUrl({ delete: null })}
          onDeleted={() => setUrl({ delete: null, cluster: null })}
        />
      )}
    </div>
  );
}

function ClusterPanel({ cluster, onClose, onDelete }: { cluster: Cluster; onClose: () => void; onDelete: () => void }) {
  const test = useTestCluster();
  const user = useSession().data?.user;
  const role = user?.teams.find((team) => team.id === cluster.team?.id)?.role;
  const mayTest = cluster.is_sandbox ? Boolean(user) : covers(role, "editor") || Boolean(user?.is_admin);
  const mayDelete = !cluster.is_sandbox && (covers(role, "admin") || Boolean(user?.is_admin));
  const problem = test.error ? asProblem(test.error) : null;
  const failure = clusterError(cluster);
  const download = () =>
    fetchKubeconfig(cluster.id).then(
      (text) => saveFile(`${cluster.name}.kubeconfig`, text),
      (error: unknown) =>
        toast({ tone: "bad", title: "The kubeconfig was not read", detail: sentence(asProblem(error).detail) }),
    );
  return (
    <SidePanel
      name="cluster"
      title={cluster.name}
      subtitle={cluster.is_sandbox ? "Control plane on this machine" : cluster.server}
      onClose={onClose}
    >
      <div className="flex flex-col gap-5 p-4">
        <div className="flex items-center justify-between gap-3">
          <StatusGlyph status={cluster.state} word={cluster.is_sandbox ? progressWord(cluster) : true} />
          {mayTest && (
            <Button
              size="sm"
              icon={<Plug size={14} aria-hidden />}
              busy={test.isPending}
              onClick={() => test.mutate(cluster.id)}
            >
              Test connection
            </Button>
          )}
        </div>
        {cluster.is_sandbox ? (
          <SandboxProgress cluster={cluster} />
        ) : (
          cluster.state === "failed" &&
          failure &&
          !problem && <ErrorState inline title="This cluster does not answer" reason={sentence(failure)} />
        )}
        {problem && (
          <ErrorState inline title="The test failed" reason={problem.besides([])} details={problem.describe()} />
        )}
        {test.data && !problem && test.data.state === "ready" && (
          <p className="text-13 text-ok">It answers{test.data.version ? `: Kubernetes ${test.data.version}` : ""}.</p>
        )}
        <Facts
          rows={[
            [
              "Kubernetes",
              <span key="version" className="font-mono text-12">
                {cluster.version || "–"}
              </span>,
            ],
            [
              "Server",
              <span key="server" className="font-mono text-12 break-all">
                {cluster.server || "–"}
              </span>,
            ],
            ["Team", cluster.team?.name ?? "everybody"],
            ["Checked", <RelativeTime key="checked" at={cluster.last_checked_at} />],
            ["Added", <RelativeTime key="added" at={cluster.created_at} />],
          ]}
        />
        {cluster.is_sandbox && cluster.state === "ready" && (
          <section className="flex flex-col gap-2">
            <h3 className="text-12 font-medium">Use it with kubectl</h3>
            <CodeView label="Command" code="kubectl --kubeconfig .data/sandbox/kubeconfig get all -A" wrap />
            <p className="text-12 text-muted">
              The file lies in DATA_DIR (.data unless set otherwise). It gives full rights on the sandbox.
            </p>
            {user?.is_admin && (
              <Button
                size="sm"
                className="self-start"
                icon={<Download size={14} aria-hidden />}
                onClick={() => void download()}
              >
                Download the kubeconfig
              </Button>
            )}
          </section>
        )}
        {mayDelete && (
          <div className="border-t border-line pt-4">
            <Button tone="danger-ghost" size="sm" icon={<Trash2 size={14} aria-hidden />} onClick={onDelete}>
              Disconnect this cluster
            </Button>
          </div>
        )}
      </div>
    </SidePanel>
  );
}
