import { Link } from "react-router";
import type { WaitingPlan } from "@/contract";
import { sayActs, sayWhat } from "@/model/approvals";
import { capital } from "@/model/words";
import { RelativeTime, Tag, type Column } from "@/ui";

export const planPath = ({ id, workflow, environment }: WaitingPlan): string =>
  `/workflows/${workflow.id}?environment=${environment.id}&plan=${id}`;

export const COLUMNS: readonly Column<WaitingPlan>[] = [
  {
    id: "plan",
    header: "Plan",
    width: "minmax(150px, 2fr)",
    cell: (plan) => (
      <span className="flex min-w-0 items-center gap-2">
        <Link to={planPath(plan)} tabIndex={-1} className="min-w-0 truncate rounded-sm font-medium hover:underline">
          {plan.workflow.name}
        </Link>
        <span className="shrink-0 text-12 text-muted">{sayWhat(plan)}</span>
      </span>
    ),
  },
  {
    id: "environment",
    header: "Environment",
    width: "minmax(90px, 1fr)",
    cell: ({ environment }) => (
      <span className="truncate text-muted" title={environment.name}>
        {environment.name}
      </span>
    ),
  },
  {
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
  },
  {
    id: "by",
    header: "Made by",
    from: 520,
    width: "minmax(100px, 1fr)",
    cell: ({ by, mine }) => <span className="truncate text-muted">{mine ? "you" : by.name}</span>,
  },
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
  {
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
  },
  {
    id: "since",
    header: "Asked",
    sort: "created_at",
    width: "104px",
    cell: ({ created_at: at }) => <RelativeTime at={at} className="text-12 text-muted" />,
  },
];
