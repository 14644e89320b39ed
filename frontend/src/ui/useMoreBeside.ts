import { useEffect, useState, type RefObject } from "react";

export interface Beside {
  readonly before: boolean;
  readonly after: boolean;
}
const NOTHING: Beside = { before: false, after: false };

/** What of a row that scrolls sideways is out of sight, before and after what is seen. A pixel is rounding. */
export function besideOf({ scrollLeft, clientWidth, scrollWidth }: HTMLElement): Beside {
  return { before: scrollLeft > 1, after: scrollLeft + clientWidth < scrollWidth - 1 };
}

/** The same while it is scrolled, and while it or what is in it changes its width, which `onResize` is told too. */
export function useMoreBeside(row: RefObject<HTMLElement | null>, count: number, onResize: () => void): Beside {
  const [beside, setBeside] = useState(NOTHING);
  useEffect(() => {
    const element = row.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const look = () => {
      const next = besideOf(element);
      setBeside((last) => (last.before === next.before && last.after === next.after ? last : next));
    };
    const resized = new ResizeObserver(() => {
      onResize();
      look();
    });
    for (const each of [element, ...element.children]) resized.observe(each);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [row, count, onResize]);
  return beside;
}
