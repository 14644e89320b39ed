/**
 * Everything a person can do in the editor, once. The keys, the menus, the toolbar, the command palette and the list
 * of shortcuts all read these rows.
 */
import {
  ArrowRight,
  Clipboard,
  Copy,
  CopyPlus,
  LayoutList,
  ListTree,
  Maximize,
  Minus,
  Network,
  Plus,
  Redo2,
  Save,
  SquareMousePointer,
  Trash2,
  Undo2,
} from "lucide-react";
import { GRID } from "@/model/place";
import { motionMs, type Command } from "@/ui";
import { copySelectionToClipboard, pasteFromClipboard } from "../actions/clipboard";
import { deleteSelection, duplicateSelection, layoutAll, nudgeSelection } from "../actions/editing";
import { fitAll } from "../canvas/fit";
import type { Flow } from "../state/flow";
import type { EditorSession } from "../state/session";
import { plural } from "../words";
import { openFocused } from "./openFocused";

/**
 * Where the keys of a command count: everywhere in the editor but in fields, while the focus is on the canvas or
 * nowhere, or while it is on a card or a line.
 */
export type KeyArea = "editor" | "canvas" | "card";

export interface EditorCommand extends Command {
  readonly area: KeyArea;
}

const icon = { size: 16, "aria-hidden": true } as const;
const ZOOM = { duration: 120 } as const;
const ARROWS: Readonly<Record<string, readonly [dx: number, dy: number]>> = {
  ArrowLeft: [-GRID, 0],
  ArrowRight: [GRID, 0],
  ArrowUp: [0, -GRID],
  ArrowDown: [0, GRID],
};

export type EditorCommands = ReturnType<typeof editorCommands>;

