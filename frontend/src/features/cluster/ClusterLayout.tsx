import { Suspense } from "react";
import { Navigate, NavLink, useParams } from "react-router";
import { explain, StatusPill, useClusters, type ClusterSection } from "@/product";
import { cx, ErrorState, LinkButton, LinkRow, PageHeader, Skeleton, SkeletonRows, useCrumbs } from "@/ui";

/** What the pages of one cluster share: its name and state, and the way from one to the next. */
export function ClusterLayout({ sections }: { sections: readonly ClusterSection[] }) {
  const { clusterId = "", section: path } = useParams();
  const { clusters, isPending, error, refetch } = useClusters();
  const cluster = clusters?.find(({ id }) => id === clusterId);
  const section = sections.find((each) => each.path === path);
  useCrumbs(
    { label: "Clusters", to: "/clusters" },
    { label: cluster?.name ?? "Cluster", to: `/clusters/${clusterId}` },
    ...(section ? [{ label: section.label }] : []),
  );
  if (isPending) return <Loading />;
  if (!cluster)
    return (
      <ErrorState
        page
        className="flex-1"
        title={error ? "This cluster could not be loaded" : "There is no such cluster"}
        {...(error
          ? explain(error)
          : { reason: "It was disconnected, or it is not shared with you any more.", cure: "Look at the list." })}
        onRetry={error ? () => void refetch() : undefined}
        action={<LinkButton to="/clusters">All clusters</LinkButton>}
      />
    );
  if (!section) return <Navigate to={`/clusters/${clusterId}/${sections[0]?.path ?? ""}`} replace />;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader
        title={cluster.name}
        status={<StatusPill status={cluster.state} />}
        subtitle={[cluster.version && `Kubernetes ${cluster.version}`, cluster.server].filter(Boolean).join(" · ")}
      />
      <LinkRow label="Cluster" current={section.id}>
        {sections.map((each) => (
          <li key={each.id}>
            <NavLink
              to={`/clusters/${cluster.id}/${each.path}`}
              className={({ isActive }) =>
                cx(
                  "-mb-px inline-flex h-9 items-center border-b-2 text-13 font-medium whitespace-nowrap focus-visible:outline-offset-[-2px]",
                  isActive ? "border-accent text-text" : "border-transparent text-muted hover:text-text",
                )
              }
            >
              {each.label}
            </NavLink>
          </li>
        ))}
      </LinkRow>
      <Suspense fallback={<SkeletonRows rows={8} />}>
        <section.Page key={cluster.id} cluster={cluster} />
      </Suspense>
    </div>
  );
}

function Loading() {
  return (
    <div role="status" aria-label="Loading the cluster" className="flex w-full flex-col gap-5 p-5">
      <Skeleton className="h-6 w-64" />
      <Skeleton className="h-8" />
      <Skeleton className="h-64" />
    </div>
  );
}
