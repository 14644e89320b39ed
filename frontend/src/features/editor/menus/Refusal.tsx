import { Ban } from "lucide-react";
import { useEffect } from "react";
import { useEditor, useView } from "../state/session";

/** Why two nodes cannot be connected, shown for a moment where the line was dropped. */
export function Refusal() {
  const session = useEditor();
  const refusal = useView((state) => state.refusal);
  useEffect(() => {
    if (!refusal) return;
    const timer = window.setTimeout(() => session.view.setState({ refusal: null }), 2600);
    return () => window.clearTimeout(timer);
  }, [refusal, session]);
  if (!refusal) return null;
  return (
    <div
      key={refusal.key}
      role="alert"
      className="animate-pop pointer-events-none fixed z-60 flex max-w-72 items-center gap-2 rounded border border-bad/40 bg-raised px-2.5 py-1.5 text-12 shadow-3"
      style={{ left: Math.min(refusal.at.x + 10, window.innerWidth - 300), top: refusal.at.y + 10 }}
    >
      <Ban size={14} className="shrink-0 text-bad" aria-hidden />
      <span>{refusal.why}</span>
    </div>
  );
}
