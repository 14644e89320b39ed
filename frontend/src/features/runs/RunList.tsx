import { Zap } from "lucide-react";
import { useMemo, useState } from "react";
import { useNavigate } from "react-router";
import type { Run, RunState } from "@/contract";
import { covers, roleIn } from "@/model/roles";
import { capital, plural } from "@/model/words";
import { explain, STATUS, useSession, useWorkflow } from "@/product";
import {
  Button,
  EmptyState,
  FilterChip,
  LinkButton,
  ListHeader,
  PagedTable,
  Segmented,
  Select,
  Skeleton,
  useUrlState,
} from "@/ui";
import { COLUMNS, returnColumn } from "./columns";
import { ReturnDialog } from "./ReturnDialog";
import { useRuns } from "./queries";

/** All of them, in the order a run goes through them. */
const ORDER: Record<RunState, null> = {
  queued: null,
  planning: null,
  applying: null,
  verifying: null,
  succeeded: null,
  failed: null,
  canceled: null,
  superseded: null,
  rolled_back: null,
};
const STATES = [
  { value: "" as const, label: "All" },
  ...(Object.keys(ORDER) as RunState[]).map((state) => ({ value: state, label: capital(STATUS[state].word) })),
];

const icon = <Zap size={20} strokeWidth={1.5} aria-hidden />;

/** The runs that the address asks for: of all workflows, or of `workflowId`, whose page has a heading of its own. */
export function RunList({ workflowId, title }: { workflowId?: string; title?: string }) {
  const navigate = useNavigate();
  const [url, setUrl] = useUrlState(["state", "workflow", "environment", "sort"]);
  const sort = url.sort || "-created_at";
  const of = workflowId ?? url.workflow;
  const query = useRuns({
    state: (url.state || undefined) as RunState | undefined,
    workflow: of || undefined,
    environment: url.environment || undefined,
    sort,
  });
  // Its name stands in no row where the workflow never ran.
  const workflow = useWorkflow(of || undefined).data;
  const environment = workflow?.environments.find((each) => each.id === url.environment);
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.results) ?? [], [query.data]);
  const user = useSession().data?.user;
  const [returning, setReturning] = useState<Run | null>(null);
  const mayReturn = covers(roleIn(user, workflow?.team.id), "editor") && workflow?.state === "active";
  const columns = useMemo(
    () =>
      workflowId && workflow && mayReturn ? [...COLUMNS, returnColumn(workflow.environments, setReturning)] : COLUMNS,
    [workflowId, workflow, mayReturn],
  );
  const filtered = Boolean(url.state || of || url.environment);
  const isAll = !url.state && !url.environment;
  return (
    <>
      <ListHeader title={title}>
        <Segmented
          label="State"
          from={900}
          value={url.state as "" | RunState}
          onChange={(state) => setUrl({ state })}
          options={STATES}
        />
        {!workflowId && url.workflow && (
          <FilterChip name="workflow" onRemove={() => setUrl({ workflow: null })}>
            {workflow?.name ?? rows[0]?.workflow.name ?? <Skeleton className="h-3 w-20" />}
          </FilterChip>
        )}
        {workflowId && workflow && workflow.environments.length > 1 && (
          <Select
            label="Environment"
            className="w-44"
            value={url.environment}
            onChange={(next) => setUrl({ environment: next })}
            options={[
              { value: "", label: "Any environment" },
              ...workflow.environments.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
        )}
        {!workflowId && url.environment && (
          <FilterChip name="environment" onRemove={() => setUrl({ environment: null })}>
            {environment?.name ?? rows[0]?.environment.name ?? url.environment}
          </FilterChip>
        )}
      </ListHeader>
      <PagedTable
        label="Runs"
        noun="run"
        pages={query}
        failure={query.error && explain(query.error)}
        rows={rows}
        columns={columns}
        rowKey={(run) => run.id}
        onOpen={(run) => void navigate(`/runs/${run.id}`)}
        sort={sort}
        onSort={(next) => setUrl({ sort: next === "-created_at" ? null : next })}
        empty={
          filtered ? (
            <EmptyState
              icon={icon}
              title={of && isAll ? `${workflow?.name ?? "It"} has not run yet` : "No matching runs"}
              action={
                workflowId && isAll ? (
                  <LinkButton to={`/workflows/${workflowId}`}>Open workflow</LinkButton>
                ) : (
                  <Button onClick={() => setUrl({ state: null, workflow: null, environment: null })}>Show all</Button>
                )
              }
            />
          ) : (
            <EmptyState
              icon={icon}
              title="No runs yet"
              action={<LinkButton to="/workflows">Open a workflow</LinkButton>}
            >
              A run applies a workflow to its cluster and follows it until every object is healthy.
            </EmptyState>
          )
        }
      />
      {returning && (
        <ReturnDialog
          workflowId={returning.workflow.id}
          environment={returning.environment}
          run={returning}
          act="return"
          onClose={() => setReturning(null)}
          onStarted={(run) => void navigate(`/runs/${run.id}`)}
        />
      )}
      {workflow && workflow.removed_runs > 0 && (
        <p className="px-4 py-2 text-12 text-muted">
          {plural(workflow.removed_runs, "older run")} of {workflow.name} {workflow.removed_runs === 1 ? "was" : "were"}{" "}
          removed.
        </p>
      )}
    </>
  );
}
