import { useState, type KeyboardEvent, type ReactNode } from "react";
import { Button, cx, ErrorState, SearchInput, SkeletonRows, useTypedSearch } from "@/ui";
import { explain } from "./problem";

/** Whether the list is open, and what was typed into its search. */
export interface Picking {
  isOpen: boolean;
  typed: string;
  /** The search that is asked for: what was typed, once that pauses. */
  q: string;
  open: (isOpen: boolean) => void;
  type: (text: string) => void;
}
export function usePicking(begun = ""): Picking {
  const [isOpen, setOpen] = useState(false);
  const [q, search] = useState(begun);
  const [typed, type] = useTypedSearch(q, search);
  const open = (next: boolean) => {
    setOpen(next);
    type("");
    search("");
  };
  return { isOpen, typed, q: q.trim(), open, type };
}

export interface PickPages<Row> {
  data?: { pages: { results: Row[] }[] };
  error: Error | null;
  isPending: boolean;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
}

interface PickRowsProps<Row> {
  /** Of the search. */
  label: string;
  picking: Pick<Picking, "typed" | "type">;
  pages: PickPages<Row>;
  nameOf: (row: Row) => string;
  children: (row: Row) => ReactNode;
  onPick: (row: Row) => void;
  /** Between the search and what it finds. */
  above?: ReactNode;
  /** Said where there is nothing to choose. */
  nothing?: ReactNode;
  /** Enter, where nothing is there to be chosen. */
  onEnter?: (typed: string) => void;
}

/** Whoever opens a list types at once. */
function focus(input: HTMLInputElement | null): void {
  input?.focus();
}

function intoView(button: HTMLButtonElement | null): void {
  button?.scrollIntoView({ block: "nearest" });
}

/** A search and what it finds, page by page: arrows move, Enter takes the row that is marked, which is the only hit. */
export function PickRows<Row>(props: PickRowsProps<Row>) {
  const { label, picking, pages, nameOf, children, onPick, above, nothing, onEnter } = props;
  const { typed, type } = picking;
  const [at, move] = useState(0);
  const rows = pages.data?.pages.flatMap((page) => page.results) ?? [];
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLButtonElement) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = rows[Math.min(at, rows.length - 1)];
    if (step) move(Math.max(0, Math.min(rows.length - 1, at + step)));
    else if (event.key === "Enter" && row) onPick(row);
    else if (event.key === "Enter" && onEnter) onEnter(typed);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <div role="presentation" className="border-b border-line p-2" onKeyDown={onKeyDown}>
        <SearchInput
          inputRef={focus}
          label={label}
          value={typed}
          onChange={(text) => {
            type(text);
            move(0);
          }}
        />
      </div>
      {above}
      <div className="max-h-72 overflow-y-auto p-1">
        {pages.isPending ? (
          <SkeletonRows rows={4} />
        ) : pages.error ? (
          <ErrorState inline title="Not read" {...explain(pages.error)} onRetry={() => void pages.refetch()} />
        ) : rows.length === 0 ? (
          <p className="px-2 py-3 text-13 text-muted">
            {typed.trim() && !onEnter ? "Nothing matches." : (nothing ?? "There is nothing yet.")}
          </p>
        ) : (
          <ul>
            {rows.map((row, number) => (
              <li key={nameOf(row)}>
                <button
                  type="button"
                  ref={number === at && at > 0 ? intoView : undefined}
                  aria-current={number === at || undefined}
                  className={cx(
                    "flex w-full min-w-0 flex-col gap-0.5 rounded px-2 py-1.5 text-left text-13 hover:bg-hover",
                    number === at && "bg-hover",
                  )}
                  onClick={() => onPick(row)}
                >
                  {children(row)}
                </button>
              </li>
            ))}
          </ul>
        )}
        {pages.hasNextPage && (
          <div className="flex justify-center p-2">
            <Button size="sm" busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
              Show more
            </Button>
          </div>
        )}
      </div>
    </>
  );
}
