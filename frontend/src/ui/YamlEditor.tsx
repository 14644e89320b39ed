import { lazy, Suspense } from "react";
import { cx } from "./cx";
import { Skeleton } from "./states";
import type { YamlEditorProps } from "./yamlEditorProps";

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
