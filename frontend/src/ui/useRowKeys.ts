import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type RefObject } from "react";
import { useCommands, type Command } from "./commands";

interface RowKeys {
  /** The index of the row that Tab reaches. */
  readonly current: number;
  readonly setCurrent: (index: number) => void;
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>, index: number) => void;
}

/**
 * The keys of a table: j/k and the arrows, Home, End, Enter. j and k also work while nothing has the focus; then they
 * begin with the current row.
 */
export function useRowKeys(
  count: number,
  scroller: RefObject<HTMLElement | null>,
  open: ((index: number) => void) | undefined,
  show: (index: number) => void,
): RowKeys {
  const [at, setAt] = useState(0);
  // Keys that come faster than the focus moves go on from where the last one led.
  const reached = useRef(0);
  const setCurrent = (index: number) => {
    reached.current = index;
    setAt(index);
  };
  const current = Math.max(0, Math.min(at, count - 1));
  const focus = (index: number) => {
    const next = Math.max(0, Math.min(count - 1, index));
    setCurrent(next);
    show(next);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-row="${next}"]`)?.focus());
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>, index: number) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    switch (event.key) {
      case "j":
      case "ArrowDown":
        focus(reached.current + 1);
        break;
      case "k":
      case "ArrowUp":
        focus(reached.current - 1);
        break;
      case "Home":
        focus(0);
        break;
      case "End":
        focus(count - 1);
        break;
      case "Enter":
        open?.(index);
        break;
      default:
        return;
    }
    event.preventDefault();
  };
  // The rows handle their keys themselves; these begin with a row from anywhere else on the page.
  const latest = useRef<() => void>(() => undefined);
  useEffect(() => {
    latest.current = () => focus(current);
  });
  const begin = useCallback(() => latest.current(), []);
  const any = count > 0;
  useCommands(
    useMemo((): Command[] => {
      const row = (name: string, label: string, keys: string, perform = begin): Command => ({
        name: `table.${name}`,
        group: "In tables",
        label,
        keys,
        hidden: true,
        perform,
      });
      return any
        ? [
            row("next", "Next row", "j"),
            row("previous", "Previous row", "k"),
            { ...row("open", "Open the row", "enter"), native: true },
          ]
        : [];
    }, [any, begin]),
  );
  return { current, setCurrent, onKeyDown };
}
