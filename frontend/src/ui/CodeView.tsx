import type { ReactNode } from "react";
import { CopyButton } from "./CopyButton";
import { cx } from "./cx";

/** Monospaced text with a copy button, for short texts. Show long YAML in YamlEditor with `readOnly`. */
export function CodeView({
  code,
  label,
  wrap = false,
  className,
  title,
}: {
  code: string;
  label: string;
  wrap?: boolean;
  className?: string;
  title?: ReactNode;
}) {
  return (
    <figure
      className={cx("group relative overflow-hidden rounded border border-line bg-code", className)}
      aria-label={label}
    >
      {title && <figcaption className="border-b border-line px-3 py-1.5 text-12 text-muted">{title}</figcaption>}
      {/* A scrollable region must be reachable by keyboard. */}
      <pre
        tabIndex={0}
        role="region"
        aria-label={label}
        className={cx("overflow-auto py-2 pr-10 pl-3 font-mono text-12", wrap && "wrap-anywhere whitespace-pre-wrap")}
      >
        {code}
      </pre>
      <div className="absolute top-1 right-1">
        <CopyButton text={code} />
      </div>
    </figure>
  );
}
