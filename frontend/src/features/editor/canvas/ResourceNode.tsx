import { Handle, Position, type NodeProps } from "@xyflow/react";
import { memo, useCallback } from "react";
import { builtBy, cardLine, readyText } from "@/model/card";
import { nodeLabel } from "@/model/written";
import { sayDrift } from "@/model/driftWords";
import { cx } from "@/ui";
import { useNodeDrift } from "../drift/useDrift";
import { useNodeLive } from "../live";
import { cardNameId, type FlowNode } from "../state/flowElements";
import { useDocument, useEditor, useKind, useView } from "../state/session";
import { AddJoined } from "./AddJoined";
import { NewerBuild } from "../images/NewerBuild";
import { SourceFace } from "../images/SourceFace";
import { CardFace, type CardFaceProps } from "./CardFace";
import { useDetail } from "./zoomLevels";

const WRONG = { none: "", error: "has errors", warning: "has warnings", toFill: "to fill in" } as const;

/** One card for every kind: the document and the catalog say what is drawn, the live topic says how healthy it is. */
export const ResourceNode = memo(function ResourceNode({ id, selected }: NodeProps<FlowNode>) {
  const node = useDocument((state) => state.document.nodes[id]);
  const mark = useDocument((state) => state.marks.get(id) ?? null);
  const isCalm = useView((state) => state.calm.has(id));
  const onlyToFill = useDocument((state) => isCalm && state.toFill.has(id));
  const wrong = mark === "error" && onlyToFill ? "toFill" : mark;
  const link = useView((state) =>
    state.linking === null ? "none" : state.linking.from === id ? "from" : state.linking.allowed.has(id) ? "yes" : "no",
  );
  const undeployed = useView((state) => state.undeployed.has(id));
  const change = useView((state) => state.cardMarks.get(id));
  const status = useNodeLive(id);
  const drift = useNodeDrift(id);
  const kind = useKind(node?.kind);
  const giver = useDocument((state) => builtBy(state.document, kind, state.document.nodes[id]));
  const { catalog, focus } = useEditor();
  const detail = useDetail();
  // The focus is taken by the element that xyflow puts around the card.
  const face = useCallback(
    (element: HTMLElement | null) =>
      element?.parentElement ? focus.register(`node:${id}`, element.parentElement) : undefined,
    [focus, id],
  );
  if (!node) return null;
  const source = kind?.renders === false ? id : giver?.id;
  const label = nodeLabel(catalog, node);
  const card: CardFaceProps = {
    detail,
    icon: kind?.icon ?? node.kind,
    group: kind?.group,
    name: node.name,
    label,
    line: cardLine(kind, node, giver?.name, status && readyText(status.facts) ? status.facts.desired : undefined),
    newer: source && <NewerBuild nodeId={source} />,
    status,
    wrong,
    undeployed,
    change,
    drift,
  };
  return (
    <div
      ref={face}
      data-node={node.name}
      data-kind={node.kind}
      data-health={status?.health ?? "none"}
      data-change={change?.word}
      className={cx(
        "group/node relative flex h-16 w-55 items-center rounded-card border bg-surface text-left transition-[box-shadow,opacity,border-color] duration-100",
        selected
          ? "border-accent ring-2 ring-accent/35"
          : wrong === "error"
            ? "border-bad/60"
            : "border-line-strong hover:border-faint",
        detail !== "far" && "shadow-1",
        change?.gone && "border-dashed border-faint! bg-sunken shadow-none",
        link === "yes" && "border-ok! ring-4 ring-ok/25",
        link === "no" && "opacity-35",
      )}
    >
      <span id={cardNameId(id)} className="sr-only">
        {[
          node.name,
          label,
          status && (status.stale_since === null ? status.health : `${status.health}, stale`),
          WRONG[wrong ?? "none"],
          undeployed && "not deployed yet",
          drift && sayDrift(drift),
          change?.word,
          node.group && `in ${node.group}`,
        ]
          .filter(Boolean)
          .join(", ")}
        {source && <NewerBuild nodeId={source} spoken />}
      </span>
      <Handle type="target" id="in" position={Position.Left} className={handleClass(link)} aria-hidden />
      {kind?.renders === false ? <SourceFace id={id} {...card} /> : <CardFace {...card} />}
      <AddJoined id={id} name={node.name} selected={selected} shown={detail === "full" && link === "none"} />
      <Handle type="source" id="out" position={Position.Right} className={handleClass(link)} aria-hidden />
    </div>
  );
});

/** The handle itself is a point on the border, where lines begin; its dot and the area to grab are around it. */
function handleClass(link: "none" | "from" | "yes" | "no"): string {
  return cx(
    "size-0.5! min-h-0! min-w-0! border-0! bg-transparent! transition-opacity duration-100",
    "before:absolute before:-inset-1 before:rounded-full before:border-2 before:border-surface before:content-[''] after:absolute after:-inset-3 after:content-['']",
    link === "yes" || link === "from" ? "before:bg-ok" : "before:bg-faint",
    link === "none"
      ? "opacity-0 group-hover/node:opacity-100 group-focus-within/node:opacity-100"
      : link === "no"
        ? "opacity-0"
        : "opacity-100",
  );
}
