import { Panel, useViewport } from "@xyflow/react";
import { IconButton, isEnabled, keysOf, type Command } from "@/ui";
import { useCommandState, useEditorCommands } from "../commands/useEditorCommands";
import { useDocument, useEditor, useFocusTarget, useView } from "../state/session";

/** The toolbar on the canvas: zoom, layout, undo and the outline. */
export function CanvasControls() {
  const commands = useEditorCommands();
  const readOnly = useDocument((state) => state.readOnly);
  const arranging = useView((state) => state.arranging);
  const toolbar = useFocusTarget("toolbar");
  const outline = useView((state) => state.outline);
  return (
    <Panel position="bottom-left" className="m-3!">
      <div
        ref={toolbar}
        role="toolbar"
        aria-label="Canvas"
        className="flex items-center rounded-card border border-line bg-surface p-0.5 shadow-2"
      >
        <ToolButton command={commands.zoomOut} />
        <ZoomShown command={commands.zoomFull} />
        <ToolButton command={commands.zoomIn} />
        <Separator />
        <ToolButton command={commands.fit} />
        {!readOnly && (
          <>
            <ToolButton command={commands.layout} busy={arranging} />
            <ToolButton command={commands.addHere} />
            <Separator />
            <ToolButton command={commands.undo} nothing="Nothing to undo" />
            <ToolButton command={commands.redo} nothing="Nothing to redo" />
          </>
        )}
        <Separator />
        <ToolButton command={commands.outline} active={outline} />
      </div>
    </Panel>
  );
}

interface ToolButtonProps {
  readonly command: Command;
  /** Its label while the command cannot be done. */
  readonly nothing?: string;
  readonly busy?: boolean;
  readonly active?: boolean;
}

function ToolButton({ command, nothing, busy, active }: ToolButtonProps) {
  const { focus } = useEditor();
  const { label, enabled } = useCommandState(command);
  return (
    <IconButton
      label={enabled ? label : (nothing ?? label)}
      shortcut={keysOf(command)[0]}
      disabled={!enabled}
      busy={busy}
      active={active}
      onClick={() => {
        command.perform();
        // A button that has become disabled would keep the focus and swallow the keys.
        if (!isEnabled(command)) focus.give("canvas");
      }}
    >
      {command.icon}
    </IconButton>
  );
}

function ZoomShown({ command }: { command: Command }) {
  const { zoom } = useViewport();
  const { label } = useCommandState(command);
  return (
    <button
      type="button"
      className="tnum h-8 w-12 rounded text-12 text-muted hover:bg-hover hover:text-text"
      title={label}
      onClick={() => command.perform()}
    >
      {Math.round(zoom * 100)} %
    </button>
  );
}

function Separator() {
  return <span className="mx-0.5 h-5 w-px bg-line" aria-hidden />;
}
