import { X } from "lucide-react";
import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent as ReactKeyboardEvent,
  type PointerEvent,
  type ReactNode,
} from "react";
import { IconButton } from "./Button";
import { useCommands, type Command } from "./commands";
import { cx } from "./cx";
import { ownsKeys } from "./keys";
import { readStored, writeStored } from "./stored";

export interface SidePanelProps {
  /** Its width is remembered under this name. */
  name: string;
  title: ReactNode;
  subtitle?: ReactNode;
  actions?: ReactNode;
  onClose?: () => void;
  side?: "left" | "right";
  min?: number;
  max?: number;
  initial?: number;
  className?: string;
  children: ReactNode;
}

/** Detail beside the list, resized at its inner edge by mouse or arrow keys. */
export function SidePanel({
  name,
  title,
  subtitle,
  actions,
  onClose,
  side = "right",
  min = 360,
  max = 640,
  initial = 420,
  className,
  children,
}: SidePanelProps) {
  const { width, handleProps } = useResizable({ name, side, min, max, initial });
  const panel = useRef<HTMLElement>(null);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  const closable = onClose !== undefined;
  useCommands(
    useMemo(
      (): Command[] =>
        closable
          ? [
              {
                name: `panel.close:${name}`,
                label: "Close the panel",
                group: "On this page",
                keys: "esc",
                whileTyping: true,
                hidden: true,
                perform: () => close.current?.(),
              },
            ]
          : [],
      [name, closable],
    ),
    useCallback(
      (event: KeyboardEvent) => !ownsKeys(event.target) || panel.current?.contains(event.target as Node) === true,
      [],
    ),
  );
  return (
    <aside
      ref={panel}
      aria-label={typeof title === "string" ? title : "Detail"}
      style={{ width }}
      className={cx(
        // On a phone it takes the page: its width is remembered for screens that have room for both.
        "animate-fade relative flex h-full min-h-0 shrink-0 flex-col bg-surface max-sm:w-full!",
        side === "right" ? "border-l" : "border-r",
        className,
      )}
    >
      <ResizeHandle side={side} {...handleProps} />
      <header className="flex min-h-11 shrink-0 items-center gap-2 border-b border-line py-1.5 pr-2 pl-4">
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-13 font-semibold">{title}</h2>
          {subtitle && <p className="truncate text-12 text-muted">{subtitle}</p>}
        </div>
        {actions}
        {onClose && (
          <IconButton label="Close" shortcut="esc" size="sm" onClick={onClose}>
            <X size={16} aria-hidden />
          </IconButton>
        )}
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
    </aside>
  );
}

export interface ResizableOptions {
  name: string;
  side: "left" | "right" | "bottom";
  min: number;
  max: number;
  initial: number;
}

/** A remembered width (or height, for `bottom`) and the props of the handle that changes it. */
export function useResizable({ name, side, min, max, initial }: ResizableOptions) {
  const clamp = useCallback((value: number) => Math.round(Math.min(max, Math.max(min, value))), [min, max]);
  const [width, setWidth] = useState(() => clamp(Number(readStored(`panel.${name}`)) || initial));
  const drag = useRef<{ start: number; width: number } | null>(null);
  const resize = (value: number) => {
    const next = clamp(value);
    setWidth(next);
    writeStored(`panel.${name}`, String(next));
  };
  const grows = side === "left" ? 1 : -1;
  const at = (event: PointerEvent) => (side === "bottom" ? event.clientY : event.clientX);
  return {
    width,
    handleProps: {
      "aria-valuenow": width,
      "aria-valuemin": min,
      "aria-valuemax": max,
      onPointerDown: (event: PointerEvent<HTMLDivElement>) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { start: at(event), width };
      },
      onPointerMove: (event: PointerEvent<HTMLDivElement>) => {
        if (drag.current) resize(drag.current.width + (at(event) - drag.current.start) * grows);
      },
      onPointerUp: () => {
        drag.current = null;
      },
      onDoubleClick: () => resize(initial),
      onKeyDown: (event: ReactKeyboardEvent<HTMLDivElement>) => {
        const [less, more] =
          side === "bottom"
            ? ["ArrowDown", "ArrowUp"]
            : side === "left"
              ? ["ArrowLeft", "ArrowRight"]
              : ["ArrowRight", "ArrowLeft"];
        if (event.key !== less && event.key !== more) return;
        event.preventDefault();
        resize(width + (event.key === more ? 16 : -16));
      },
    },
  };
}

export function ResizeHandle({
  side,
  ...props
}: { side: "left" | "right" | "bottom" } & ReturnType<typeof useResizable>["handleProps"]) {
  return (
    <div
      role="separator"
      aria-orientation={side === "bottom" ? "horizontal" : "vertical"}
      aria-label="Resize the panel"
      tabIndex={0}
      className={cx(
        "absolute z-10 touch-none hover:bg-accent/40 focus-visible:bg-accent focus-visible:outline-none",
        side === "bottom" ? "-top-0.5 right-0 left-0 h-1 cursor-row-resize" : "top-0 bottom-0 w-1 cursor-col-resize",
        side === "right" && "-left-0.5",
        side === "left" && "-right-0.5",
      )}
      {...props}
    />
  );
}
