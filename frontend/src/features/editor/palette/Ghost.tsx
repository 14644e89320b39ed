import type { Kind } from "@/model/catalog";
import { CARD } from "@/model/place";
import { CardFace } from "../canvas/CardFace";
import { GHOST_ID } from "../canvas/kindDrag";
import { detailAt } from "../canvas/zoomLevels";
import { useFlow } from "../state/flow";

/** The card that a drag carries, as large as it will be on the canvas. Outside the window: the browser takes its picture. */
export function Ghost({ kind }: { kind: Kind | null }) {
  const flow = useFlow();
  if (!kind) return null;
  const zoom = Math.max(0.25, flow.getZoom());
  return (
    <div
      id={GHOST_ID}
      aria-hidden
      className="fixed top-0 flex items-center rounded-card border border-accent bg-surface"
      style={{ ...CARD, left: -2 * CARD.width * zoom, zoom }}
    >
      <CardFace
        detail={detailAt(zoom)}
        icon={kind.icon}
        group={kind.group}
        name={kind.name_prefix || kind.id}
        label={kind.label}
        line=""
        status={undefined}
        wrong={null}
      />
    </div>
  );
}
