import type { DragEvent } from "react";
import type { Kind } from "@/model/catalog";
import { KindIcon } from "@/product";
import { cx, Tooltip } from "@/ui";
import { intoSight } from "./intoSight";

interface KindRowProps {
  readonly kind: Kind;
  /** Only its glyph. */
  readonly folded?: boolean;
  /** Enter in the search box would add it. */
  readonly active?: boolean;
  readonly onAdd: (kind: Kind) => void;
  readonly onPress: (kind: Kind) => void;
  readonly onDrag: (event: DragEvent, kind: Kind) => void;
}

/** A kind to add by a click or to drag onto the canvas. By keyboard kinds are found in the search box. */
export function KindRow({ kind, folded = false, active = false, onAdd, onPress, onDrag }: KindRowProps) {
  return (
    <li>
      <Tooltip text={folded ? `${kind.label}: ${kind.description}` : kind.description} side="right">
        <button
          ref={active ? intoSight : undefined}
          type="button"
          draggable
          tabIndex={-1}
          aria-label={folded ? kind.label : undefined}
          onPointerDown={() => onPress(kind)}
          onDragStart={(event) => onDrag(event, kind)}
          onClick={() => onAdd(kind)}
          className={cx(
            "flex h-8 cursor-grab items-center rounded text-13 hover:bg-hover active:cursor-grabbing",
            folded ? "w-8 justify-center" : "w-full gap-2 px-2 text-left",
            active && "bg-hover",
          )}
        >
          <span className="kind-mark border-0! bg-transparent!" data-group={kind.group}>
            <KindIcon kind={kind.icon} className="shrink-0" />
          </span>
          {!folded && <span className="min-w-0 flex-1 truncate">{kind.label}</span>}
        </button>
      </Tooltip>
    </li>
  );
}
