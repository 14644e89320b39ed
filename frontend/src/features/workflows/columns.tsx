import { Link } from "react-router";
import type { User, Workflow } from "@/contract";
import { StatusGlyph } from "@/product";
import { RelativeTime, Tag, type Column } from "@/ui";
import { WorkflowMenu, type OpenDialog } from "./WorkflowMenu";

/** The columns of the list, as this person sees it. */
export function columnsFor(
  user: User | null | undefined,
  onTag: (tag: string) => void,
  onOpen: (dialog: OpenDialog) => void,
): Column<Workflow>[] {
  const several = (user?.teams.length ?? 0) > 1;
  return [
    {
      id: "name",
      header: "Name",
      sort: "name",
      width: "minmax(240px, 2.4fr)",
      cell: (workflow) => (
        <span className="flex min-w-0 items-center gap-2">
          <Link
            to={`/workflows/${workflow.id}`}
            title={workflow.name}
            className="min-w-24 shrink truncate rounded-sm font-medium hover:underline"
            tabIndex={-1}
          >
            {workflow.name}
          </Link>
          {/* A long name takes the space of the tags, not the other way round. */}
          <span className="flex min-w-0 shrink-[999] items-center gap-2 overflow-hidden">
            {workflow.tags.slice(0, 3).map((tag) => (
              <button
                key={tag}
                type="button"
                tabIndex={-1}
                className="min-w-0 shrink-0"
                onClick={() => onTag(tag)}
                aria-label={`Show only ${tag}`}
              >
                <Tag>{tag}</Tag>
              </button>
            ))}
            {workflow.tags.length > 3 && <span className="text-12 text-faint">+{workflow.tags.length - 3}</span>}
          </span>
        </span>
      ),
    },
    {
      id: "run",
      header: "Last run",
      width: "minmax(150px, 1fr)",
      cell: (workflow) =>
        workflow.last_run ? (
          <Link
            to={`/runs/${workflow.last_run.id}`}
            tabIndex={-1}
            className="flex min-w-0 items-center gap-2 rounded-sm hover:underline"
          >
            <StatusGlyph status={workflow.last_run.state} />
            <span className="tnum text-12 text-muted">#{workflow.last_run.number}</span>
          </Link>
        ) : (
          <span className="text-faint">never run</span>
        ),
    },
    {
      id: "environments",
      header: "Runs in",
      from: 900,
      width: "minmax(170px, 1.4fr)",
      cell: (workflow) => {
        const [first, ...rest] = workflow.environments;
        if (!first) return <span className="text-faint">no environment</span>;
        return (
          <span className="flex min-w-0 items-center gap-1.5 text-12">
            <span className="min-w-0 truncate font-mono text-muted">
              {first.cluster.name}/{first.namespace}
            </span>
            {rest.length > 0 && <span className="text-faint">+{rest.length}</span>}
          </span>
        );
      },
    },
    {
      id: "state",
      header: "State",
      from: 760,
      width: "112px",
      cell: (workflow) => <StatusGlyph status={workflow.state} className="text-muted" />,
    },
    {
      id: "nodes",
      header: "Nodes",
      from: 760,
      width: "72px",
      align: "right",
      cell: (workflow) => <span className="tnum text-muted">{workflow.node_count}</span>,
    },
    ...(several
      ? [
          {
            id: "team",
            header: "Team",
            from: 1100,
            width: "120px",
            cell: (workflow: Workflow) => <span className="truncate text-muted">{workflow.team.name}</span>,
          },
        ]
      : []),
    {
      id: "updated",
      header: "Changed",
      sort: "updated_at",
      from: 620,
      width: "minmax(185px, 1fr)",
      cell: (workflow) => (
        <span className="flex min-w-0 gap-1.5 text-12 text-muted">
          <RelativeTime at={workflow.updated_at} />
          {workflow.updated_by?.name && <span className="min-w-0 truncate text-faint">{workflow.updated_by.name}</span>}
        </span>
      ),
    },
    {
      id: "actions",
      header: <span className="sr-only">Actions</span>,
      width: "56px",
      align: "right",
      cell: (workflow) => <WorkflowMenu workflow={workflow} user={user} onOpen={onOpen} />,
    },
  ];
}
