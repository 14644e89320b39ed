import { Crosshair, Wrench } from "lucide-react";
import { useState } from "react";
import type { NodeFinding } from "@/contract";
import { editOf, type FixChange } from "@/model/fixes";
import { Button } from "@/ui";
import { showField } from "../actions/showing";
import { useFlow } from "../state/flow";
import { useDocument, useEditor } from "../state/session";

/** Puts the fix into the drawing, where it can be seen, planned and undone; or shows the field to correct. */
export function Mend({ finding }: { finding: NodeFinding }) {
  const session = useEditor();
  const flow = useFlow();
  const readOnly = useDocument((state) => state.readOnly);
  const drawn = useDocument((state) => state.document.nodes[finding.node_id] !== undefined);
  const [done, setDone] = useState<"mended" | "moved" | null>(null);
  const { fix, changes, parameter, node_id } = finding;
  if (!drawn) return null;
  const mend = () => {
    const { seal } = session.document.getState();
    seal();
    let count = 0;
    for (const change of changes) {
      const { document, apply } = session.document.getState();
      const edit = editOf(document, session.catalog, change as FixChange);
      if (edit) {
        apply(edit);
        count += 1;
      }
    }
    seal();
    setDone(count > 0 ? "mended" : "moved");
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      {fix && changes.length > 0 && !readOnly && done === null && (
        <Button size="sm" tone="primary" icon={<Wrench size={14} aria-hidden />} onClick={mend}>
          {fix.label}
        </Button>
      )}
      {parameter && (
        <Button
          size="sm"
          icon={<Crosshair size={14} aria-hidden />}
          onClick={() => showField(session, node_id, parameter, flow)}
        >
          Show the field
        </Button>
      )}
      {done !== null && (
        <p role="status" className="text-12 text-muted">
          {done === "mended"
            ? "Changed in the drawing. Plan shows what a run will do; undo takes it back."
            : "The drawing says this already. Run it to have it in the cluster."}
        </p>
      )}
    </div>
  );
}
