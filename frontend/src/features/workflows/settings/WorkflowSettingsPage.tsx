import { Workflow as WorkflowIcon } from "lucide-react";
import { useParams } from "react-router";
import { covers, roleIn } from "@/model/roles";
import { explain, StatusPill, useSession, useWorkflow } from "@/product";
import { ErrorState, LinkButton, PageHeader, Skeleton, useCrumbs } from "@/ui";
import { DetailsCard } from "./DetailsCard";
import { EndCard } from "./EndCard";
import { EnvironmentsCard } from "./EnvironmentsCard";

/** The settings of one workflow: where it runs, what it is called, and its end. */
export default function WorkflowSettingsPage() {
  const { workflowId } = useParams();
  const query = useWorkflow(workflowId);
  const user = useSession().data?.user;
  const workflow = query.data;
  useCrumbs(
    { label: "Workflows", to: "/workflows" },
    { label: workflow?.name ?? "Workflow", to: `/workflows/${workflowId ?? ""}` },
    { label: "Settings" },
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
  const mayEdit = covers(roleIn(user, workflow.team.id), "editor");
  const writable = mayEdit && workflow.state !== "archived";
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto max-w-240 pb-10">
        <PageHeader
          className="pt-5"
          title={workflow.name}
          status={workflow.state === "archived" && <StatusPill status="archived" />}
          subtitle={workflow.description || undefined}
          actions={
            <LinkButton to={`/workflows/${workflow.id}`} icon={<WorkflowIcon size={14} aria-hidden />}>
              Open workflow
            </LinkButton>
          }
        />
        <div className="flex flex-col gap-5 px-5">
          <EnvironmentsCard workflow={workflow} writable={writable} />
          <DetailsCard key={workflow.id} workflow={workflow} writable={writable} />
          {mayEdit && <EndCard workflow={workflow} />}
        </div>
      </div>
    </div>
  );
}

function Loading() {
  return (
    <div role="status" aria-label="Loading the workflow" className="mx-auto flex w-full max-w-240 flex-col gap-5 p-5">
      <Skeleton className="h-6 w-64" />
      <Skeleton className="h-48" />
      <Skeleton className="h-64" />
    </div>
  );
}
