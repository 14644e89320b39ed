import type { Kind, Recipe } from "@/model/catalog";
import { CARD } from "@/model/place";
import { plural } from "@/model/words";
import { CardFace } from "../canvas/CardFace";
import { GHOST_ID } from "../canvas/kindDrag";
import { detailAt } from "../canvas/zoomLevels";
import { useFlow } from "../state/flow";
import { RecipeMark } from "./RecipeMark";

/** The card that a drag carries, as large as it will be on the canvas. Outside the window: the browser takes its picture. */
export function Ghost({ dragged }: { dragged: Kind | Recipe | null }) {
  const flow = useFlow();
  if (!dragged) return null;
  const zoom = Math.max(0.25, flow.getZoom());
  return (
    <div
      id={GHOST_ID}
      aria-hidden
      className="fixed top-0 flex items-center rounded-card border border-accent bg-surface"
      style={{ ...CARD, left: -2 * CARD.width * zoom, zoom }}
    >
      {"nodes" in dragged ? <RecipeFace recipe={dragged} /> : <KindFace kind={dragged} zoom={zoom} />}
    </div>
  );
}

function KindFace({ kind, zoom }: { kind: Kind; zoom: number }) {
  return (
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
  );
}

function RecipeFace({ recipe }: { recipe: Recipe }) {
  return (
    <span className="flex min-w-0 items-start gap-2.5 px-3">
      <RecipeMark className="mt-0.5" />
      <span className="min-w-0">
        <span className="block truncate text-13 font-medium">{recipe.label}</span>
        <span className="block text-12 text-muted">{plural(recipe.nodes.length, "node")}</span>
      </span>
    </span>
  );
}
