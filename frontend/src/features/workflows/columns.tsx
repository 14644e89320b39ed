import { Link } from "react-router";
import type { User, Workflow } from "@/contract";
import { deploymentWord, EnvironmentHealth, StatusGlyph, worstOff } from "@/product";
import { RelativeTime, Tag, Tooltip, type Column } from "@/ui";
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
      width: "minmax(140px, 2.4fr)",
      cell: (workflow) => (
        <span className="flex min-w-0 items-center gap-2">
          <Link
            to={`/workflows/${workflow.id}`}
            title={workflow.name}
            className="min-w-0 shrink truncate rounded-sm font-medium hover:underline"
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
      id: "health",
      header: "Health",
      width: "minmax(120px, 1fr)",
      cell: (workflow) => {
        const worst = worstOff(workflow.environments);
        if (!worst) return <span className="text-faint">–</span>;
        return <EnvironmentHealth environment={worst} name={workflow.environments.length > 1} />;
      },
    },
    {
      id: "deployed",
      header: "Deployed",
      from: 720,
      width: "minmax(130px, 1fr)",
      cell: (workflow) => <Deployment workflow={workflow} />,
    },
    {
      id: "run",
      header: "Last run",
      from: 520,
      width: "minmax(148px, 1fr)",
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
      from: 1000,
      width: "minmax(150px, 1.2fr)",
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
      id: "nodes",
      header: "Nodes",
      from: 1100,
      width: "72px",
      align: "right",
      cell: (workflow) => <span className="tnum text-muted">{workflow.node_count}</span>,
    },
    ...(several
      ? [
          {
            id: "team",
            header: "Team",
            from: 1240,
            width: "120px",
            cell: (workflow: Workflow) => <span className="truncate text-muted">{workflow.team.name}</span>,
          },
        ]
      : []),
    {
      id: "updated",
      header: "Changed",
      sort: "updated_at",
      from: 860,
      width: "minmax(150px, 1fr)",
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

/** Which version is deployed; of several environments the one that lags most, and all of them on hover. */
function Deployment({ workflow: { environments } }: { workflow: Workflow }) {
  const shown =
    environments.find((each) => each.partly) ??
    environments.find((each) => each.deployed?.edited_since) ??
    environments.find((each) => each.deployed) ??
    environments[0];
  if (!shown) return <span className="text-faint">never deployed</span>;
  const word = deploymentWord(shown, { short: true });
  const look = shown.partly ? "truncate text-warn" : shown.deployed ? "truncate" : "truncate text-faint";
  if (environments.length === 1)
    return (
      <span className={look} title={deploymentWord(shown)}>
        {word}
      </span>
    );
  return (
    <Tooltip
      text={environments.map((each) => (
        <span key={each.id} className="block">
          {each.name}: {deploymentWord(each)}
        </span>
      ))}
    >
      <span className="flex min-w-0 items-center gap-1.5">
        <span className={look}>{word}</span>
        <span className="shrink-0 text-12 text-faint">+{environments.length - 1}</span>
      </span>
    </Tooltip>
  );
}
