import { useStoreApi } from "@xyflow/react";
import { useEffect, useMemo, useRef } from "react";
import { nodeLabel } from "@/model/written";
import { plural } from "@/model/words";
import { cx, TONE_TEXT, useTheme } from "@/ui";
import { useNodeStatuses } from "../../live";
import { useDocument, useEditor, useView } from "../../state/session";
import { readColours } from "./colours";
import { paintMap } from "./paintMap";
import { sceneOf } from "./scene";

/** So far beyond the edges of the pane the map is drawn in advance; panning that far moves it without drawing. */
const MARGIN = 240;

/**
 * The whole graph on one canvas element, where cards would be too small to read. It takes no pointer events: the pane
 * below does, and asks which card is there.
 */
export function MapView() {
  const session = useEditor();
  const store = useStoreApi();
  const canvas = useRef<HTMLCanvasElement>(null);
  const nodes = useView((state) => state.nodes);
  const edges = useView((state) => state.edges);
  const hovered = useView((state) => state.hovered);
  const records = useDocument((state) => state.document.nodes);
  const marks = useDocument((state) => state.marks);
  const changes = useView((state) => state.cardMarks);
  const statusOf = useNodeStatuses();
  const dark = useTheme((state) => state.dark);
  const scene = useMemo(
    () => sceneOf({ nodes, edges, records, marks, changes, statusOf, hovered }),
    [nodes, edges, records, marks, changes, statusOf, hovered],
  );

  useEffect(() => {
    const element = canvas.current;
    const ctx = element?.getContext("2d");
    if (!element || !ctx) return;
    const colours = readColours(element);
    let [frame, drawn] = [0, { x: 0, y: 0, zoom: 0, width: 0, height: 0 }];
    const draw = (): void => {
      frame = 0;
      const { transform, width, height } = store.getState();
      const [x, y, zoom] = transform;
      drawn = { x, y, zoom, width, height };
      const dots = window.devicePixelRatio;
      const area = { width: width + 2 * MARGIN, height: height + 2 * MARGIN };
      const [wide, high] = [Math.round(area.width * dots), Math.round(area.height * dots)];
      if (element.width !== wide) element.width = wide;
      if (element.height !== high) element.height = high;
      element.style.width = `${area.width}px`;
      element.style.height = `${area.height}px`;
      element.style.transform = "";
      ctx.setTransform(dots, 0, 0, dots, 0, 0);
      paintMap(ctx, scene, { x: x + MARGIN, y: y + MARGIN, zoom }, area, colours);
    };
    const follow = (): void => {
      const { transform, width, height } = store.getState();
      const [dx, dy] = [transform[0] - drawn.x, transform[1] - drawn.y];
      const reaches =
        transform[2] === drawn.zoom &&
        Math.max(Math.abs(dx), Math.abs(dy)) < MARGIN &&
        width === drawn.width &&
        height === drawn.height;
      if (reaches) element.style.transform = `translate(${dx}px, ${dy}px)`;
      else frame ||= requestAnimationFrame(draw);
    };
    draw();
    const end = store.subscribe((state, before) => {
      if (state.transform !== before.transform || state.width !== before.width || state.height !== before.height)
        follow();
    });
    return () => {
      end();
      cancelAnimationFrame(frame);
    };
  }, [scene, dark, store]);

  const record = hovered === null ? undefined : records[hovered];
  const status = hovered === null ? undefined : statusOf(hovered);
  const change = hovered === null ? undefined : changes.get(hovered);
  return (
    <>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`Map of ${plural(nodes.length, "node")}. Zoom in to see the cards, or open the outline.`}
        data-cards={nodes.length}
        className="pointer-events-none absolute"
        style={{ left: -MARGIN, top: -MARGIN }}
      />
      {record && (
        <p className="pointer-events-none absolute top-3 left-1/2 z-10 flex max-w-96 -translate-x-1/2 gap-2 rounded border border-line bg-raised px-2.5 py-1 text-12 shadow-2">
          <span className="truncate font-mono font-medium">{record.name}</span>
          <span className="shrink-0 text-muted">{nodeLabel(session.catalog, record)}</span>
          {change ? (
            <span className={cx("shrink-0", TONE_TEXT[change.tone])}>
              {change.mark} {change.word}
            </span>
          ) : (
            status && <span className="shrink-0 text-muted">{status.health}</span>
          )}
        </p>
      )}
    </>
  );
}
