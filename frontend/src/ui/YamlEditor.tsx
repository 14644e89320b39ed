import { lazy, Suspense } from "react";
import { cx } from "./cx";
import { Skeleton } from "./states";

export interface YamlMark {
  /** From 1. */
  line: number;
  column?: number;
  message: string;
  severity?: "error" | "warning";
}
export interface YamlEditorProps {
  value: string;
  onChange?: (value: string) => void;
  /** Read aloud as the editor's name. */
  label: string;
  language?: "yaml" | "json" | "plaintext";
  readOnly?: boolean;
  marks?: readonly YamlMark[];
  /** Its box; the editor fills it. */
  className?: string;
  autoFocus?: boolean;
}

const Monaco = lazy(() => import("./MonacoEditor"));

/** Monaco, loaded when first shown. Give it a height through `className`. */
export function YamlEditor({ className, ...props }: YamlEditorProps) {
  return (
    <div className={cx("min-h-0 overflow-hidden rounded border border-line bg-code", className ?? "h-80")}>
      <Suspense
        fallback={
          <div role="status" aria-label="Loading the editor" className="flex flex-col gap-2.5 p-4">
            <Skeleton className="h-3 w-32" />
            <Skeleton className="ml-4 h-3 w-48" />
            <Skeleton className="ml-4 h-3 w-40" />
            <Skeleton className="ml-8 h-3 w-56" />
          </div>
        }
      >
        <Monaco {...props} />
      </Suspense>
    </div>
  );
}
