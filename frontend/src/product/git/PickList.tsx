import { ChevronDown } from "lucide-react";
import { useState, type KeyboardEvent, type ReactNode } from "react";
import { explain } from "../problem";
import { Button, cx, ErrorState, Popover, SearchInput, SkeletonRows, useTypedSearch } from "@/ui";

/** Whether the list is open, and what was typed into its search. */
export interface Picking {
  isOpen: boolean;
  typed: string;
  /** The search that is asked for: what was typed, once that pauses. */
  q: string;
  open: (isOpen: boolean) => void;
  type: (text: string) => void;
}
export function usePicking(): Picking {
  const [isOpen, setOpen] = useState(false);
  const [q, search] = useState("");
  const [typed, type] = useTypedSearch(q, search);
  const open = (next: boolean) => {
    setOpen(next);
    type("");
    search("");
  };
  return { isOpen, typed, q: q.trim(), open, type };
}

interface Pages<Row> {
  data?: { pages: { results: Row[] }[] };
  error: Error | null;
  isPending: boolean;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
}

function intoView(button: HTMLButtonElement | null): void {
  button?.scrollIntoView({ block: "nearest" });
}

/** A button that opens a list to search and choose from, page by page. */
export function PickList<Row>({
  label,
  disabled,
  picking,
  pages,
  nameOf,
  children,
  onPick,
}: {
  label: string;
  disabled?: boolean;
  picking: Picking;
  pages: Pages<Row>;
  nameOf: (row: Row) => string;
  children: (row: Row) => ReactNode;
  onPick: (row: Row) => void;
}) {
  const { isOpen, typed, open, type } = picking;
  const [at, move] = useState(0);
  const rows = pages.data?.pages.flatMap((page) => page.results) ?? [];
  const pick = (row: Row) => {
    onPick(row);
    open(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = rows[Math.min(at, rows.length - 1)];
    if (step) move(Math.max(0, Math.min(rows.length - 1, at + step)));
    else if (event.key === "Enter" && row && !(event.target instanceof HTMLButtonElement)) pick(row);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <Popover
      label={label}
      align="end"
      width={380}
      open={isOpen}
      onOpenChange={open}
      trigger={
        <Button disabled={disabled} aria-label={label} icon={<ChevronDown size={14} aria-hidden />}>
          Choose
        </Button>
      }
    >
      <div role="presentation" className="border-b border-line p-2" onKeyDown={onKeyDown}>
        <SearchInput
          label="Search"
          value={typed}
          onChange={(text) => {
            type(text);
            move(0);
          }}
        />
      </div>
      <div className="max-h-72 overflow-y-auto p-1">
        {pages.isPending ? (
          <SkeletonRows rows={4} />
        ) : pages.error ? (
          <ErrorState inline title="Not read" {...explain(pages.error)} onRetry={() => void pages.refetch()} />
        ) : rows.length === 0 ? (
          <p className="px-2 py-3 text-13 text-muted">{typed.trim() ? "Nothing matches." : "There is nothing yet."}</p>
        ) : (
          <ul>
            {rows.map((row, number) => (
              <li key={nameOf(row)}>
                <button
                  type="button"
                  ref={number === at && at > 0 ? intoView : undefined}
                  className={cx(
                    "flex w-full min-w-0 flex-col gap-0.5 rounded px-2 py-1.5 text-left text-13 hover:bg-hover",
                    number === at && "bg-hover",
                  )}
                  onClick={() => pick(row)}
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
    </Popover>
  );
}
