import type { DriftRow } from "@/contract";
import { inShort, sayHealing } from "@/model/driftWords";
import { KindIcon, StatusGlyph, Values } from "@/product";
import { RelativeTime, Tag, type Column } from "@/ui";
import { managersOf } from "./words";

/** From this width on, where it is and what was changed have columns; below, they stand under the name. */
const WHERE_FROM = 520;
const WHAT_FROM = 700;
/** The heights of rows with one line and with three. */
export const ROW = { wide: 40, narrow: 76 } as const;

const where = ({ workflow, environment }: DriftRow) => (
  <span className="min-w-0 truncate text-muted" title={`${workflow.name} in ${environment.name}`}>
    {workflow.name} <span className="text-faint">in {environment.name}</span>
  </span>
);

function what({ state, reason, fields }: DriftRow) {
  const [first] = fields;
  if (state === "missing") return <StatusGlyph status="missing" word="not in the cluster" />;
  if (state === "unknown" || !first) return <StatusGlyph status="unknown" word={reason || "not known"} />;
  return (
    <span className="flex min-w-0 items-baseline gap-1.5 text-12">
      <span className="min-w-16 truncate font-mono text-muted" title={first.path}>
        {inShort(first.path)}
      </span>
      <span className="max-w-[65%] shrink-0 truncate">
        <Values from={first.applied} to={first.live} />
      </span>
      {fields.length > 1 && <span className="tnum shrink-0 text-faint">+{fields.length - 1}</span>}
    </span>
  );
}

function Name({ row: { ref, contested, healing } }: { row: DriftRow }) {
  return (
    <span className="flex min-w-0 items-center gap-2">
      <KindIcon kind={ref.kind} className="shrink-0 text-muted" />
      <span className="min-w-0 truncate font-mono text-12" title={`${ref.kind} ${ref.name}`}>
        {ref.name}
      </span>
      {contested && <Tag tone="bad">contested</Tag>}
      {healing && !contested && (
        <span title={sayHealing(healing)} className="shrink-0">
          <Tag tone="warn">self-heal {healing.state === "waits" ? "waits" : "stopped"}</Tag>
        </span>
      )}
    </span>
  );
}

const NAME: Column<DriftRow> = {
  id: "object",
  header: "Object",
  width: "minmax(150px, 1.6fr)",
  cell: (row) => <Name row={row} />,
};

const SINCE: Column<DriftRow> = {
  id: "since",
  header: "Since",
  sort: "since",
  width: "108px",
  cell: ({ since }) => <RelativeTime at={since} className="text-12 text-muted" />,
};

export const COLUMNS: readonly Column<DriftRow>[] = [
  NAME,
  {
    id: "kind",
    header: "Kind",
    from: 1100,
    width: "150px",
    cell: ({ ref }) => <span className="truncate text-12 text-muted">{ref.kind}</span>,
  },
  { id: "where", header: "Environment", from: WHERE_FROM, width: "minmax(130px, 1.8fr)", cell: where },
  { id: "what", header: "What was changed", from: WHAT_FROM, width: "minmax(200px, 2.2fr)", cell: what },
  {
    id: "by",
    header: "By",
    from: 900,
    width: "minmax(100px, 1fr)",
    cell: ({ fields }) => <span className="min-w-0 truncate text-12 text-muted">{managersOf(fields)}</span>,
  },
  SINCE,
];

/** For a list that is too narrow for them: all in one cell. */
export const NARROW_COLUMNS: readonly Column<DriftRow>[] = [
  {
    ...NAME,
    width: "minmax(0, 1fr)",
    cell: (row) => (
      <span className="flex min-w-0 flex-1 flex-col gap-0.5">
        <Name row={row} />
        <span className="flex min-w-0">{what(row)}</span>
        <span className="flex min-w-0 text-12">{where(row)}</span>
      </span>
    ),
  },
  { ...SINCE, width: "92px" },
];
