import type { ReactNode } from "react";
import { Button } from "./Button";
import { cx } from "./cx";
import { RelativeTime } from "./RelativeTime";
import { ErrorState, SkeletonRows } from "./states";
import { Table, type TableProps } from "./Table";

/** What a list needs to know of its pages; the result of an infinite query fits. */
export interface Pages {
  isPending: boolean;
  /** What is shown belongs to the previous filters. */
  isPlaceholderData: boolean;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  dataUpdatedAt: number;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
}

export interface PagedTableProps<Row> extends Omit<TableProps<Row>, "footer" | "onEnd"> {
  pages: Pages;
  /** "run": counted under the last row. */
  noun: string;
  failure: { reason: string; cure: string; details: string } | null;
  /** Shown when there are no rows. */
  empty: ReactNode;
}

/** A paged list in all its states: loading, failed, empty, full. */
export function PagedTable<Row>({ pages, noun, failure, empty, ...table }: PagedTableProps<Row>) {
  const { rows, label } = table;
  const more = () => void pages.fetchNextPage();
  const body = () => {
    if (pages.isPending) return <SkeletonRows rows={8} />;
    if (rows.length === 0)
      return failure ? (
        <ErrorState title={`${label} could not be loaded`} {...failure} onRetry={() => void pages.refetch()} />
      ) : (
        empty
      );
    return (
      <Table
        {...table}
        onEnd={() => pages.hasNextPage && !pages.isFetchingNextPage && more()}
        footer={
          <>
            <span className="tnum">
              {rows.length}
              {pages.hasNextPage ? "+" : ""} {rows.length === 1 ? noun : `${noun}s`}
            </span>
            <span>
              as of <RelativeTime at={new Date(pages.dataUpdatedAt).toISOString()} />
            </span>
            {pages.hasNextPage && (
              <Button size="sm" busy={pages.isFetchingNextPage} onClick={more}>
                Load more
              </Button>
            )}
            {failure && <span className="text-bad">{failure.reason}</span>}
          </>
        }
      />
    );
  };
  return (
    <div className={cx("flex min-h-0 flex-1 flex-col bg-surface", pages.isPlaceholderData && "opacity-60")}>
      {body()}
    </div>
  );
}
