import { useStoreApi, ViewportPortal } from "@xyflow/react";
import { memo, useCallback, useEffect, useMemo, useRef, type PointerEvent } from "react";
import { move } from "@/model/edits";
import { FRAME, framesOf, type Frame } from "@/model/groups";
import { snap } from "@/model/place";
import type { Point } from "@/model/records";
import { plural } from "@/model/words";
import { cx } from "@/ui";
import { useDocument, useEditor, useView } from "../state/session";
import type { ViewStore } from "../state/viewStore";
import { useDetail, type Detail } from "./zoomLevels";

/** Further out, the title is drawn larger, so that it can still be read. */
const SIZES: Readonly<Record<Detail, number>> = { full: 13, overview: 20, far: 30 };

/** The frames of groups, below the lines and the cards. */
export function Frames() {
  const nodes = useView((state) => state.nodes);
  const records = useDocument((state) => state.document.nodes);
  const frames = useMemo(() => framesOf(nodes, records), [nodes, records]);
  if (frames.length === 0) return null;
  return (
    <ViewportPortal>
      {frames.map((frame) => (
        <FrameBox key={frame.title} frame={frame} />
      ))}
    </ViewportPortal>
  );
}

const FrameBox = memo(function FrameBox({ frame }: { frame: Frame }) {
  const { view } = useEditor();
  const readOnly = useDocument((state) => state.readOnly);
  const detail = useDetail();
  const drag = useFrameDrag(frame);
  return (
    <div
      role="group"
      aria-label={`Group ${frame.title}, ${plural(frame.ids.length, "node")}`}
      data-frame={frame.title}
      className="pointer-events-none absolute -z-1 rounded-card border border-line-strong bg-sunken/70"
      style={{
        transform: `translate(${frame.x}px, ${frame.y}px)`,
        width: frame.width,
        height: frame.height,
      }}
    >
      <button
        type="button"
        aria-label={`Select all of ${frame.title}`}
        title={frame.title}
        className={cx(
          "nopan nodrag pointer-events-auto block max-w-full truncate rounded px-2 text-left font-medium text-muted hover:text-text",
          !readOnly && "cursor-grab active:cursor-grabbing",
        )}
        style={{ height: FRAME.top - 4, fontSize: SIZES[detail] }}
        onClick={() => view.getState().select(frame.ids)}
        {...(readOnly ? {} : drag)}
      >
        {frame.title}
      </button>
    </div>
  );
});

interface Drag {
  readonly from: Point;
  readonly places: ReadonlyMap<string, Point>;
  readonly by: Point;
}

function show(view: ViewStore, { places, by }: Drag, dragging: boolean): void {
  view.getState().nodesChanged(
    [...places].map(([id, { x, y }]) => ({
      type: "position",
      id,
      position: { x: x + by.x, y: y + by.y },
      dragging,
    })),
  );
}

/** A frame that is dragged by its title takes all its cards with it, in one step of undo. */
function useFrameDrag({ ids }: Frame) {
  const { document, view } = useEditor();
  const flow = useStoreApi();
  const drag = useRef<Drag | null>(null);
  /** To where they were before: of a drag that is broken off, or whose frame has gone meanwhile. */
  const back = useCallback((): void => {
    const broken = drag.current;
    drag.current = null;
    if (broken && view.getState().dragging) show(view, { ...broken, by: { x: 0, y: 0 } }, false);
  }, [view]);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key !== "Escape" || !drag.current) return;
      event.stopPropagation();
      back();
    };
    window.addEventListener("keydown", press, true);
    return () => {
      window.removeEventListener("keydown", press, true);
      back();
    };
  }, [back]);
  const end = (): void => {
    const done = drag.current;
    drag.current = null;
    if (!done || !view.getState().dragging) return;
    show(view, done, false);
    const { document: drawn, apply } = document.getState();
    const places = [...done.places].map(([id, { x, y }]) => [id, { x: x + done.by.x, y: y + done.by.y }] as const);
    apply(move(drawn, Object.fromEntries(places)));
  };
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      const wanted = new Set(ids);
      const cards = view.getState().nodes.filter(({ id }) => wanted.has(id));
      const places = new Map(cards.map(({ id, position }) => [id, position]));
      drag.current = { from: { x: event.clientX, y: event.clientY }, places, by: { x: 0, y: 0 } };
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (!drag.current) return;
      const { from, by } = drag.current;
      const zoom = flow.getState().transform[2];
      const next = snap({ x: (event.clientX - from.x) / zoom, y: (event.clientY - from.y) / zoom });
      if (next.x === by.x && next.y === by.y) return;
      drag.current = { ...drag.current, by: next };
      view.setState({ dragging: true });
      show(view, drag.current, true);
    },
    onPointerUp: end,
    onPointerCancel: back,
  };
}
