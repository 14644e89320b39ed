import { BaseEdge, getSmoothStepPath, type EdgeProps } from "@xyflow/react";
import { memo } from "react";
import { cx } from "@/ui";
import { useNodeLive, useRunLive } from "../live";
import type { FlowEdge } from "../state/flowElements";
import { useDocument, useEditor } from "../state/session";

/** A thin arrow to what is used. It shows its relation on hover and while selected, and moves only during a run. */
export const RelationEdge = memo(function RelationEdge(props: EdgeProps<FlowEdge>) {
  const { id, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, selected } = props;
  const { catalog } = useEditor();
  const edge = useDocument((state) => state.document.edges[id]);
  const wrong = useDocument((state) => state.marks.has(id));
  const run = useRunLive();
  const runs = run?.state === "applying" || run?.state === "verifying";
  const waits = useNodeLive(edge?.target ?? "")?.health === "progressing";
  const [path, x, y] = getSmoothStepPath({
    sourceX,
    sourceY,
    targetX,
    targetY,
    sourcePosition,
    targetPosition,
    borderRadius: 10,
  });
  const relation = catalog.relationById.get(edge?.relation ?? "");
  return (
    <g
      className={cx("relation", selected && "is-selected", wrong && "is-wrong", runs && waits && "is-passing")}
      data-relation={edge?.relation}
    >
      <BaseEdge
        id={id}
        path={path}
        interactionWidth={18}
        markerEnd={`url(#${selected ? "arrow-selected" : wrong ? "arrow-wrong" : "arrow"})`}
      />
      <foreignObject
        x={x - 90}
        y={y - 11}
        width={180}
        height={22}
        className="relation-word pointer-events-none overflow-visible"
      >
        <div className="flex h-5.5 items-center justify-center">
          <span className="truncate rounded border border-line bg-raised px-1.5 text-11 text-muted shadow-1">
            {relation?.phrase ?? edge?.relation}
          </span>
        </div>
      </foreignObject>
    </g>
  );
});
