import type { DriftRow } from "@/contract";
import { KindIcon, StatusGlyph, Values } from "@/product";
import { RelativeTime, Tag, type Column } from "@/ui";
import { managersOf } from "./words";

export const COLUMNS: readonly Column<DriftRow>[] = [
  {
    id: "object",
    header: "Object",
    width: "minmax(150px, 1.6fr)",
    cell: ({ ref, feud }) => (
      <span className="flex min-w-0 items-center gap-2">
        <KindIcon kind={ref.kind} className="shrink-0 text-muted" />
        <span className="min-w-0 truncate font-mono text-12" title={`${ref.kind} ${ref.name}`}>
          {ref.name}
        </span>
        {feud && <Tag tone="bad">feud</Tag>}
      </span>
    ),
  },
  {
    id: "kind",
    header: "Kind",
    from: 1100,
    width: "150px",
    cell: ({ ref }) => <span className="truncate text-12 text-muted">{ref.kind}</span>,
  },
  {
    id: "where",
    header: "Environment",
    from: 520,
    width: "minmax(130px, 1.2fr)",
    cell: ({ workflow, environment }) => (
      <span className="min-w-0 truncate text-muted" title={`${workflow.name} in ${environment.name}`}>
        {workflow.name} <span className="text-faint">in {environment.name}</span>
      </span>
    ),
  },
  {
    id: "what",
    header: "What was changed",
    from: 700,
    width: "minmax(200px, 2.6fr)",
    cell: ({ state, reason, fields }) => {
      const [first] = fields;
      if (state === "unknown" || !first) return <StatusGlyph status="unknown" word={reason || "not known"} />;
      return (
        <span className="flex min-w-0 items-baseline gap-1.5 text-12">
          <span className="min-w-0 truncate">
            <span className="font-mono text-muted">{first.path}</span>
            <Values from={first.applied} to={first.live} />
          </span>
          {fields.length > 1 && <span className="tnum shrink-0 text-faint">+{fields.length - 1}</span>}
        </span>
      );
    },
  },
  {
    id: "by",
    header: "By",
    from: 900,
    width: "minmax(100px, 1fr)",
    cell: ({ fields }) => <span className="min-w-0 truncate text-12 text-muted">{managersOf(fields)}</span>,
  },
  {
    id: "since",
    header: "Since",
    sort: "since",
    width: "108px",
    cell: ({ since }) => <RelativeTime at={since} className="text-12 text-muted" />,
  },
];
