import { BaseEdge, EdgeLabelRenderer, getSmoothStepPath, type EdgeProps } from "@xyflow/react";
import { memo } from "react";
import { CARD } from "@/model/place";
import { cx } from "@/ui";
import { useNodeLive, useRunLive } from "../live";
import type { FlowEdge } from "../state/flowElements";
import { useDocument, useEditor, useView } from "../state/session";
import { useDetail } from "./zoomLevels";

const WORD_WIDTH = 140;

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
  const [path, x, y] = getSmoothStepPath({
    sourceX,
    sourceY,
    targetX,
    targetY,
    sourcePosition,
    targetPosition,
    borderRadius: 10,
  });
  // Between cards that stand close the word would hide the whole line, and lie under the cards: it goes above the card at
  // the other end.
  const otherEnd = lit === "target" ? props.sourceY : props.targetY;
  const wordY = Math.abs(targetX - sourceX) < WORD_WIDTH ? otherEnd - CARD.height / 2 - 13 : y;
  // From afar nobody could read it.
  const readable = useDetail() === "full";
  const relation = catalog.relationById.get(edge?.relation ?? "");
  const word = (
    <span className="truncate rounded border border-line bg-raised px-1.5 text-11 whitespace-nowrap text-muted shadow-1">
      {relation?.phrase ?? edge?.relation}
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
