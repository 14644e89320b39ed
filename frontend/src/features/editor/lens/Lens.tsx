import { ReactFlowProvider } from "@xyflow/react";
import { useMemo, type ReactNode } from "react";
import type { MarkedGraph } from "@/model/markedGraph";
import { useTopic } from "@/realtime";
import { Canvas } from "../canvas/Canvas";
import { Outline } from "../canvas/Outline";
import { environmentTopic } from "../live";
import { OverCanvas } from "../OverCanvas";
import { SessionProvider, useEditor, useView } from "../state/session";
import { openLens } from "./openLens";

interface LensProps {
  readonly marked: MarkedGraph;
  /** Whose health the cards show; null for none. */
  readonly environmentId: string | null;
  /** Beside the canvas; it reads the session of the canvas. */
  readonly children: ReactNode;
}

/**
 * A graph with marks on a canvas of its own, and what is said of it beside. The editor's own session is left alone. Give
 * it a `key`: another graph is fitted anew.
 */
export function Lens({ marked, environmentId, children }: LensProps) {
  const editor = useEditor();
  useTopic(environmentTopic(environmentId));
  const session = useMemo(() => openLens(editor, marked, environmentId), [editor, marked, environmentId]);
  return (
    <ReactFlowProvider>
      <SessionProvider value={session}>
        <LensBody>{children}</LensBody>
      </SessionProvider>
    </ReactFlowProvider>
  );
}

function LensBody({ children }: { children: ReactNode }) {
  const outline = useView((state) => state.outline);
  return (
    <div className="relative flex min-h-0 flex-1">
      {outline && <Outline />}
      <div className="min-h-0 min-w-0 flex-1">
        <Canvas wantedNode={null} />
      </div>
      <OverCanvas>{children}</OverCanvas>
    </div>
  );
}
