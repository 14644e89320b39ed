import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { cx } from "./cx";
import type { KeyHelp } from "./keys";

export interface Column<Row> {
  id: string;
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  /** A grid track: "minmax(200px, 2fr)", "120px". */
  width?: string;
  /** The word of the API's `sort` parameter; `-word` is downwards. */
  sort?: string;
  align?: "left" | "right";
  /** Not shown below this width of the table, in px. */
  from?: number;
}

export interface TableProps<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  /** Enter or click. */
  onOpen?: (row: Row) => void;
  /** Marks the row whose detail is open. */
  activeKey?: string | null;
  sort?: string;
  onSort?: (sort: string) => void;
  compact?: boolean;
  /** Under the last row: count, "Load more", "as of". */
  footer?: ReactNode;
  /** Called when the end is near, to load the next page. */
  onEnd?: () => void;
  className?: string;
}

/** Shortcuts of the focused row. */
export const TABLE_KEYS: readonly KeyHelp[] = [
  { group: "In tables", label: "Next row", keys: "j" },
  { group: "In tables", label: "Previous row", keys: "k" },
  { group: "In tables", label: "Open the row", keys: "enter" },
];

const VIRTUAL_FROM = 200;

/** Sticky header, sort, keyboard (j/k, arrows, Home/End, Enter); only visible rows are drawn beyond 200. */
export function Table<Row>({
  label,
  rows,
  columns,
  rowKey,
  onOpen,
  activeKey,
  sort,
  onSort,
  compact,
  footer,
  onEnd,
  className,
}: TableProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const [width, setWidth] = useState(1200);
  const rowHeight = compact ? 32 : 40;
  const virtual = rows.length > VIRTUAL_FROM;
  // The virtualizer hands out functions that are not memoizable; nothing below relies on memoizing them.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    enabled: virtual,
  });
  const shown = columns.filter((column) => !column.from || width >= column.from);
  const template = shown.map((column) => column.width ?? "minmax(120px, 1fr)").join(" ");
  const current = Math.min(at, rows.length - 1);

  useEffect(() => {
    const element = scroller.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const focusRow = (index: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, index));
    setAt(next);
    if (virtual) virtualizer.scrollToIndex(next);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-row="${next}"]`)?.focus());
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>, row: Row, index: number) => {
    if (event.target !== event.currentTarget) return;
    switch (event.key) {
      case "j":
      case "ArrowDown":
        focusRow(index + 1);
        break;
      case "k":
      case "ArrowUp":
        focusRow(index - 1);
        break;
      case "Home":
        focusRow(0);
        break;
      case "End":
        focusRow(rows.length - 1);
        break;
      case "Enter":
        onOpen?.(row);
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  const drawRow = (row: Row, index: number, offset?: number) => {
    const key = rowKey(row);
    return (
      <div
        key={key}
        role="row"
        aria-rowindex={index + 2}
        aria-selected={activeKey === key || undefined}
        tabIndex={index === current ? 0 : -1}
        data-row={index}
        onFocus={() => setAt(index)}
        onKeyDown={(event) => onKeyDown(event, row, index)}
        onClick={(event) => {
          if (!onOpen || (event.target as HTMLElement).closest("a, button, input, [role=menuitem]")) return;
          if (window.getSelection()?.toString()) return;
          onOpen(row);
        }}
        style={{
          gridTemplateColumns: template,
          height: rowHeight,
          ...(offset === undefined
            ? {}
            : { position: "absolute", top: 0, left: 0, right: 0, transform: `translateY(${offset}px)` }),
        }}
        className={cx(
          "group/row grid items-center border-b border-line text-13 focus-visible:outline-offset-[-2px]",
          onOpen && "cursor-pointer hover:bg-hover",
          activeKey === key && "bg-accent-soft hover:bg-accent-soft",
        )}
      >
        {shown.map((column) => (
          <div
            key={column.id}
            role="cell"
            className={cx(
              "flex min-w-0 items-center px-3 first:pl-5 last:pr-5",
              column.align === "right" && "justify-end",
            )}
          >
            {column.cell(row)}
          </div>
        ))}
      </div>
    );
  };

  return (
    <div
      ref={scroller}
      className={cx("min-h-0 flex-1 overflow-auto", className)}
      onScroll={(event) => {
        const element = event.currentTarget;
        if (onEnd && element.scrollHeight - element.scrollTop - element.clientHeight < 400) onEnd();
      }}
    >
      <div role="table" aria-label={label} aria-rowcount={rows.length + 1} className="min-w-fit">
        <div role="rowgroup" className="sticky top-0 z-10 border-b border-line bg-surface">
          <div
            role="row"
            aria-rowindex={1}
            className="grid h-8 items-center text-12 text-muted"
            style={{ gridTemplateColumns: template }}
          >
            {shown.map((column) => (
              <SortableHeader key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
          </div>
        </div>
        <div role="rowgroup" style={virtual ? { height: virtualizer.getTotalSize(), position: "relative" } : undefined}>
          {virtual
            ? virtualizer.getVirtualItems().map((item) => {
                const row = rows[item.index];
                return row === undefined ? null : drawRow(row, item.index, item.start);
              })
            : rows.map((row, index) => drawRow(row, index))}
        </div>
      </div>
      {footer && <div className="flex items-center gap-3 px-5 py-3 text-12 text-muted">{footer}</div>}
    </div>
  );
}

function SortableHeader<Row>({
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
