import { Play } from "lucide-react";
import { Link } from "react-router";
import type { Environment, Version } from "@/contract";
import { versionTitle } from "@/product";
import { Button, cx, RelativeTime, Tag, useRowTabIndex, type Column } from "@/ui";

/** The columns of the list; without `onRun` nobody may run one. */
export function columnsFor(
  environments: readonly Environment[],
  onRun: ((version: Version) => void) | null,
): Column<Version>[] {
  return [
    {
      id: "number",
      header: "Version",
      width: "76px",
      cell: (version) => <span className="tnum font-mono text-12">v{version.number}</span>,
    },
    {
      id: "title",
      header: "Saved as",
      width: "minmax(108px, 2.4fr)",
      cell: (version) => (
        <span className="flex min-w-0 items-center gap-2">
          <Title version={version} />
          {version.tag && <Tag tone="busy">{version.tag}</Tag>}
          {version.description && (
            <span className="min-w-0 truncate text-12 text-muted" title={version.description}>
              {version.description}
            </span>
          )}
        </span>
      ),
    },
    {
      id: "deployed",
      header: "Deployed in",
      width: "minmax(104px, 1.2fr)",
      cell: (version) => {
        const here = environments.filter((each) => each.deployed?.version === version.number);
        const held = environments.filter((each) => each.quarantined.some((one) => one.version === version.number));
        if (here.length + held.length === 0) return <span className="text-faint">–</span>;
        return (
          <span
            className="flex min-w-0 gap-1 overflow-hidden"
            title={[...here, ...held].map((each) => each.name).join(", ")}
          >
            {here.map((each) => (
              <Tag key={each.id} tone="ok">
                {each.name}
              </Tag>
            ))}
            {held.map((each) => (
              <Tag key={`held ${each.id}`} tone="warn">
                quarantined in {each.name}
              </Tag>
            ))}
          </span>
        );
      },
    },
    {
      id: "nodes",
      header: "Nodes",
      from: 760,
      width: "72px",
      align: "right",
      cell: (version) => <span className="tnum text-muted">{version.node_count}</span>,
    },
    {
      id: "by",
      header: "By",
      from: 860,
      width: "minmax(100px, 1fr)",
      cell: (version) => <span className="truncate text-muted">{version.created_by?.name}</span>,
    },
    {
      id: "saved",
      header: "Saved",
      from: 560,
      width: "112px",
      cell: (version) => <RelativeTime at={version.created_at} className="text-12 text-muted" />,
    },
    ...(onRun
      ? [
          {
            id: "actions",
            header: <span className="sr-only">Actions</span>,
            width: "108px",
            align: "right" as const,
            cell: (version: Version) => <RunButton version={version} onRun={onRun} />,
          },
        ]
      : []),
  ];
}

/** In a narrow row on two lines. */
const TITLE = "min-w-0 sm:truncate max-sm:line-clamp-2 max-sm:text-12 max-sm:leading-4";

function Title({ version }: { version: Version }) {
  const title = versionTitle(version);
  if (version.run_id === null)
    return (
      <span className={cx(TITLE, "font-medium")} title={title}>
        {title}
      </span>
    );
  return (
    <Link
      to={`/runs/${version.run_id}`}
      tabIndex={-1}
      title={title}
      className={cx(TITLE, "rounded-sm font-medium hover:underline")}
    >
      {title}
    </Link>
  );
}

function RunButton({ version, onRun }: { version: Version; onRun: (version: Version) => void }) {
  const tabIndex = useRowTabIndex();
  return (
    <Button
      size="sm"
      tabIndex={tabIndex}
      icon={<Play size={14} aria-hidden />}
      aria-label={`Run v${version.number}`}
      onClick={() => onRun(version)}
    >
      Run…
    </Button>
  );
}
