import { useMemo, type ReactNode } from "react";
import { Button } from "./Button";
import { SearchInput } from "./SearchInput";
import { EmptyState } from "./states";
import { Table, type Column, type TableProps } from "./Table";
import { useUrlState } from "./urlState";

export interface LocalColumn<Row> extends Omit<Column<Row>, "sort"> {
  /** What it is sorted by; a column without it cannot be sorted. */
  by?: (row: Row) => string | number;
}

export interface LocalTableProps<Row> extends Omit<
  TableProps<Row>,
  "columns" | "sort" | "onSort" | "footer" | "onEnd"
> {
  /** In the address: `?people=ada&people.sort=-joined`. */
  name: string;
  /** Counted under the last row: "person", "people". */
  noun: readonly [one: string, many: string];
  columns: readonly LocalColumn<Row>[];
  /** The id of a column, with `-` before it downwards. */
  defaultSort: string;
  /** The texts of a row that are searched. */
  texts: (row: Row) => readonly string[];
  /** The server has more than it gave. */
  isCut?: boolean;
  /** Beside the count. */
  footnote?: ReactNode;
}

/** Fewer rows are seen at a glance. */
const SEARCH_FROM = 8;

/** A list that the page has whole: searched and sorted here, and both are in the address. */
export function LocalTable<Row>(props: LocalTableProps<Row>) {
  const {
    name,
    noun,
    columns,
    defaultSort,
    texts,
    isCut,
    footnote,
    rows,
    label,
    className = "max-h-[70vh]",
    ...table
  } = props;
  const [url, setUrl] = useUrlState([name, `${name}.sort`]);
  const search = url[name] ?? "";
  const sort = url[`${name}.sort`] || defaultSort;
  const shown = useMemo(
    () => sorted(searched(rows, search, texts), columns, sort),
    [rows, search, texts, columns, sort],
  );
  return (
    <>
      {(rows.length >= SEARCH_FROM || search) && (
        <div className="border-b border-line px-4 py-2">
          <SearchInput
            label={`Search ${noun[1]}`}
            className="w-full sm:w-60"
            value={search}
            onChange={(typed) => setUrl({ [name]: typed })}
          />
        </div>
      )}
      {shown.length === 0 ? (
        <EmptyState
          className="py-10"
          title={`No matching ${noun[1]}`}
          action={<Button onClick={() => setUrl({ [name]: null })}>Show all</Button>}
        />
      ) : (
        <Table
          {...table}
          className={className}
          label={label}
          rows={shown}
          columns={columns.map(({ by, ...column }) => ({ ...column, sort: by && column.id }))}
          sort={sort}
          onSort={(next) => setUrl({ [`${name}.sort`]: next === defaultSort ? null : next })}
          footer={
            <>
              <span className="tnum shrink-0">
                {shown.length < rows.length && `${shown.length} of `}
                {isCut && "the first "}
                {rows.length} {rows.length === 1 ? noun[0] : noun[1]}
              </span>
              {footnote}
            </>
          }
        />
      )}
    </>
  );
}

function searched<Row>(rows: readonly Row[], search: string, texts: (row: Row) => readonly string[]): readonly Row[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = texts(row).join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function sorted<Row>(rows: readonly Row[], columns: readonly LocalColumn<Row>[], sort: string): readonly Row[] {
  const by = columns.find((column) => column.id === sort.replace(/^-/, ""))?.by;
  if (!by) return rows;
  const direction = sort.startsWith("-") ? -1 : 1;
  return rows.toSorted((a, b) => direction * compare(by(a), by(b)));
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true, sensitivity: "base" });
}
