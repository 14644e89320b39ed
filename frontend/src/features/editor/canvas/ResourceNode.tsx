import { Handle, Position, type NodeProps } from "@xyflow/react";
import { memo, useCallback } from "react";
import { cardLine, readyText } from "@/model/card";
import { kindLabel } from "@/model/catalog";
import { sentence } from "@/model/words";
import { KindIcon, StatusGlyph, type AnyStatus } from "@/product";
import { cx, Tooltip } from "@/ui";
import { useNodeLive, type NodeStatus } from "../live";
import { useDocument, useEditor, useKind, useView } from "../state/session";
import type { FlowNode } from "../state/viewStore";
import { ageText } from "../words";
import { useDetail, type Detail } from "./zoomLevels";

/** One card for every kind: what is drawn comes from the document and the catalog, how it fares from the live topic. */
export const ResourceNode = memo(function ResourceNode({ id, selected }: NodeProps<FlowNode>) {
  const node = useDocument((state) => state.document.nodes[id]);
  const wrong = useDocument((state) => state.marks.get(id) ?? null);
  const link = useView((state) =>
    state.linking === null ? "none" : state.linking.from === id ? "from" : state.linking.allowed.has(id) ? "yes" : "no",
  );
  const status = useNodeLive(id);
  const kind = useKind(node?.kind);
  const { catalog, focus } = useEditor();
  const detail = useDetail();
  // The focus is taken by the element that xyflow puts around the card.
  const face = useCallback(
    (element: HTMLElement | null) =>
      element?.parentElement ? focus.register(`node:${id}`, element.parentElement) : undefined,
    [focus, id],
  );
  if (!node) return null;
  const label = kindLabel(catalog, node.kind);
  return (
    <div
      ref={face}
      data-node={node.name}
      data-kind={node.kind}
      data-health={status?.health ?? "none"}
      className={cx(
        "group/node relative flex h-16 w-55 items-center rounded-card border bg-surface text-left transition-[box-shadow,opacity,border-color] duration-100",
        selected
          ? "border-accent ring-2 ring-accent/35"
          : wrong === "error"
            ? "border-bad/60"
            : "border-line-strong hover:border-faint",
        detail !== "far" && "shadow-1",
        link === "yes" && "border-ok! ring-4 ring-ok/25",
        link === "no" && "opacity-35",
      )}
    >
      <Handle type="target" id="in" position={Position.Left} className={handleClass(link)} aria-hidden />
      <CardFace
        detail={detail}
        icon={kind?.icon ?? node.kind}
        name={node.name}
        label={label}
        line={cardLine(kind, node)}
        status={status}
        wrong={wrong}
      />
      <Handle type="source" id="out" position={Position.Right} className={handleClass(link)} aria-hidden />
    </div>
  );
});

interface FaceProps {
  detail: Detail;
  icon: string;
  name: string;
  label: string;
  line: string;
  status: NodeStatus | undefined;
  wrong: "error" | "warning" | null;
}

function CardFace({ detail, icon, name, label, line, status, wrong }: FaceProps) {
  const trouble = troubleOf(status);
  switch (detail) {
    case "full":
      return (
        <>
          <span className="ml-3 flex size-8 shrink-0 items-center justify-center rounded border border-line bg-sunken text-muted">
            <KindIcon kind={icon} size={18} />
          </span>
          <span className="ml-2.5 min-w-0 flex-1 py-1">
            <span className="flex font-mono text-13 font-medium" title={name}>
              <EndKept>{name}</EndKept>
            </span>
            {trouble ? (
              <span
                className={cx("block truncate text-12", status?.health === "failed" ? "text-bad" : "text-warn")}
                title={trouble.why}
              >
                {trouble.word}
              </span>
            ) : (
              <span className={cx("block truncate text-12 text-muted", line && "font-mono")} title={line || label}>
                {line || label}
              </span>
            )}
          </span>
          <span className="mr-2.5 ml-1.5 flex shrink-0 flex-col items-end gap-0.5">
            <Health status={status} size={15} />
            {status && readyText(status.facts) && (
              <span className="tnum text-12 text-muted">{readyText(status.facts)}</span>
            )}
          </span>
          {wrong && <ProblemMark severity={wrong} />}
        </>
      );
    case "overview":
      return (
        <span className="flex w-full min-w-0 items-center gap-2 px-2.5">
          <KindIcon kind={icon} size={30} className="shrink-0 text-muted" />
          <span className="flex min-w-0 flex-1 font-mono text-[22px] leading-7 font-medium">
            <EndKept>{name}</EndKept>
          </span>
          <Health status={status} size={28} />
          {wrong && <ProblemMark severity={wrong} />}
        </span>
      );
    case "far":
      return (
        <span className="flex w-full min-w-0 items-center gap-2.5 px-2.5">
          {status ? (
            <Health status={status} size={40} />
          ) : (
            <span className={cx("size-8 shrink-0 rounded-full", wrong ? "bg-bad" : "bg-line-strong")} />
          )}
          <span className="min-w-0 flex-1 truncate text-[32px] leading-10">{name}</span>
        </span>
      );
  }
}

/** Names that are too long mostly differ in their last letters: those stay, and the middle goes. */
function EndKept({ children: name }: { children: string }) {
  return (
    <>
      <span className="min-w-0 truncate">{name.slice(0, -5)}</span>
      <span className="shrink-0">{name.slice(-5)}</span>
    </>
  );
}

/** What is wrong takes the place of what was asked for: Kubernetes' own word when there is one, the sentence on hover. */
function troubleOf(status: NodeStatus | undefined): { word: string; why: string } | null {
  if (!status) return null;
  switch (status.health) {
    case "failed":
    case "degraded":
      return {
        word: status.evidence[0]?.reason || sentence(status.reason || status.health),
        why: sentence(status.reason || status.health),
      };
    case "missing":
      return { word: "Not in the cluster", why: status.reason || "It was removed from the cluster." };
    case "healthy":
    case "progressing":
    case "suspended":
    case "unknown":
      return status.drifted ? { word: "Changed outside", why: "Somebody changed this outside KubeOrch." } : null;
  }
}

function Health({ status, size }: { status: NodeStatus | undefined; size: number }) {
  if (!status) return null;
  return (
    <Tooltip text={<HealthSentence status={status} />}>
      <span className="flex cursor-default">
        <StatusGlyph status={status.health as AnyStatus} word={false} stale={status.stale_since !== null} size={size} />
      </span>
    </Tooltip>
  );
}

function HealthSentence({ status }: { status: NodeStatus }) {
  const age = status.stale_since === null ? null : ageText(status.stale_since);
  return (
    <>
      <span className="font-medium capitalize">{status.health}</span>
      {status.reason && <span> · {status.reason}</span>}
      {status.drifted && <span className="block text-muted">Changed outside KubeOrch.</span>}
      {age && <span className="block text-muted">As of {age}: the cluster has not been heard since.</span>}
    </>
  );
}

function ProblemMark({ severity }: { severity: "error" | "warning" }) {
  return (
    <span
      role="img"
      aria-label={severity === "error" ? "has problems" : "has warnings"}
      className={cx(
        "absolute -top-2 -right-2 flex size-4.5 items-center justify-center rounded-full text-11 font-bold",
        severity === "error" ? "bg-bad text-on-bad" : "bg-warn text-surface",
      )}
    >
      !
    </span>
  );
}

/** The handle is a point on the border, where lines begin; its dot and its reach are drawn around it. */
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
