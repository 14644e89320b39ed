import { Panel, useViewport } from "@xyflow/react";
import { LayoutList, Maximize, Minus, Network, Plus, Redo2, Undo2 } from "lucide-react";
import { useState } from "react";
import type { RefObject } from "react";
import { IconButton, motionMs } from "@/ui";
import { layoutAll } from "../actions";
import { useFlow } from "../state/flow";
import { useDocument, useEditor, useView } from "../state/session";
import { fitAll } from "./fit";

export function CanvasControls({ pane }: { pane: RefObject<HTMLDivElement | null> }) {
  const session = useEditor();
  const flow = useFlow();
  const { zoom } = useViewport();
  const [busy, setBusy] = useState(false);
  const past = useDocument((state) => state.history.past.at(-1)?.label ?? null);
  const future = useDocument((state) => state.history.future.at(-1)?.label ?? null);
  const readOnly = useDocument((state) => state.readOnly);
  const outline = useView((state) => state.outline);
  const layout = () => {
    setBusy(true);
    void layoutAll(session, flow).finally(() => setBusy(false));
  };
  const back = (act: () => unknown) => () => {
    act();
    pane.current?.focus({ preventScroll: true });
  };
  return (
    <Panel position="bottom-left" className="m-3!">
      <div
        role="toolbar"
        aria-label="Canvas"
        className="flex items-center rounded-card border border-line bg-surface p-0.5 shadow-2"
      >
        <IconButton label="Zoom out" shortcut="mod+-" onClick={() => void flow.zoomOut({ duration: motionMs(120) })}>
          <Minus size={16} aria-hidden />
        </IconButton>
        <button
          type="button"
          className="tnum h-8 w-12 rounded text-12 text-muted hover:bg-hover hover:text-text"
          title="Zoom to 100 %"
          onClick={() => void flow.zoomTo(1, { duration: motionMs(120) })}
        >
          {Math.round(zoom * 100)} %
        </button>
        <IconButton label="Zoom in" shortcut="mod++" onClick={() => void flow.zoomIn({ duration: motionMs(120) })}>
          <Plus size={16} aria-hidden />
        </IconButton>
        <Separator />
        <IconButton label="Fit everything" shortcut="f" onClick={() => fitAll(flow)}>
          <Maximize size={16} aria-hidden />
        </IconButton>
        {!readOnly && (
          <>
            <IconButton label="Tidy layout" shortcut="l" busy={busy} onClick={layout}>
              <Network size={16} aria-hidden />
            </IconButton>
            <Separator />
            <IconButton
              label={past ? `Undo ${past}` : "Nothing to undo"}
              shortcut="mod+z"
              disabled={past === null}
              onClick={back(session.document.getState().undo)}
            >
              <Undo2 size={16} aria-hidden />
            </IconButton>
            <IconButton
              label={future ? `Redo ${future}` : "Nothing to redo"}
              shortcut="shift+mod+z"
              disabled={future === null}
              onClick={back(session.document.getState().redo)}
            >
              <Redo2 size={16} aria-hidden />
            </IconButton>
          </>
        )}
        <Separator />
        <IconButton
          label="Outline"
          shortcut="o"
          active={outline}
          onClick={() => session.view.setState({ outline: !outline })}
        >
          <LayoutList size={16} aria-hidden />
        </IconButton>
      </div>
    </Panel>
  );
}

function Separator() {
  return <span className="mx-0.5 h-5 w-px bg-line" aria-hidden />;
}
