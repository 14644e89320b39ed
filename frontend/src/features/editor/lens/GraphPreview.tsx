import { ReactFlowProvider } from "@xyflow/react";
import { useMemo } from "react";
import { documentFromLists, type GraphDocument, type GraphLists } from "@/model/records";
import type { Catalog } from "@/model/catalog";
import { explain } from "@/product";
import { ErrorState, SkeletonRows } from "@/ui";
import { Canvas } from "../canvas/Canvas";
import { useCatalog } from "../queries";
import { SessionProvider } from "../state/session";
import { openLens } from "./openLens";

/** A graph that is not a workflow yet, on a canvas where nothing can be edited. */
export default function GraphPreview({ graph }: { graph: GraphLists }) {
  const catalog = useCatalog();
  const document = useMemo(() => documentFromLists(graph), [graph]);
  if (catalog.data)
    return <Shown key={Object.keys(document.nodes).join(" ")} document={document} catalog={catalog.data} />;
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

function Shown({ document, catalog }: { document: GraphDocument; catalog: Catalog }) {
  const session = useMemo(
    () => openLens({ workflowId: "", catalog }, { document, cards: new Map(), lines: new Map() }, null),
    [document, catalog],
  );
  return (
    <ReactFlowProvider>
      <SessionProvider value={session}>
        <Canvas wantedNode={null} />
      </SessionProvider>
    </ReactFlowProvider>
  );
}
