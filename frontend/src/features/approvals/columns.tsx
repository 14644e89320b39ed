import { Link } from "react-router";
import type { AskedPlan, PlanDecision } from "@/contract";
import { planPath, sayActs, sayWhat } from "@/model/approvals";
import { capital, sentence } from "@/model/words";
import { StatusGlyph } from "@/product";
import { RelativeTime, Tag, type Column, type Tone } from "@/ui";

type Row = Pick<AskedPlan, "workflow" | "environment" | "version" | "to_run" | "by" | "mine">;

function PlanName({ row, to }: { row: Row; to: string | null }) {
  return (
    <span className="flex min-w-0 items-center gap-2">
      {to === null ? (
        <span className="min-w-0 truncate font-medium">{row.workflow.name}</span>
      ) : (
        <Link to={to} tabIndex={-1} className="min-w-0 truncate rounded-sm font-medium hover:underline">
          {row.workflow.name}
        </Link>
      )}
      <span className="shrink-0 text-12 text-muted">{sayWhat(row)}</span>
    </span>
  );
}

const plan: Column<AskedPlan> = {
  id: "plan",
  header: "Plan",
  width: "minmax(150px, 2fr)",
  cell: (row) => <PlanName row={row} to={planPath(row)} />,
};
const environment: Column<Row> = {
  id: "environment",
  header: "Environment",
  width: "minmax(90px, 1fr)",
  cell: ({ environment: { name } }) => (
    <span className="truncate text-muted" title={name}>
      {name}
    </span>
  ),
};
const what: Column<AskedPlan> = {
  id: "what",
  header: "What it does",
  from: 640,
  width: "minmax(160px, 2fr)",
  cell: ({ counts, deletions }) => (
    <span className="flex min-w-0 items-center gap-2 text-12">
      <span className="truncate">{capital(sayActs(counts))}</span>
      {deletions.above && <Tag tone="bad">above the deletion budget</Tag>}
    </span>
  ),
};
const by: Column<Row> = {
  id: "by",
  header: "Made by",
  from: 520,
  width: "minmax(90px, 1fr)",
  cell: ({ by: { name }, mine }) => <span className="truncate text-muted">{mine ? "you" : name}</span>,
};
const looked: Column<AskedPlan> = {
  id: "looked",
  header: "Found true",
  from: 980,
  width: "112px",
  cell: ({ looked_at: at }) =>
    at === null ? (
      <span className="text-12 text-muted">when made</span>
    ) : (
      <RelativeTime at={at} className="text-12 text-muted" />
    ),
};
const since: Column<AskedPlan> = {
  id: "since",
  header: "Asked",
  sort: "created_at",
  width: "104px",
  cell: ({ created_at: at }) => <RelativeTime at={at} className="text-12 text-muted" />,
};

export const WAITING: readonly Column<AskedPlan>[] = [
  plan,
  environment,
  what,
  by,
  {
    id: "decides",
    header: "Decides",
    from: 860,
    width: "minmax(130px, 1fr)",
    cell: ({ mine, may_decide: mayDecide }) =>
      mayDecide ? (
        <Tag tone="warn">waits for you</Tag>
      ) : (
        <span className="truncate text-12 text-muted">{mine ? "another operator" : "an operator"}</span>
      ),
  },
  looked,
  since,
];

export const TO_RUN: readonly Column<AskedPlan>[] = [
  plan,
  environment,
  what,
  by,
  {
    id: "approved",
    header: "Approved by",
    from: 760,
    width: "minmax(150px, 1.4fr)",
    cell: ({ approval }) => (
      <span className="flex min-w-0 items-center gap-1.5 text-12">
        <span className="truncate">{approval.by?.name ?? "somebody"}</span>
        <RelativeTime at={approval.at} className="shrink-0 text-muted" />
      </span>
    ),
  },
  looked,
  since,
];

const TONES: Record<PlanDecision["state"], Tone | undefined> = { approved: "ok", refused: "bad", withdrawn: undefined };

export const DECIDED: readonly Column<PlanDecision>[] = [
  {
    id: "state",
    header: "Decision",
    width: "118px",
    cell: ({ state }) => <Tag tone={TONES[state]}>{state}</Tag>,
  },
  {
    id: "plan",
    header: "Plan",
    width: "minmax(130px, 1.6fr)",
    cell: (row) => (
      <PlanName
        row={row}
        to={row.run ? `/runs/${row.run.id}` : row.plan === null ? null : planPath({ ...row, id: row.plan })}
      />
    ),
  },
  { ...environment, from: 520 },
  by,
  {
    id: "who",
    header: "Decided by",
    from: 700,
    width: "minmax(90px, 1fr)",
    cell: ({ decided_by: { name }, mine, state }) => (
      <span className="truncate text-muted">{mine && state === "withdrawn" ? "you" : name}</span>
    ),
  },
  {
    id: "reason",
    header: "Reason",
    from: 860,
    width: "minmax(140px, 2fr)",
    cell: ({ reason }) => (
      <span className="truncate text-12" title={reason || undefined}>
        {reason && sentence(reason)}
      </span>
    ),
  },
  {
    id: "run",
    header: "Run",
    from: 640,
    width: "132px",
    cell: ({ run, state, plan: kept }) =>
      run ? (
        <span className="flex min-w-0 items-center gap-1.5 text-12">
          <span className="tnum shrink-0 text-muted">#{run.number}</span>
          <StatusGlyph status={run.state} />
        </span>
      ) : (
        <span className="truncate text-12 text-muted">
          {state === "approved" ? "not run" : kept === null ? "" : "–"}
        </span>
      ),
  },
  {
    id: "at",
    header: "When",
    sort: "at",
    width: "104px",
    cell: ({ at }) => <RelativeTime at={at} className="text-12 text-muted" />,
  },
];
