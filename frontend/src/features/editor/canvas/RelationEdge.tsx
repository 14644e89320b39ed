import { BaseEdge, EdgeLabelRenderer, getSmoothStepPath, type EdgeProps } from "@xyflow/react";
import { memo } from "react";
import { CARD } from "@/model/place";
import type { Point } from "@/model/records";
import { routePath } from "@/model/routes";
import { cx } from "@/ui";
import { useNodeLive, useRunLive } from "../live";
import type { FlowEdge } from "../state/flowElements";
import { useDocument, useEditor, useView } from "../state/session";
import { useDetail } from "./zoomLevels";

/** About what a word takes: its letters, and the frame around them. */
const widthOf = (word: string): number => word.length * 6 + 14;
/** From the middle of a card to the word beside its row, between it and the next one. */
const BESIDE = CARD.height / 2 + 13;
/** From a straight line to the word that lies on it. */
const ON_LINE = 24;

/**
 * A thin arrow to what is used. It shows its relation while it, or the card at one of its ends, is hovered or selected,
 * and moves only during a run.
 */
export const RelationEdge = memo(function RelationEdge(props: EdgeProps<FlowEdge>) {
  const { id, sourceX, targetX, sourcePosition, targetPosition, selected, data } = props;
  const [sourceY, targetY] = [props.sourceY + (data?.from ?? 0), props.targetY + (data?.to ?? 0)];
  const { catalog } = useEditor();
  const edge = useDocument((state) => state.document.edges[id]);
  const wrong = useDocument((state) => state.marks.has(id));
  const change = useView((state) => state.lineMarks.get(id));
  const run = useRunLive();
  const lit = useView(({ hovered, selectedNodes }) => {
    const only = selectedNodes.length === 1 ? selectedNodes[0] : undefined;
    if (props.target === hovered || props.target === only) return "target";
    return props.source === hovered || props.source === only ? "source" : null;
  });
  const runs = run?.state === "applying" || run?.state === "verifying";
  const waits = useNodeLive(edge?.target ?? "")?.health === "progressing";
  const route = data?.route;
  // Of a card that is being dragged it leads to where that was.
  const isRouted = route && isNear(route.source, sourceX, sourceY) && isNear(route.target, targetX, targetY);
  const [path, x, y] = isRouted
    ? routePath(route)
    : getSmoothStepPath({
        sourceX,
        sourceY,
        targetX,
        targetY,
        sourcePosition,
        targetPosition,
        borderRadius: 10,
      });
  // From afar nobody could read it.
  const readable = useDetail() === "full";
  const relation = catalog.relationById.get(edge?.relation ?? "");
  const said = relation?.phrase ?? edge?.relation ?? "";
  const ends = lit === "target" ? ([sourceY, targetY] as const) : ([targetY, sourceY] as const);
  const wordY = Math.abs(targetX - sourceX) < widthOf(said) ? besideRow(...ends) : y;
  const word = (
    <span className="truncate rounded border border-line bg-raised px-1.5 text-11 whitespace-nowrap text-muted shadow-1">
      {said}
    </span>
  );
  return (
    <g
      className={cx(
        "relation",
        selected && "is-selected",
        lit && "is-lit",
        wrong && "is-wrong",
        runs && waits && "is-passing",
        change && `is-${change}`,
      )}
      data-relation={edge?.relation}
    >
      <BaseEdge
        id={id}
        path={path}
        interactionWidth={18}
        markerEnd={`url(#${selected || lit ? "arrow-selected" : wrong ? "arrow-wrong" : "arrow"})`}
      />
      {!readable ? null : lit || selected ? (
        // Above all lines: others may cross here.
        <EdgeLabelRenderer>
          <span
            className="relation-word is-shown absolute"
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${wordY}px)` }}
          >
            {word}
          </span>
        </EdgeLabelRenderer>
      ) : (
        <foreignObject
          x={x - 90}
          y={wordY - 11}
          width={180}
          height={22}
          className="relation-word pointer-events-none overflow-visible"
        >
          <div className="flex h-5.5 items-center justify-center">{word}</div>
        </foreignObject>
      )}
    </g>
  );
});

/** Handles lie a pixel beside the side of their card. */
const isNear = (end: Point, x: number, y: number): boolean => Math.abs(end.x - x) <= 2 && Math.abs(end.y - y) <= 2;

/**
 * Where the word goes between cards that stand too close for it: on the upright part of its own line, between the row of
 * the card at the other end and the next one; just above a line that has no such part.
 */
function besideRow(otherEnd: number, thisEnd: number): number {
  const way = thisEnd - otherEnd;
  return Math.abs(way) < CARD.height ? otherEnd - ON_LINE : otherEnd + Math.sign(way) * BESIDE;
}
