import { Check, CloudOff, LoaderCircle, TriangleAlert } from "lucide-react";
import { Button, cx, relativeTime, Tooltip, useNow } from "@/ui";
import { useDocument, useEditor } from "../state/session";

/** Whether the workflow is saved, always in words. */
export function SaveIndicator() {
  const session = useEditor();
  const save = useDocument((state) => state.save);
  const readOnly = useDocument((state) => state.readOnly);
  const now = useNow();
  if (readOnly) return <span className="text-12 whitespace-nowrap text-muted">read only</span>;
  switch (save.type) {
    case "saved":
      return (
        <span role="status" data-save="saved" className="tnum text-12 whitespace-nowrap text-muted">
          <Check size={14} className="sm:hidden" aria-hidden />
          <span className="max-sm:sr-only">
            {save.savedAt === null ? "saved" : `saved ${relativeTime(save.savedAt, Math.max(now, save.savedAt))}`}
          </span>
        </span>
      );
    case "dirty":
    case "saving":
      return (
        <span
          role="status"
          data-save="saving"
          className="flex items-center gap-1.5 text-12 whitespace-nowrap text-muted"
        >
          <LoaderCircle size={12} className="shrink-0 animate-spin" aria-hidden />
          <span className="max-sm:sr-only">saving</span>
        </span>
      );
    case "offline":
      return (
        <Tooltip
          text={`${save.reason} Your edits are kept in this browser; next try in ${Math.max(0, Math.ceil((save.retryAt - now) / 1000))} s.`}
        >
          <span role="status" data-save="offline" className="flex min-w-0 items-center gap-1.5 text-12 text-warn">
            <CloudOff size={14} className="shrink-0" aria-hidden />
            <span className="truncate max-sm:sr-only">not saved: {save.reason}</span>
            <Button size="sm" tone="ghost" className="max-sm:hidden" onClick={session.autosaver.retry}>
              Retry
            </Button>
          </span>
        </Tooltip>
      );
    case "refused":
      return (
        <Tooltip text={`${save.reason} Your edits are kept in this browser.`}>
          <span role="status" data-save="refused" className="flex min-w-0 items-center gap-1.5 text-12 text-bad">
            <TriangleAlert size={14} className="shrink-0" aria-hidden />
            <span className="truncate max-sm:sr-only">not saved: {save.reason}</span>
          </span>
        </Tooltip>
      );
    case "stale":
      return (
        <span role="status" data-save="stale" className="flex min-w-0 items-center gap-1.5 text-12 text-warn">
          <TriangleAlert size={14} className="shrink-0" aria-hidden />
          <span className="truncate max-sm:sr-only">not saved: somebody else saved first</span>
          <Button
            size="sm"
            tone="ghost"
            className="max-sm:hidden"
            onClick={() => session.view.setState({ conflictAside: false })}
          >
            Choose
          </Button>
        </span>
      );
  }
}

/** On a phone, where the bar has room for a glyph alone: why it is not saved and what to do, in a line of its own. */
export function NotSaved() {
  const session = useEditor();
  const save = useDocument((state) => state.save);
  if (save.type !== "offline" && save.type !== "refused" && save.type !== "stale") return null;
  return (
    <span className="ml-auto flex min-w-0 items-center gap-1 pl-3">
      <span aria-hidden className={cx("truncate text-12", save.type === "refused" ? "text-bad" : "text-warn")}>
        not saved: {save.type === "stale" ? "somebody else saved first" : save.reason}
      </span>
      {save.type === "offline" && (
        <Button size="sm" tone="ghost" onClick={session.autosaver.retry}>
          Retry
        </Button>
      )}
      {save.type === "stale" && (
        <Button size="sm" tone="ghost" onClick={() => session.view.setState({ conflictAside: false })}>
          Choose
        </Button>
      )}
    </span>
  );
}
