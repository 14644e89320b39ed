import { Zap } from "lucide-react";
import { useMemo } from "react";
import { Link, useNavigate } from "react-router";
import type { Run, RunState } from "@/contract";
import { KIND_WORD, partsOf } from "@/model/runWords";
import { sentence } from "@/model/words";
import { explain, RunTime, StatusGlyph } from "@/product";
import {
  Button,
  EmptyState,
  FilterChip,
  LinkButton,
  ListHeader,
  PagedTable,
  RelativeTime,
  SegmentBar,
  Segmented,
  useCrumbs,
  useUrlState,
  type Column,
} from "@/ui";
import { useRuns } from "./queries";

const STATES: readonly { value: "" | RunState; label: string }[] = [
  { value: "", label: "All" },
  { value: "applying", label: "Applying" },
  { value: "verifying", label: "Verifying" },
  { value: "succeeded", label: "Succeeded" },
  { value: "failed", label: "Failed" },
  { value: "canceled", label: "Canceled" },
];

const COLUMNS: readonly Column<Run>[] = [
  {
    id: "state",
    header: "State",
    width: "132px",
    cell: (run) => <StatusGlyph status={run.state} reason={run.error ? sentence(run.error.detail) : undefined} />,
  },
  {
    id: "run",
    header: "Run",
    width: "minmax(220px, 2fr)",
    cell: (run) => (
      <span className="flex min-w-0 items-center gap-2">
        <Link to={`/runs/${run.id}`} tabIndex={-1} className="min-w-0 truncate rounded-sm font-medium hover:underline">
          {run.workflow.name}
        </Link>
        <span className="tnum shrink-0 text-muted">#{run.number}</span>
        {run.kind !== "apply" && (
          <span className="shrink-0 text-12 text-warn">{KIND_WORD[run.kind].toLowerCase()}</span>
        )}
      </span>
    ),
  },
  {
    id: "environment",
    header: "Environment",
    from: 760,
    width: "minmax(110px, 1fr)",
    cell: (run) => <span className="truncate text-muted">{run.environment.name}</span>,
  },
  {
    id: "version",
    header: "Version",
    from: 900,
    width: "80px",
    cell: (run) => <span className="tnum text-muted">v{run.version}</span>,
  },
  {
    id: "objects",
    header: "Objects",
    from: 620,
    width: "minmax(150px, 1fr)",
    cell: (run) => (
      <span className="flex w-full items-center gap-2.5">
        <SegmentBar
          className="max-w-24"
          label="Objects"
          total={run.counts.total}
          parts={partsOf(run).filter((part) => part.word !== "skipped")}
        />
        <span className="tnum w-13 shrink-0 text-right text-12 text-muted">
          {run.counts.done + run.counts.unchanged}/{run.counts.total}
        </span>
      </span>
    ),
  },
  {
    id: "took",
    header: "Took",
    from: 620,
    width: "100px",
    align: "right",
    cell: (run) => <RunTime run={run} className="text-muted" />,
  },
  {
    id: "by",
    header: "By",
    from: 1000,
    width: "minmax(100px, 1fr)",
    cell: (run) => <span className="truncate text-muted">{run.created_by?.name}</span>,
  },
  {
    id: "created",
    header: "Started",
    sort: "created_at",
    width: "120px",
    cell: (run) => <RelativeTime at={run.created_at} className="text-12 text-muted" />,
  },
];

const icon = <Zap size={20} strokeWidth={1.5} aria-hidden />;

export default function RunsPage() {
  useCrumbs({ label: "Runs" });
  const navigate = useNavigate();
  const [url, setUrl] = useUrlState(["state", "workflow", "environment", "sort"]);
  const sort = url.sort || "-created_at";
  const query = useRuns({
    state: (url.state || undefined) as RunState | undefined,
    workflow: url.workflow || undefined,
    environment: url.environment || undefined,
    sort,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.results) ?? [], [query.data]);
  const filtered = Boolean(url.state || url.workflow || url.environment);
  return (
    <>
      <ListHeader title="Runs">
        <Segmented
          label="State"
          value={url.state as "" | RunState}
          onChange={(state) => setUrl({ state })}
          options={STATES}
        />
        {url.workflow && (
          <FilterChip name="workflow" onRemove={() => setUrl({ workflow: null })}>
            {rows[0]?.workflow.name ?? url.workflow}
          </FilterChip>
        )}
        {url.environment && (
          <FilterChip name="environment" onRemove={() => setUrl({ environment: null })}>
            {rows[0]?.environment.name ?? url.environment}
          </FilterChip>
        )}
      </ListHeader>
      <PagedTable
        label="Runs"
        noun="run"
        pages={query}
        failure={query.error && explain(query.error)}
        rows={rows}
        columns={COLUMNS}
        rowKey={(run) => run.id}
        onOpen={(run) => void navigate(`/runs/${run.id}`)}
        sort={sort}
        onSort={(next) => setUrl({ sort: next === "-created_at" ? null : next })}
        empty={
          filtered ? (
            <EmptyState
              icon={icon}
              title="No run matches"
              action={
                <Button onClick={() => setUrl({ state: null, workflow: null, environment: null })}>Show all</Button>
              }
            />
          ) : (
            <EmptyState
              icon={icon}
              title="Nothing has run yet"
              action={<LinkButton to="/workflows">Open a workflow</LinkButton>}
            >
              A run applies a workflow to its cluster and follows it until every object is healthy.
            </EmptyState>
          )
        }
      />
    </>
  );
}
