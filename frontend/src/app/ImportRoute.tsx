import { lazy, Suspense } from "react";
import { ImportPage, type PreviewProps } from "@/features/imports/ImportPage";
import type { GraphLists } from "@/model/records";
import { SkeletonRows } from "@/ui";

const GraphPreview = lazy(() => import("@/features/editor/lens/GraphPreview"));

/** An import, with the editor's canvas for its graph. */
export default function ImportRoute() {
  return <ImportPage Preview={Preview} />;
}

function Preview({ graph, before }: PreviewProps) {
  return (
    <Suspense fallback={<SkeletonRows />}>
      {/* The document leaves open what parameters hold. */}
      <GraphPreview graph={graph as unknown as GraphLists} before={before as unknown as GraphLists | undefined} />
    </Suspense>
  );
}
