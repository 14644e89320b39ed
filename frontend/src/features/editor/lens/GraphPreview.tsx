import { ReactFlowProvider } from "@xyflow/react";
import { useMemo } from "react";
import { comparedGraph, type MarkedGraph } from "@/model/markedGraph";
import { documentFromLists, type GraphLists } from "@/model/records";
import type { Catalog } from "@/model/catalog";
import { explain } from "@/product";
import { ErrorState, SkeletonRows } from "@/ui";
import { Canvas } from "../canvas/Canvas";
import { useCatalog } from "../queries";
import { SessionProvider } from "../state/session";
import { openLens } from "./openLens";

interface GraphPreviewProps {
  readonly graph: GraphLists;
  /** What it is compared with: cards and lines that came, went and changed are marked. */
  readonly before?: GraphLists;
}

/** A graph that is not a workflow yet, on a canvas where nothing can be edited. */
export default function GraphPreview({ graph, before }: GraphPreviewProps) {
  const catalog = useCatalog();
  const marked = useMemo((): MarkedGraph => {
    const document = documentFromLists(graph);
    if (before) return comparedGraph(documentFromLists(before), document);
    return { document, cards: new Map(), lines: new Map() };
  }, [graph, before]);
  if (catalog.data)
    return <Shown key={Object.keys(marked.document.nodes).join(" ")} marked={marked} catalog={catalog.data} />;
  if (catalog.error)
    return (
      <ErrorState
        title="The preview could not be drawn"
        {...explain(catalog.error)}
        onRetry={() => void catalog.refetch()}
      />
    );
  return <SkeletonRows />;
}

function Shown({ marked, catalog }: { marked: MarkedGraph; catalog: Catalog }) {
  const session = useMemo(() => openLens({ workflowId: "", catalog }, marked, null), [marked, catalog]);
  return (
    <ReactFlowProvider>
      <SessionProvider value={session}>
        <Canvas wantedNode={null} />
      </SessionProvider>
    </ReactFlowProvider>
  );
}
