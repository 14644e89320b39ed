import { useCallback, type ReactNode } from "react";
import { useEditor } from "./state/session";

/**
 * Lies over the right of the canvas, or on a small screen over its lower half: the canvas keeps its size and place. The
 * view store has how much is covered.
 */
export function OverCanvas({ children }: { children: ReactNode }) {
  const { view, focus } = useEditor();
  const measured = useCallback(
    (panel: HTMLElement | null) => {
      if (!panel) return undefined;
      const measure = (): void => {
        const { offsetWidth: width, parentElement } = panel;
        // As wide as everything: it lies over the lower part, and nothing is covered at the right.
        const below = width > 0 && width === parentElement?.offsetWidth;
        const covered = below ? 0 : width;
        const coveredBelow = below ? Math.max(0, focus.bottomOf("canvas") - panel.getBoundingClientRect().top) : 0;
        const before = view.getState();
        if (before.covered !== covered || before.coveredBelow !== coveredBelow)
          view.setState({ covered, coveredBelow });
      };
      measure();
      const resized = new ResizeObserver(measure);
      resized.observe(panel);
      // What opens in it must count before the next frame, in which the view may move.
      const filled = new MutationObserver(measure);
      filled.observe(panel, { childList: true });
      return () => {
        resized.disconnect();
        filled.disconnect();
        view.setState({ covered: 0, coveredBelow: 0 });
      };
    },
    [view, focus],
  );
  return (
    <div
      ref={measured}
      className="absolute inset-y-0 right-0 z-20 max-w-full shadow-3 empty:hidden max-sm:top-2/5 max-sm:left-0 max-sm:border-t max-sm:border-line max-sm:*:w-full!"
    >
      {children}
    </div>
  );
}
