import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { cx } from "./cx";
import { TableHeader } from "./TableHeader";
import { TableRow } from "./TableRow";
import { useRowKeys } from "./useRowKeys";

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
  /** In px; 40 unless a row has two lines. */
  rowHeight?: number;
  /** Under the last row: count, "Load more", "as of". */
  footer?: ReactNode;
  /** Called when the end is near, to load the next page. */
  onEnd?: () => void;
  className?: string;
}

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
  rowHeight = 40,
  footer,
  onEnd,
  className,
}: TableProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(1200);
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

  useEffect(() => {
    const element = scroller.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const { current, setCurrent, onKeyDown } = useRowKeys(
    rows.length,
    scroller,
    onOpen && ((index) => rows[index] !== undefined && onOpen(rows[index])),
    (index) => virtual && virtualizer.scrollToIndex(index),
  );
  const drawRow = (row: Row, index: number, offset?: number) => {
    const key = rowKey(row);
    return (
      <TableRow
        key={key}
        row={row}
        index={index}
        columns={shown}
        isCurrent={index === current}
        isActive={activeKey === key}
        onOpen={onOpen}
        onFocus={() => setCurrent(index)}
        onKeyDown={(event) => onKeyDown(event, index)}
        style={{
          gridTemplateColumns: template,
          height: rowHeight,
          ...(offset === undefined
            ? {}
            : { position: "absolute", top: 0, left: 0, right: 0, transform: `translateY(${offset}px)` }),
        }}
      />
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
              <TableHeader key={column.id} column={column} sort={sort} onSort={onSort} />
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
