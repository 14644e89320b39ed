import type { ResourcePage, ResourceRow } from "@/contract";
import { sortedBy } from "@/model/liveRows";
import { StatusGlyph } from "@/product";
import { RelativeTime, Tag, type Column } from "@/ui";
import { FavouriteStar } from "./FavouriteStar";

/** Columns that every list has in its own place. */
const OWN = new Set(["Name", "Namespace", "Age"]);
const FIRST_FROM = 560;
const STEP = 110;

/** Names an object among those of its kind. */
export const placeOf = ({ namespace, name }: { namespace: string; name: string }): string => `${namespace}/${name}`;

/** What the server prints of the kind, between the name and the age. */
export function columnsOf(page: ResourcePage, favourites: ReadonlySet<string>): readonly Column<ResourceRow>[] {
  const named: Column<ResourceRow>[] = [
    {
      id: "name",
      sort: "name",
      header: "Name",
      width: "minmax(180px, 2.4fr)",
      cell: (row) => (
        <span className="flex min-w-0 items-center gap-2">
          <span className="min-w-0 truncate font-mono text-12 font-medium" title={row.name}>
            {row.name}
          </span>
          {favourites.has(placeOf(row)) && <FavouriteStar />}
          {row.deleting && <Tag tone="warn">being deleted</Tag>}
        </span>
      ),
    },
  ];
  if (page.kind.namespaced)
    named.push({
      id: "namespace",
      sort: "namespace",
      header: "Namespace",
      from: 640,
      width: "minmax(110px, 1fr)",
      cell: (row) => <span className="min-w-0 truncate font-mono text-12 text-muted">{row.namespace}</span>,
    });
  if (page.kind.judged)
    named.push({
      id: "health",
      sort: "health",
      header: "Health",
      width: "130px",
      cell: ({ health }) => health && <StatusGlyph status={health.state} reason={health.reason} />,
    });
  const printed = page.columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => !column.wide && !OWN.has(column.name));
  return [
    ...named,
    ...printed.map(({ column, index }, place): Column<ResourceRow> => ({
      id: `cell-${index}`,
      sort: column.name,
      header: <span title={column.description}>{column.name}</span>,
      from: FIRST_FROM + STEP * (place + 1),
      width: "minmax(80px, 1fr)",
      cell: (row) => (
        <span className="min-w-0 truncate text-12 text-muted" title={said(row.cells[index])}>
          {said(row.cells[index])}
        </span>
      ),
    })),
    {
      id: "age",
      sort: "age",
      header: "Age",
      width: "92px",
      cell: ({ created_at }) => <RelativeTime at={created_at} className="text-12 text-muted" />,
    },
  ];
}

/** The rows in the order of a column, by what the server prints there; "" leaves them in the server's order. */
export function inOrder(rows: readonly ResourceRow[], page: ResourcePage | undefined, sort: string): ResourceRow[] {
  const word = sort.replace(/^-/, "");
  const index = page?.columns.findIndex(({ name }) => name === word) ?? -1;
  const by: ((row: ResourceRow) => unknown) | undefined = {
    name: (row: ResourceRow) => row.name,
    namespace: (row: ResourceRow) => row.namespace,
    health: (row: ResourceRow) => row.health?.state,
    age: (row: ResourceRow) => (row.created_at ? -Date.parse(row.created_at) : null),
  }[word];
  if (by) return sortedBy(rows, by, sort.startsWith("-"));
  return index < 0 ? [...rows] : sortedBy(rows, (row) => row.cells[index], sort.startsWith("-"));
}

const said = (cell: ResourceRow["cells"][number] | undefined): string =>
  cell === null || cell === undefined || cell === "" || cell === "<none>" ? "–" : String(cell);
