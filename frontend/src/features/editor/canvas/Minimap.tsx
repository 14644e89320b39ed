import { Panel, useStore, useStoreApi } from "@xyflow/react";
import { useEffect, useMemo, useRef, type PointerEvent } from "react";
import { boundsOf, CARD, type Rect } from "@/model/place";
import { useTheme } from "@/ui";
import { useFlow } from "../state/flow";
import { useDocument, useView } from "../state/session";
import { readColours } from "./map/colours";

const SIZE = { width: 150, height: 96 } as const;
const ROOM = 6;

/** All cards as dots, and the part of the graph that is on screen; a press or a drag moves there. */
export function Minimap() {
  const flow = useFlow();
  const canvas = useRef<HTMLCanvasElement>(null);
  const nodes = useView((state) => state.nodes);
  const marks = useDocument((state) => state.marks);
  const changes = useView((state) => state.cardMarks);
  const dark = useTheme((state) => state.dark);
  const scale = useMemo(() => scaleOf(boundsOf(nodes.map((node) => node.position))), [nodes]);

  useEffect(() => {
    const ctx = canvas.current?.getContext("2d");
    if (!canvas.current || !ctx) return;
    const colours = readColours(canvas.current);
    const dots = window.devicePixelRatio;
    canvas.current.width = SIZE.width * dots;
    canvas.current.height = SIZE.height * dots;
    ctx.setTransform(dots, 0, 0, dots, 0, 0);
    const [width, height] = [Math.max(1.5, CARD.width * scale.zoom), Math.max(1, CARD.height * scale.zoom)];
    for (const { id, position, selected } of nodes) {
      const change = changes.get(id);
      const plain = change && change.tone !== "idle" ? colours[change.tone] : colours.border;
      ctx.fillStyle = selected ? colours.accent : marks.get(id) === "error" ? colours.bad : plain;
      ctx.fillRect(position.x * scale.zoom + scale.x, position.y * scale.zoom + scale.y, width, height);
    }
  }, [nodes, marks, changes, scale, dark]);

  const go = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.x - scale.x) / scale.zoom, (event.clientY - box.y - scale.y) / scale.zoom];
    const { width, height } = flow.screen();
    const zoom = flow.getZoom();
    void flow.setViewport({ x: width / 2 - x * zoom, y: height / 2 - y * zoom, zoom });
  };
  return (
    <Panel position="bottom-right" className="minimap m-3!">
      <div
        role="img"
        aria-label="Minimap"
        className="relative cursor-pointer touch-none overflow-hidden rounded-card border border-line bg-surface shadow-1"
        style={SIZE}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          go(event);
        }}
        onPointerMove={go}
      >
        <canvas ref={canvas} className="absolute inset-0" style={SIZE} />
        <Seen scale={scale} />
      </div>
    </Panel>
  );
}

interface Scale {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** The part that is on screen; moved without rendering anything else. */
function Seen({ scale }: { scale: Scale }) {
  const store = useStoreApi();
  const frame = useRef<HTMLDivElement>(null);
  const [width, height] = useStoreSize();
  useEffect(() => {
    const place = (): void => {
      const [x, y, zoom] = store.getState().transform;
      const shrunk = scale.zoom / zoom;
      if (!frame.current) return;
      frame.current.style.transform = `translate(${scale.x - x * shrunk}px, ${scale.y - y * shrunk}px)`;
      frame.current.style.width = `${width * shrunk}px`;
      frame.current.style.height = `${height * shrunk}px`;
    };
    place();
    return store.subscribe((state, before) => state.transform !== before.transform && place());
  }, [store, scale, width, height]);
  return <div ref={frame} className="absolute top-0 left-0 rounded border border-accent bg-accent/10" />;
}

function useStoreSize(): readonly [width: number, height: number] {
  return [useStore((state) => state.width), useStore((state) => state.height)];
}

function scaleOf(bounds: Rect | null): Scale {
  if (!bounds) return { x: 0, y: 0, zoom: 0.01 };
  const zoom = Math.min((SIZE.width - 2 * ROOM) / bounds.width, (SIZE.height - 2 * ROOM) / bounds.height);
  return {
    zoom,
    x: (SIZE.width - bounds.width * zoom) / 2 - bounds.x * zoom,
    y: (SIZE.height - bounds.height * zoom) / 2 - bounds.y * zoom,
  };
}
