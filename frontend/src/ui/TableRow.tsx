import { createContext, useContext, type CSSProperties, type KeyboardEvent } from "react";
import { cx } from "./cx";
import type { Column } from "./Table";

const InRow = createContext(true);

/**
 * The `tabIndex` of a control inside a row: one row of a table is in the tab order, with its controls. 0 outside of
 * tables.
 */
export const useRowTabIndex = (): 0 | -1 => (useContext(InRow) ? 0 : -1);

export interface TableRowProps<Row> {
  row: Row;
  index: number;
  columns: readonly Column<Row>[];
  /** The one that Tab reaches. */
  isCurrent: boolean;
  /** Its detail is open. */
  isActive: boolean;
  style: CSSProperties;
  onOpen?: (row: Row) => void;
  onFocus: () => void;
  onKeyDown: (event: KeyboardEvent<HTMLDivElement>) => void;
}

export function TableRow<Row>(props: TableRowProps<Row>) {
  const { row, index, columns, isCurrent, isActive, style, onOpen, onFocus, onKeyDown } = props;
  return (
    <InRow value={isCurrent}>
      <div
        role="row"
        aria-rowindex={index + 2}
        aria-selected={isActive || undefined}
        tabIndex={isCurrent ? 0 : -1}
        data-row={index}
        onFocus={onFocus}
        onKeyDown={onKeyDown}
        onClick={(event) => {
          if (!onOpen || (event.target as HTMLElement).closest("a, button, input, [role=menuitem]")) return;
          if (window.getSelection()?.toString()) return;
          onOpen(row);
        }}
        style={style}
        className={cx(
          "group/row grid items-center border-b border-line text-13 focus-visible:outline-offset-[-2px]",
          onOpen && "cursor-pointer hover:bg-hover",
          isActive && "bg-accent-soft hover:bg-accent-soft",
        )}
      >
        {columns.map((column) => (
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
    </InRow>
  );
}
