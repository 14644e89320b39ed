import { History } from "lucide-react";
import { Link } from "react-router";
import type { Environment, Run } from "@/contract";
import { KIND_WORD, partsOf, sayParts } from "@/model/runWords";
import { plural, sentence } from "@/model/words";
import { RunTime, startedBy, stateOf, StatusGlyph } from "@/product";
import { Button, RelativeTime, SegmentBar, useRowTabIndex, type Column } from "@/ui";
import { isReturnable } from "./returnable";

export const COLUMNS: readonly Column<Run>[] = [
  {
    id: "state",
    header: "State",
    width: "132px",
    cell: (run) => <StatusGlyph status={stateOf(run)} reason={run.error ? sentence(run.error.detail) : undefined} />,
  },
  {
    id: "run",
    header: "Run",
    width: "minmax(150px, 3fr)",
    cell: (run) => (
      <span className="flex min-w-0 items-center gap-2">
        <Link to={`/runs/${run.id}`} tabIndex={-1} className="min-w-0 truncate rounded-sm font-medium hover:underline">
          {run.workflow.name}
        </Link>
        <span className="tnum shrink-0 text-muted">#{run.number}</span>
        {run.kind !== "apply" && (
          <span className="shrink-0 text-12 text-warn max-sm:sr-only">
            {KIND_WORD[run.kind].toLowerCase()}
            {run.to_run && ` to #${run.to_run.number}`}
          </span>
        )}
      </span>
    ),
  },
  {
    id: "environment",
    header: "Environment",
    from: 760,
    width: "minmax(96px, 1fr)",
    cell: (run) => <span className="truncate text-muted">{run.environment.name}</span>,
  },
  {
    id: "version",
    header: "Version",
    from: 900,
    width: "76px",
    cell: (run) => <span className="tnum text-muted">v{run.version}</span>,
  },
  {
    id: "objects",
    header: "Objects",
    from: 620,
    width: "minmax(180px, 2.4fr)",
    cell: (run) => (
      <span className="flex w-full items-center gap-2.5">
        <SegmentBar
          className="max-w-12 shrink-0"
          label="Objects"
          total={run.counts.total}
          parts={partsOf(run).filter((part) => part.word !== "skipped")}
        />
        <span className="tnum min-w-0 truncate text-12 text-muted" title={sayParts(run)}>
          <Parts run={run} />
        </span>
      </span>
    ),
  },
  {
    id: "duration",
    header: "Duration",
    from: 620,
    width: "84px",
    align: "right",
    cell: (run) => <RunTime run={run} className="text-muted" />,
  },
  {
    id: "by",
    header: "By",
    from: 1000,
    width: "minmax(130px, 1.2fr)",
    cell: (run) => (
      <span className="truncate text-muted" title={startedBy(run)}>
        {startedBy(run)}
      </span>
    ),
  },
  {
    id: "created",
    header: "Started",
    sort: "created_at",
    width: "104px",
    cell: (run) => <RelativeTime at={run.created_at} className="text-12 text-muted" />,
  },
];

/** "1 changed · 1 deleted · 5 unchanged"; failures and deletions stand out. */
function Parts({ run }: { run: Run }) {
  const parts = partsOf(run).filter((part) => part.count > 0);
  if (parts.length === 0) return run.counts.total > 0 ? plural(run.counts.total, "object") : "–";
  return parts.map((part, index) => (
    <span key={part.word}>
      {index > 0 && " · "}
      <span className={part.tone === "bad" ? "text-bad" : undefined}>
        {part.count} {part.word}
      </span>
    </span>
  ));
}

/** The way back to a run, where its environment can go back to it. */
export function returnColumn(environments: readonly Environment[], onReturn: (run: Run) => void): Column<Run> {
  return {
    id: "return",
    header: <span className="sr-only">Actions</span>,
    from: 560,
    width: "118px",
    align: "right",
    cell: (run) =>
      isReturnable(
        run,
        environments.find((each) => each.id === run.environment.id),
      ) && <ReturnButton run={run} onReturn={onReturn} />,
  };
}

function ReturnButton({ run, onReturn }: { run: Run; onReturn: (run: Run) => void }) {
  const tabIndex = useRowTabIndex();
  return (
    <Button
      size="sm"
      tabIndex={tabIndex}
      icon={<History size={14} aria-hidden />}
      aria-label={`Return to run #${run.number}`}
      onClick={() => onReturn(run)}
    >
      Return…
    </Button>
  );
}
