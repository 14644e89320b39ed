import { ArrowDown, ArrowUp, ChevronRight, X } from "lucide-react";
import type { Parameter } from "@/model/catalog";
import { countBelow } from "@/model/form";
import type { Path } from "@/model/paths";
import type { Json } from "@/model/records";
import { cx, IconButton, Tag } from "@/ui";
import { useForm } from "./context";
import { ObjectField } from "./ObjectField";

interface ObjectRowProps {
  readonly item: Parameter;
  readonly path: Path;
  readonly value: Json;
  readonly title: string;
  readonly open: boolean;
  readonly onToggle: () => void;
  /** Null where it cannot be done. */
  readonly onRemove: (() => void) | null;
  readonly onUp: (() => void) | null;
  readonly onDown: (() => void) | null;
}

/** One object of a list: a heading with its first values, its fields below when open. */
export function ObjectRow({ item, path, value, title, open, onToggle, onRemove, onUp, onDown }: ObjectRowProps) {
  const { errors } = useForm();
  const wrong = countBelow(errors, path);
  return (
    <div className={cx("rounded border bg-surface", wrong > 0 ? "border-bad/50" : "border-line")}>
      <div className="flex h-8 items-center pr-1">
        <button
          type="button"
          aria-expanded={open}
          onClick={onToggle}
          className="flex h-full min-w-0 flex-1 items-center gap-1.5 rounded px-2 text-left hover:bg-hover"
        >
          <ChevronRight
            size={14}
            aria-hidden
            className={cx("shrink-0 text-muted transition-transform duration-100", open && "rotate-90")}
          />
          <span className="min-w-0 truncate font-mono text-12">{title}</span>
          {wrong > 0 && <Tag tone="bad">{wrong}</Tag>}
        </button>
        {onUp && (
          <IconButton label={`Move ${title} up`} size="sm" onClick={onUp}>
            <ArrowUp size={12} aria-hidden />
          </IconButton>
        )}
        {onDown && (
          <IconButton label={`Move ${title} down`} size="sm" onClick={onDown}>
            <ArrowDown size={12} aria-hidden />
          </IconButton>
        )}
        {onRemove && (
          <IconButton label={`Remove ${title}`} size="sm" onClick={onRemove}>
            <X size={14} aria-hidden />
          </IconButton>
        )}
      </div>
      {open && (
        <div className="border-t border-line p-2.5">
          <ObjectField parameter={item} path={path} value={value} compact />
        </div>
      )}
    </div>
  );
}
