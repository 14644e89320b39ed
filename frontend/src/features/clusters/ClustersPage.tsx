import { Box, Plug, Plus } from "lucide-react";
import { useMemo } from "react";
import { coversSomewhere } from "@/model/roles";
import { saySandbox } from "@/model/sandbox";
import { explain, SandboxProgress, useClusters, useSession } from "@/product";
import { useIsLive } from "@/realtime";
import {
  Button,
  Card,
  EmptyState,
  ErrorState,
  ListHeader,
  LocalTable,
  SkeletonRows,
  useCommands,
  useCrumbs,
  useUrlState,
} from "@/ui";
import { ClusterPanel } from "./ClusterPanel";
import { COLUMNS } from "./columns";
import { ConnectDialog } from "./ConnectDialog";
import { DeleteClusterDialog } from "./DeleteClusterDialog";
import { EditDialog } from "./EditDialog";
import { ShareDialog } from "./ShareDialog";

export default function ClustersPage() {
  useCrumbs({ label: "Clusters" });
  const [url, setUrl] = useUrlState(["cluster", "connect", "edit", "share", "delete"]);
  const { clusters, isPending, error, refetch } = useClusters();
  const isLive = useIsLive();
  const user = useSession().data?.user;
  const mayConnect = coversSomewhere(user, "admin");
  const chosen = clusters?.find((cluster) => cluster.id === url.cluster);
  const doomed = clusters?.find((cluster) => cluster.id === url.delete);
  const edited = clusters?.find((cluster) => cluster.id === url.edit && !cluster.is_sandbox);
  const shared = clusters?.find((cluster) => cluster.id === url.share && !cluster.is_sandbox);
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
              title={saySandbox(sandbox)}
              description="A real Kubernetes control plane on this machine. It is built once and reused. You can edit workflows meanwhile."
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
              title="No clusters connected"
              action={connect}
            >
              Workflows run in a cluster. Connect one with its kubeconfig; the sandbox is turned off on this server.
            </EmptyState>
          ) : (
            <LocalTable
              name="search"
              className="max-h-full"
              label="Clusters"
              noun={["cluster", "clusters"]}
              rows={clusters}
              columns={COLUMNS}
              rowKey={(cluster) => cluster.id}
              defaultSort="name"
              texts={({ name, server, version, state, team }) => [name, server, version ?? "", state, team?.name ?? ""]}
              activeKey={chosen?.id}
              onOpen={(cluster) => setUrl({ cluster: cluster.id === url.cluster ? null : cluster.id })}
              footnote={<span>{isLive ? "live" : "not live: reconnecting"}</span>}
            />
          )}
        </div>
      </div>
      {chosen && (
        <ClusterPanel
          key={chosen.id}
          cluster={chosen}
          onClose={() => setUrl({ cluster: null })}
          onEdit={() => setUrl({ edit: chosen.id })}
          onShare={() => setUrl({ share: chosen.id })}
          onDelete={() => setUrl({ delete: chosen.id })}
        />
      )}
      {url.connect && mayConnect && (
        <ConnectDialog
          onClose={() => setUrl({ connect: null })}
          onConnected={(cluster) => setUrl({ connect: null, cluster: cluster.id })}
        />
      )}
      {edited && <EditDialog key={edited.id} cluster={edited} onClose={() => setUrl({ edit: null })} />}
      {shared && <ShareDialog cluster={shared} onClose={() => setUrl({ share: null })} />}
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
