import { BaseEdge, getSmoothStepPath, type EdgeProps } from "@xyflow/react";
import { memo } from "react";
import { cx } from "@/ui";
import { useNodeLive, useRunLive } from "../live";
import { useDocument, useEditor } from "../state/session";
import type { FlowEdge } from "../state/viewStore";

/** Thin, toward what is used; says its relation on hover and while selected; moves only while a run passes. */
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

export function EdgeMarkers() {
  return (
    <svg className="absolute size-0" aria-hidden>
      <defs>
        {(
          [
            ["arrow", "var(--faint)"],
            ["arrow-selected", "var(--accent)"],
            ["arrow-wrong", "var(--bad)"],
          ] as const
        ).map(([id, colour]) => (
          <marker
            key={id}
            id={id}
            viewBox="0 0 10 10"
            refX="9"
            refY="5"
            markerWidth="9"
            markerHeight="9"
            markerUnits="userSpaceOnUse"
            orient="auto-start-reverse"
          >
            <path d="M1 1.500 9 5 1 8.500z" fill={colour} />
          </marker>
        ))}
      </defs>
    </svg>
  );
}
