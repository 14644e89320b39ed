/** What a list needs to know of a row to keep it in its place. */
export interface LiveRow {
  uid: string;
  namespace: string;
  name: string;
}
export interface LivePage<Row> {
  results: Row[];
  next: string | null;
}

/**
 * The pages with what changed in them: known rows in their place, new ones where they belong in the order of namespaces
 * and names, and those that are gone left out. What belongs behind the last loaded row comes with its own page.
 */
export function withChanges<Row extends LiveRow, Page extends LivePage<Row>>(
  pages: readonly Page[],
  rows: readonly Row[],
  gone: readonly string[],
): Page[] {
  const changed = new Map(rows.map((row) => [row.uid, row]));
  const absent = new Set(gone);
  const found = pages.map((page) => ({
    ...page,
    results: page.results
      .filter((row) => !absent.has(row.uid))
      .map((row) => {
        const now = changed.get(row.uid);
        changed.delete(row.uid);
        return now ?? row;
      }),
  }));
  const last = found.at(-1);
  for (const row of changed.values()) {
    const page = found.find(({ results }) => results.some((one) => isBefore(row, one)));
    if (page) {
      page.results.splice(
        page.results.findIndex((one) => isBefore(row, one)),
        0,
        row,
      );
    } else if (last && last.next === null) last.results.push(row);
  }
  return found;
}

const isBefore = (one: LiveRow, other: LiveRow) =>
  one.namespace === other.namespace ? one.name < other.name : one.namespace < other.namespace;

/** Rows in the order of a value; what has none comes last, whatever the direction. */
export function sortedBy<Row>(rows: readonly Row[], by: (row: Row) => unknown, down: boolean): Row[] {
  const direction = down ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [one, other] = [by(a), by(b)];
    if (isNothing(one) || isNothing(other)) return Number(isNothing(one)) - Number(isNothing(other));
    if (typeof one === "number" && typeof other === "number") return direction * (one - other);
    return direction * String(one).localeCompare(String(other), undefined, { numeric: true, sensitivity: "base" });
  });
}

const isNothing = (value: unknown) => value === null || value === undefined || value === "" || value === "<none>";
