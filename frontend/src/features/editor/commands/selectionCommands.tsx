import {
  ArrowRight,
  Clipboard,
  Copy,
  CopyPlus,
  Group,
  ListTree,
  Plus,
  SquareMousePointer,
  Trash2,
  Ungroup,
} from "lucide-react";
import { CARD, GRID } from "@/model/place";
import { plural } from "@/model/words";
import { copySelectionToClipboard, pasteFromClipboard } from "../actions/clipboard";
import { deleteSelection, duplicateSelection, nudgeSelection } from "../actions/editing";
import { groupedIn, groupSelection, selectGroups, ungroupSelection } from "../actions/grouping";
import { RecipeMark } from "../palette/RecipeMark";
import type { Flow } from "../state/flow";
import type { EditorSession } from "../state/session";
import { ICON, row, type EditorCommand } from "./command";
import { openFocused } from "./openFocused";

const ARROWS: Readonly<Record<string, readonly [dx: number, dy: number]>> = {
  ArrowLeft: [-GRID, 0],
  ArrowRight: [GRID, 0],
  ArrowUp: [0, -GRID],
  ArrowDown: [0, GRID],
};
const ARROW_KEYS = ["left", "right", "up", "down"].flatMap((key) => [key, `shift+${key}`]);

/** Selecting nodes and lines, and everything that is done with the selection. */
export function selectionCommands(session: EditorSession, flow: Flow) {
  const { document, view } = session;
  const editable = (): boolean => !document.getState().readOnly;
  const nodes = (): number => view.getState().selectedNodes.length;
  const edges = (): number => view.getState().selectedEdges.length;
  return {
    selectAll: {
      ...row("selection.all", "editor", "mod+a", <SquareMousePointer {...ICON} />),
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
      ...row("selection.copy", "canvas", "mod+c", <Copy {...ICON} />),
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
      ...row("selection.paste", "canvas", "mod+v", <Clipboard {...ICON} />),
      label: () => (view.getState().contextMenu ? "Paste here" : "Paste"),
      native: true,
      enabled: editable,
      perform: () => {
        const at = view.getState().contextMenu?.at;
        void pasteFromClipboard(session, at ? flow.screenToFlowPosition(at) : flow.viewCentre());
      },
    },
    duplicate: {
      ...row("selection.duplicate", "canvas", "mod+d", <CopyPlus {...ICON} />),
      label: "Duplicate",
      enabled: () => nodes() > 0 && editable(),
      perform: () => duplicateSelection(session),
    },
    remove: {
      ...row("selection.delete", "canvas", ["backspace", "delete"], <Trash2 {...ICON} />),
      label: () => deleteLabel(nodes(), edges()),
      danger: true,
      enabled: () => nodes() + edges() > 0 && editable(),
      perform: () => deleteSelection(session),
    },
    group: {
      ...row("selection.group", "canvas", "mod+g", <Group {...ICON} />),
      label: "Group",
      enabled: () => nodes() > 0 && editable(),
      perform: () => groupSelection(session),
    },
    ungroup: {
      ...row("selection.ungroup", "canvas", "shift+mod+g", <Ungroup {...ICON} />),
      label: "Ungroup",
      enabled: () => editable() && groupedIn(session).length > 0,
      perform: () => ungroupSelection(session),
    },
    selectGroup: {
      ...row("selection.ofGroup", "canvas", undefined, <SquareMousePointer {...ICON} />),
      label: "Select all of the group",
      enabled: () => groupedIn(session).length > 0,
      perform: () => selectGroups(session),
    },
    addHere: {
      ...row("node.add", "canvas", "a", <Plus {...ICON} />),
      label: () => (view.getState().contextMenu ? "Add here…" : "Add a node…"),
      enabled: editable,
      perform: () => {
        const at = view.getState().contextMenu?.at ?? flow.flowToScreenPosition(flow.viewCentre());
        // A menu that closes takes the focus back: open after that.
        window.setTimeout(() => view.setState({ adding: { at, from: null } }));
      },
    },
    addRecipe: {
      ...row("recipe.add", "canvas", undefined, <RecipeMark />),
      label: () => (view.getState().contextMenu ? "Add a recipe here…" : "Add a recipe…"),
      enabled: editable,
      perform: () => {
        const at = view.getState().contextMenu?.at ?? flow.flowToScreenPosition(flow.viewCentre());
        window.setTimeout(() => view.setState({ adding: { at, from: null, recipes: true } }));
      },
    },
    addJoined: {
      ...row("node.addJoined", "canvas", "shift+a", <Plus {...ICON} />),
      label: "Add joined to this…",
      enabled: () => nodes() === 1 && editable(),
      perform: () => {
        const from = view.getState().selectedNodes[0];
        const node = document.getState().document.nodes[from ?? ""];
        if (!node) return;
        const beside = { x: node.position.x + CARD.width + 4 * GRID, y: node.position.y + CARD.height / 2 };
        window.setTimeout(() => view.setState({ adding: { at: flow.flowToScreenPosition(beside), from: node.id } }));
      },
    },
    connect: {
      ...row("node.connect", "canvas", "c", <ArrowRight {...ICON} />),
      label: "Connect to…",
      enabled: () => nodes() === 1 && editable(),
      perform: () => view.setState({ connectFrom: view.getState().selectedNodes[0] ?? null }),
    },
    showYaml: {
      ...row("node.yaml", "canvas", undefined, <ListTree {...ICON} />),
      label: "Show YAML",
      enabled: () => nodes() === 1 && !view.getState().lens,
      perform: () => view.setState({ tab: "yaml" }),
    },
    nudge: {
      ...row("selection.nudge", "canvas", ARROW_KEYS),
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
      label: "Next node or connection",
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
  } satisfies Record<string, EditorCommand>;
}

function deleteLabel(nodes: number, edges: number): string {
  if (nodes > 1) return `Delete ${nodes} nodes`;
  if (nodes === 0 && edges > 0) return edges === 1 ? "Delete connection" : `Delete ${plural(edges, "connection")}`;
  return "Delete";
}
