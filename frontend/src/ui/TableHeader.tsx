import { ArrowDown, ArrowUp } from "lucide-react";
import { cx } from "./cx";
import type { Column } from "./Table";

/** The head of a column; a button where the column can be sorted. */
export function TableHeader<Row>({
  column,
  sort,
  onSort,
}: {
  column: Column<Row>;
  sort?: string;
  onSort?: (sort: string) => void;
}) {
  const up = column.sort !== undefined && sort === column.sort;
  const down = column.sort !== undefined && sort === `-${column.sort}`;
  const className = cx(
    "flex min-w-0 items-center gap-1 px-3 first:pl-5 last:pr-5",
    column.align === "right" && "justify-end",
  );
  if (!column.sort || !onSort)
    return (
      <div role="columnheader" className={className}>
        <span className="truncate">{column.header}</span>
      </div>
    );
  return (
    <div role="columnheader" aria-sort={up ? "ascending" : down ? "descending" : "none"} className={className}>
      <button
        type="button"
        className={cx(
          "inline-flex min-w-0 items-center gap-1 rounded-sm hover:text-text",
          (up || down) && "font-medium text-text",
        )}
        onClick={() => onSort(down ? (column.sort as string) : `-${column.sort}`)}
      >
        <span className="truncate">{column.header}</span>
        {up && <ArrowUp size={12} aria-hidden />}
        {down && <ArrowDown size={12} aria-hidden />}
      </button>
    </div>
  );
}
