import type { ReactNode } from "react";
import { cx } from "./cx";

export interface PageHeaderProps {
  title: ReactNode;
  /** Beside the title: a status pill. */
  status?: ReactNode;
  subtitle?: ReactNode;
  /** Right end: the page's actions, primary last. */
  actions?: ReactNode;
  className?: string;
}

export function PageHeader({ title, status, subtitle, actions, className }: PageHeaderProps) {
  return (
    <header className={cx("flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 px-5 pt-4 pb-3", className)}>
      <div className="min-w-0 flex-1 basis-80">
        <div className="flex min-w-0 items-center gap-2.5">
          <h1 className="truncate text-16 font-semibold">{title}</h1>
          {status}
        </div>
        {subtitle && <div className="mt-0.5 text-12 text-muted">{subtitle}</div>}
      </div>
      {actions && <div className="flex max-w-full shrink-0 flex-wrap items-center gap-2">{actions}</div>}
    </header>
  );
}

/** The row above a list: its name, search, filters and, at the right end, actions. */
export function ListHeader({
  title,
  children,
  actions,
}: {
  /** Left out where the page has a heading of its own. */
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-5 py-3">
      {title && <h1 className="text-16 font-semibold">{title}</h1>}
      {children && (
        <div className="flex max-w-full min-w-0 flex-1 basis-100 flex-wrap items-center gap-2 max-sm:order-last">
          {children}
        </div>
      )}
      {actions && <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>}
    </header>
  );
}

export function Card({
  title,
  description,
  actions,
  children,
  className,
  padded = true,
}: {
  title?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
  className?: string;
  padded?: boolean;
}) {
  return (
    <section className={cx("min-w-0 rounded-card border border-line bg-surface", className)}>
      {(title || actions) && (
        <header className="flex flex-wrap items-start gap-x-3 gap-y-2 border-b border-line px-4 py-3">
          <div className="min-w-0 flex-1 basis-52">
            <h2 className="text-13 font-semibold">{title}</h2>
            {description && <p className="mt-0.5 text-12 text-muted">{description}</p>}
          </div>
          {actions}
        </header>
      )}
      {/* What is empty in a card is a line in it, not a page of its own. */}
      {children !== undefined && <div className={cx("*:data-empty:py-6", padded && "p-4")}>{children}</div>}
    </section>
  );
}

/** Facts in two columns. */
export function Facts({
  rows,
  className,
}: {
  rows: readonly (readonly [term: ReactNode, value: ReactNode] | false | null)[];
  className?: string;
}) {
  return (
    <dl className={cx("grid grid-cols-[minmax(96px,auto)_1fr] gap-x-4 gap-y-1.5 text-13", className)}>
      {rows.map(
        (row, index) =>
          row && (
            <div key={index} className="contents">
              <dt className="text-muted">{row[0]}</dt>
              <dd className="min-w-0 break-words">{row[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
