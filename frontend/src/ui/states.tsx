import { CircleAlert, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./Button";
import { CopyButton } from "./CopyButton";
import { cx } from "./cx";

export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cx("animate-shimmer block rounded bg-active", className)} />;
}

/** Placeholder rows of a table that is loading. */
export function SkeletonRows({ rows = 6, className }: { rows?: number; className?: string }) {
  return (
    <div role="status" aria-label="Loading" className={cx("flex flex-col", className)}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="flex h-10 items-center gap-6 border-b border-line px-4">
          <Skeleton className={cx("h-3", ["w-40", "w-56", "w-32", "w-48"][index % 4])} />
          <Skeleton className="h-3 w-16" />
          <span className="flex-1" />
          <Skeleton className="h-3 w-24" />
          <Skeleton className="h-3 w-20" />
        </div>
      ))}
    </div>
  );
}

export interface EmptyStateProps {
  icon?: ReactNode;
  title: ReactNode;
  /** One sentence: what will be shown here. */
  children?: ReactNode;
  action?: ReactNode;
  /** Nothing else is on the page: its title is the page's heading. */
  page?: boolean;
  className?: string;
}

export function EmptyState({ icon, title, children, action, page, className }: EmptyStateProps) {
  const Heading = page ? "h1" : "h2";
  return (
    <div data-empty className={cx("flex flex-col items-center justify-center gap-3 px-6 py-16 text-center", className)}>
      {icon && (
        <span className="flex size-11 items-center justify-center rounded-card border border-line bg-surface text-muted shadow-1">
          {icon}
        </span>
      )}
      <div className="max-w-100">
        <Heading className="text-14 font-semibold">{title}</Heading>
        {children && <p className="mt-1 text-13 text-muted">{children}</p>}
      </div>
      {action && <div className="mt-1 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

export interface ErrorStateProps {
  /** What happened: "Workflows could not be loaded". */
  title: ReactNode;
  /** Why, in the words of the server where there are any. */
  reason?: ReactNode;
  /** What to do next. */
  cure?: ReactNode;
  onRetry?: () => void;
  /** Folded: code, request id, raw answer. */
  details?: string;
  action?: ReactNode;
  /** Nothing else is on the page: its title is the page's heading. */
  page?: boolean;
  /** A strip inside a form or panel instead of a whole page. */
  inline?: boolean;
  className?: string;
}

export function ErrorState({
  title,
  reason,
  cure,
  onRetry,
  details,
  action,
  page,
  inline,
  className,
}: ErrorStateProps) {
  const Heading = page ? "h1" : "h2";
  const folded = details && (
    <details className={cx("text-12", inline ? "mt-1" : "w-full max-w-120")}>
      <summary className={cx("w-fit rounded text-muted hover:text-text", !inline && "mx-auto")}>Details</summary>
      <div className="mt-1 flex items-start gap-2 rounded border border-line bg-code p-2 text-left">
        <pre className="min-w-0 flex-1 font-mono text-12 break-words whitespace-pre-wrap">{details}</pre>
        <CopyButton text={details} label="Copy details" />
      </div>
    </details>
  );
  if (inline)
    return (
      <div
        role="alert"
        className={cx("flex gap-2.5 rounded border border-bad/30 bg-bad-soft px-3 py-2 text-13", className)}
      >
        <CircleAlert size={16} className="mt-0.5 shrink-0 text-bad" aria-hidden />
        <div className="min-w-0 flex-1">
          <p className="font-medium break-words">{title}</p>
          {reason && <p className="break-words text-text">{reason}</p>}
          {cure && <p className="text-muted">{cure}</p>}
          {folded}
        </div>
        {onRetry && (
          <Button size="sm" onClick={onRetry}>
            Retry
          </Button>
        )}
        {action}
      </div>
    );
  return (
    <div role="alert" className={cx("flex flex-col items-center gap-3 px-6 py-16 text-center", className)}>
      <span className="flex size-11 items-center justify-center rounded-card border border-bad/30 bg-bad-soft text-bad">
        <CircleAlert size={20} strokeWidth={1.5} aria-hidden />
      </span>
      <div className="max-w-120">
        <Heading className="text-14 font-semibold">{title}</Heading>
        {reason && <p className="mt-1 text-13 break-words">{reason}</p>}
        {cure && <p className="mt-1 text-13 text-muted">{cure}</p>}
      </div>
      <div className="flex gap-2">
        {onRetry && (
          <Button icon={<RotateCw size={14} aria-hidden />} onClick={onRetry}>
            Retry
          </Button>
        )}
        {action}
      </div>
      {folded}
    </div>
  );
}
