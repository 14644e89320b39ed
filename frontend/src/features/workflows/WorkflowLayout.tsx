import { Workflow as WorkflowIcon } from "lucide-react";
import { NavLink, Outlet, useLocation, useOutletContext, useParams } from "react-router";
import type { Workflow } from "@/contract";
import { explain, StatusPill, useWorkflow } from "@/product";
import { cx, ErrorState, LinkButton, PageHeader, Skeleton, useCrumbs } from "@/ui";

const TABS = [
  ["runs", "Runs"],
  ["versions", "Versions"],
  ["settings", "Settings"],
] as const;

/** What the pages of one workflow share: its name, and the way from one to the next. */
export default function WorkflowLayout() {
  const { workflowId = "", environmentId } = useParams();
  const { pathname } = useLocation();
  const query = useWorkflow(workflowId);
  const workflow = query.data;
  useCrumbs(
    { label: "Workflows", to: "/workflows" },
    { label: workflow?.name ?? "Workflow", to: `/workflows/${workflowId}` },
    environmentId === undefined
      ? { label: TABS.find(([path]) => pathname.endsWith(`/${path}`))?.[1] ?? "" }
      : { label: workflow?.environments.find((each) => each.id === environmentId)?.name ?? "Environment" },
  );
  if (!workflow)
    return query.error ? (
      <ErrorState
        page
        className="flex-1"
        title="This workflow could not be loaded"
        {...explain(query.error)}
        onRetry={() => void query.refetch()}
        action={<LinkButton to="/workflows">All workflows</LinkButton>}
      />
    ) : (
      <Loading />
    );
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader
        title={workflow.name}
        status={workflow.state === "archived" && <StatusPill status="archived" />}
        subtitle={workflow.description || undefined}
        actions={
          <LinkButton to={`/workflows/${workflow.id}`} icon={<WorkflowIcon size={14} aria-hidden />}>
            Open workflow
          </LinkButton>
        }
      />
      <nav aria-label="Workflow" className="shrink-0 border-b border-line px-5">
        <ul className="flex gap-5">
          {TABS.map(([path, label]) => (
            <li key={path}>
              <NavLink
                to={`/workflows/${workflow.id}/${path}`}
                className={({ isActive }) =>
                  cx(
                    "-mb-px inline-flex h-9 items-center border-b-2 text-13 font-medium",
                    isActive || (path === "settings" && environmentId !== undefined)
                      ? "border-accent text-text"
                      : "border-transparent text-muted hover:text-text",
                  )
                }
              >
                {label}
              </NavLink>
            </li>
          ))}
        </ul>
      </nav>
      <Outlet context={workflow} />
    </div>
  );
}

/** The workflow that the layout has loaded. */
export const useOpenWorkflow = (): Workflow => useOutletContext<Workflow>();

function Loading() {
  return (
    <div role="status" aria-label="Loading the workflow" className="flex w-full flex-col gap-5 p-5">
      <Skeleton className="h-6 w-64" />
      <Skeleton className="h-48" />
      <Skeleton className="h-64" />
    </div>
  );
}