export function editorCommands(session: EditorSession, flow: Flow) {
  const { document, view, autosaver, focus } = session;
  const editable = (): boolean => !document.getState().readOnly;
  const nodes = (): number => view.getState().selectedNodes.length;
  const edges = (): number => view.getState().selectedEdges.length;
  const zoom = () => ({ duration: motionMs(ZOOM.duration) });
  return {
    undo: {
      ...row("edit.undo", "editor", "mod+z", <Undo2 {...icon} />),
      label: () => withStep("Undo", document.getState().history.past.at(-1)?.label),
      enabled: () => editable() && document.getState().history.past.length > 0,
      perform: () => void document.getState().undo(),
    },
    redo: {
      ...row("edit.redo", "editor", ["shift+mod+z", "mod+y"], <Redo2 {...icon} />),
      label: () => withStep("Redo", document.getState().history.future.at(-1)?.label),
      enabled: () => editable() && document.getState().history.future.length > 0,
      perform: () => void document.getState().redo(),
    },
    save: {
      ...row("workflow.save", "editor", "mod+s", <Save {...icon} />),
      label: "Save now",
      whileTyping: true,
      enabled: editable,
      // If it fails, the title bar shows the reason.
      perform: () => void autosaver.flush().catch(() => undefined),
    },
    findKind: {
      ...row("kind.find", "editor", "/"),
      label: "Find a kind and add it",
      hidden: true,
      enabled: () => focus.has("palette"),
      perform: () => void focus.give("palette"),
    },
    selectAll: {
      ...row("selection.all", "editor", "mod+a", <SquareMousePointer {...icon} />),
      label: "Select all",
      enabled: () => view.getState().nodes.length > 0,
      perform: () => view.getState().selectAll(),
    },
    clearSelection: {
      ...row("selection.clear", "canvas", "esc"),
      label: "Clear selection",
      hidden: true,
      enabled: () => nodes() + edges() > 0 || view.getState().linking !== null,
      perform: () => view.getState().select([]),
    },
    copy: {
      ...row("selection.copy", "canvas", "mod+c", <Copy {...icon} />),
      label: "Copy",
      native: true,
      enabled: () => nodes() > 0,
      perform: () => copySelectionToClipboard(session),
    },
    cut: {
      ...row("selection.cut", "canvas", "mod+x"),
      label: "Cut",
      native: true,
      hidden: true,
      enabled: () => nodes() > 0 && editable(),
      perform: () => {
        copySelectionToClipboard(session);
        deleteSelection(session);
      },
    },
    paste: {
      ...row("selection.paste", "canvas", "mod+v", <Clipboard {...icon} />),
      label: () => (view.getState().contextMenu ? "Paste here" : "Paste"),
      native: true,
      enabled: editable,
      perform: () => {
        const at = view.getState().contextMenu?.at;
        void pasteFromClipboard(session, at ? flow.screenToFlowPosition(at) : flow.viewCentre());
      },
    },
    duplicate: {
      ...row("selection.duplicate", "canvas", "mod+d", <CopyPlus {...icon} />),
      label: "Duplicate",
      enabled: () => nodes() > 0 && editable(),
      perform: () => duplicateSelection(session),
    },
    remove: {
      ...row("selection.delete", "canvas", ["backspace", "delete"], <Trash2 {...icon} />),
      label: () => deleteLabel(nodes(), edges()),
      danger: true,
      enabled: () => nodes() + edges() > 0 && editable(),
      perform: () => deleteSelection(session),
    },
    connect: {
      ...row("node.connect", "canvas", "c", <ArrowRight {...icon} />),
      label: "Connect to…",
      enabled: () => nodes() === 1 && editable(),
      perform: () => view.setState({ connectFrom: view.getState().selectedNodes[0] ?? null }),
    },
    showYaml: {
      ...row("node.yaml", "canvas", undefined, <ListTree {...icon} />),
      label: "Show YAML",
      enabled: () => nodes() === 1,
      perform: () => view.setState({ tab: "yaml" }),
    },
    nudge: {
      ...row("selection.nudge", "canvas", arrowKeys()),
      label: "Move the selection (Shift: five steps)",
      hidden: true,
      enabled: () => nodes() > 0 && editable(),
      perform: (event) => {
        const [dx, dy] = ARROWS[event?.key ?? ""] ?? [0, 0];
        const steps = event?.shiftKey ? 5 : 1;
        nudgeSelection(session, dx * steps, dy * steps);
      },
    },
    nextCard: {
      ...row("card.next", "canvas", "Tab"),
      label: "Next node or line",
      native: true,
      hidden: true,
      perform: () => undefined,
    },
    openCard: {
      ...row("card.open", "card", ["enter", "space"]),
      label: "Select a node, then open its form",
      hidden: true,
      perform: (event) => openFocused(session, event?.target ?? null),
    },
    zoomIn: {
      ...row("view.zoomIn", "canvas", ["mod+plus", "mod+="], <Plus {...icon} />),
      label: "Zoom in",
      perform: () => void flow.zoomIn(zoom()),
    },
    zoomOut: {
      ...row("view.zoomOut", "canvas", "mod+-", <Minus {...icon} />),
      label: "Zoom out",
      perform: () => void flow.zoomOut(zoom()),
    },
    zoomFull: {
      ...row("view.zoomFull", "canvas", "mod+0"),
      label: "Zoom to 100 %",
      perform: () => void flow.zoomTo(1, zoom()),
    },
    fit: {
      ...row("view.fit", "canvas", "f", <Maximize {...icon} />),
      label: "Fit everything",
      perform: () => fitAll(flow),
    },
    layout: {
      ...row("graph.layout", "canvas", "l", <Network {...icon} />),
      label: "Tidy layout",
      enabled: editable,
      perform: () => void layoutAll(session, flow),
    },
    outline: {
      ...row("view.outline", "canvas", "o", <LayoutList {...icon} />),
      label: "Outline",
      perform: () => view.setState({ outline: !view.getState().outline }),
    },
  } satisfies Record<string, EditorCommand>;
}

function row(name: string, area: KeyArea, keys?: Command["keys"], icon?: Command["icon"]) {
  return { name, area, keys, icon, group: "Canvas" };
}

function arrowKeys(): string[] {
  const keys = ["left", "right", "up", "down"];
  return [...keys, ...keys.map((key) => `shift+${key}`)];
}

function withStep(verb: string, step: string | undefined): string {
  return step === undefined ? verb : `${verb} ${step}`;
}

function deleteLabel(nodes: number, edges: number): string {
  if (nodes > 1) return `Delete ${nodes} nodes`;
  if (nodes === 0 && edges > 0) return edges === 1 ? "Delete line" : `Delete ${plural(edges, "line")}`;
  return "Delete";
}
