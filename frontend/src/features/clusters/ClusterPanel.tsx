import { ArrowRight, Download, Pencil, Plug, Share2, Trash2 } from "lucide-react";
import { asProblem, fetchKubeconfig } from "@/api";
import type { Cluster } from "@/contract";
import { progressWord } from "@/model/clusters";
import { covers, roleIn } from "@/model/roles";
import { sentence } from "@/model/words";
import { SandboxProgress, StatusGlyph, useSession } from "@/product";
import { Button, CodeView, ErrorState, Facts, LinkButton, RelativeTime, saveFile, SidePanel, toast } from "@/ui";
import { failureOf } from "./failure";
import { useTestCluster } from "./queries";

/** The details of a cluster, and its actions. */
export function ClusterPanel({
  cluster,
  onClose,
  onEdit,
  onShare,
  onDelete,
}: {
  cluster: Cluster;
  onClose: () => void;
  onEdit: () => void;
  onShare: () => void;
  onDelete: () => void;
}) {
  const test = useTestCluster();
  const user = useSession().data?.user;
  const role = roleIn(user, cluster.team?.id);
  const mayTest = cluster.is_sandbox ? Boolean(user) : covers(role, "editor") || Boolean(user?.is_admin);
  const mayDelete = !cluster.is_sandbox && (covers(role, "admin") || Boolean(user?.is_admin));
  // Only administrators of the server may begin to share; those of the team may end it.
  const mayShare = mayDelete && (cluster.shared || Boolean(user?.is_admin));
  const problem = test.error ? asProblem(test.error) : null;
  const failure = failureOf(cluster);
  const download = () =>
    fetchKubeconfig(cluster.id).then(
      (text) => saveFile(`${cluster.name}.kubeconfig`, text),
      (error: unknown) =>
        toast({ tone: "bad", title: "The kubeconfig could not be read", detail: sentence(asProblem(error).detail) }),
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
          <LinkButton
            size="sm"
            className="ml-auto"
            icon={<ArrowRight size={14} aria-hidden />}
            to={`/clusters/${cluster.id}`}
          >
            Look inside
          </LinkButton>
          {mayTest && (
            <Button
              size="sm"
              icon={<Plug size={14} aria-hidden />}
              busy={test.isPending}
              onClick={() => test.mutate(cluster.id)}
            >
              {test.isPending ? "Testing" : "Test connection"}
            </Button>
          )}
        </div>
        <div role="status" className="flex flex-col gap-2 empty:hidden">
          {test.isPending ? (
            <p className="text-13 text-muted">Asking {cluster.server || cluster.name} for its version.</p>
          ) : problem ? (
            <ErrorState inline title="The test failed" reason={problem.besides([])} details={problem.describe()} />
          ) : (
            test.data?.state === "ready" &&
            cluster.state === "ready" && (
              <p className="text-13 text-ok">
                Connected{test.data.version ? `: Kubernetes ${test.data.version}` : ""}, checked{" "}
                <RelativeTime at={test.data.last_checked_at} />.
              </p>
            )
          )}
        </div>
        {cluster.is_sandbox ? (
          <SandboxProgress cluster={cluster} />
        ) : (
          failure && !problem && !test.isPending && <ErrorState inline {...failure} />
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
            ["Team", cluster.team?.name ?? "everyone"],
            cluster.shared && !cluster.is_sandbox && ["Shared", "with every team"],
            ["Last seen", <RelativeTime key="seen" at={cluster.last_seen_at} />],
            ["Checked", <RelativeTime key="checked" at={cluster.last_checked_at} />],
            ["Added", <RelativeTime key="added" at={cluster.created_at} />],
          ]}
        />
        {cluster.is_sandbox && cluster.state === "ready" && (
          <section className="flex flex-col gap-2">
            <h3 className="text-12 font-medium">Use it with kubectl</h3>
            {user?.is_admin ? (
              <>
                <p className="text-12 text-muted">Download its kubeconfig, and name the file. It gives full access.</p>
                <CodeView label="Command" code={`kubectl --kubeconfig ${cluster.name}.kubeconfig get all -A`} wrap />
                <Button
                  size="sm"
                  className="self-start"
                  icon={<Download size={14} aria-hidden />}
                  onClick={() => void download()}
                >
                  Download kubeconfig
                </Button>
              </>
            ) : (
              <p className="text-12 text-muted">Administrators of this server can download its kubeconfig here.</p>
            )}
          </section>
        )}
        {mayDelete && (
          <div className="flex flex-wrap gap-2 border-t border-line pt-4">
            <Button size="sm" icon={<Pencil size={14} aria-hidden />} onClick={onEdit}>
              Edit name or credentials
            </Button>
            {mayShare && (
              <Button size="sm" icon={<Share2 size={14} aria-hidden />} onClick={onShare}>
                {cluster.shared ? "Stop sharing" : "Share with every team"}
              </Button>
            )}
            <Button tone="danger-ghost" size="sm" icon={<Trash2 size={14} aria-hidden />} onClick={onDelete}>
              Disconnect cluster
            </Button>
          </div>
        )}
      </div>
    </SidePanel>
  );
}
