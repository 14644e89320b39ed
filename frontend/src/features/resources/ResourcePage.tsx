import { Suspense } from "react";
import { Navigate, useParams } from "react-router";
import { asProblem, type ResourceAddress } from "@/api";
import type { Resource } from "@/contract";
import { explain, KindIcon, resourcePath, StatusPill, useClusters, type ResourceTab } from "@/product";
import {
  cx,
  ErrorState,
  LinkButton,
  PageHeader,
  Skeleton,
  SkeletonRows,
  Tabs,
  Tag,
  useCrumbs,
  useUrlState,
} from "@/ui";
import { MarkButton } from "./MarkButton";
import { useResource } from "./queries";
import { ResourceActions } from "./ResourceActions";

/** One object of a cluster, with a tab for each way to look at it. */
export function ResourcePage({ tabs }: { tabs: readonly ResourceTab[] }) {
  const { clusterId = "", kind = "", namespace: inside = "", name = "" } = useParams();
  const address: ResourceAddress = { clusterId, kind, namespace: inside === "-" ? "" : inside, name };
  const query = useResource(address);
  const cluster = useClusters().clusters?.find(({ id }) => id === clusterId);
  const list = `/clusters/${clusterId}/resources?kind=${kind}`;
  useCrumbs(
    { label: "Clusters", to: "/clusters" },
    { label: cluster?.name ?? "Cluster", to: `/clusters/${clusterId}` },
    { label: kind.split(".")[0] ?? "", to: list },
    { label: name },
  );
  if (query.isPending) return <Loading />;
  const problem = query.error && asProblem(query.error);
  const called = problem?.code === "cluster.kind_not_served" ? problem.extra.kind : undefined;
  if (typeof called === "string" && called !== kind)
    return <Navigate replace to={resourcePath({ ...address, kind: called })} />;
  if (!query.data)
    return (
      <ErrorState
        page
        className="flex-1"
        title="This object could not be loaded"
        {...explain(query.error)}
        onRetry={() => void query.refetch()}
        action={<LinkButton to={list}>All of this kind</LinkButton>}
      />
    );
  return <Loaded address={address} resource={query.data} tabs={tabs} />;
}

function Loaded({
  address,
  resource,
  tabs,
}: {
  address: ResourceAddress;
  resource: Resource;
  tabs: readonly ResourceTab[];
}) {
  const [url, setUrl] = useUrlState(["tab"]);
  const fitting = tabs.filter((tab) => tab.appliesTo(resource.kind));
  const chosen = fitting.find(({ id }) => id === url.tab) ?? fitting[0];
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader
        title={
          <span className="flex min-w-0 items-center gap-2">
            <KindIcon kind={resource.kind.kind} size={18} className="text-muted" />
            <span className="min-w-0 truncate font-mono text-14">{resource.name}</span>
          </span>
        }
        status={
          <>
            {resource.health && <StatusPill status={resource.health.state} reason={resource.health.reason} />}
            {resource.deleting && <Tag tone="warn">being deleted</Tag>}
          </>
        }
        actions={
          <>
            <MarkButton address={address} />
            <ResourceActions address={address} resource={resource} />
          </>
        }
        subtitle={[resource.kind.kind, resource.namespace && `in ${resource.namespace}`].filter(Boolean).join(" ")}
      />
      <Tabs
        label="Resource"
        className="flex-1"
        contentClassName="overflow-y-auto"
        value={chosen?.id ?? ""}
        onChange={(tab) => setUrl({ tab: tab === fitting[0]?.id ? null : tab })}
        tabs={fitting.map(({ id, label, Tab }) => ({
          value: id,
          label,
          content: (
            <Suspense fallback={<SkeletonRows rows={6} />}>
              <Tab {...address} resource={resource} object={resource.object} />
            </Suspense>
          ),
        }))}
      />
    </div>
  );
}

function Loading() {
  return (
    <div role="status" aria-label="Loading the object" className="flex w-full flex-col gap-5 p-5">
      <Skeleton className="h-6 w-72 max-w-full" />
      <div className="flex gap-6 overflow-hidden border-b border-line pb-4">
        {["w-16", "w-12", "w-18", "w-12", "w-14", "w-14"].map((width, index) => (
          <Skeleton key={index} className={cx("h-3 shrink-0", width)} />
        ))}
      </div>
      <div className="flex max-w-5xl flex-col gap-4 rounded-card border border-line bg-surface p-4 2xl:max-w-1/2">
        {["w-40", "w-64", "w-52", "w-72"].map((width) => (
          <Skeleton key={width} className={cx("h-3 max-w-full", width)} />
        ))}
      </div>
    </div>
  );
}
