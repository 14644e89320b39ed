import { LayoutList, Maximize, Minus, Network, Plus, Search } from "lucide-react";
import { motionMs } from "@/ui";
import { layoutAll } from "../actions/editing";
import { fitAll } from "../canvas/fit";
import type { Flow } from "../state/flow";
import type { EditorSession } from "../state/session";
import { ICON, row, type EditorCommand } from "./command";

/** How the graph is seen, and a layout that is easy to read. */
export function viewCommands(session: EditorSession, flow: Flow) {
  const { document, view } = session;
  const editable = (): boolean => !document.getState().readOnly;
  const zoom = () => ({ duration: motionMs(120) });
  return {
    zoomIn: {
      ...row("view.zoomIn", "canvas", ["mod+plus", "mod+="], <Plus {...ICON} />),
      label: "Zoom in",
      perform: () => void flow.zoomIn(zoom()),
    },
    zoomOut: {
      ...row("view.zoomOut", "canvas", "mod+-", <Minus {...ICON} />),
      label: "Zoom out",
      perform: () => void flow.zoomOut(zoom()),
    },
    zoomFull: {
      ...row("view.zoomFull", "canvas", "mod+0"),
      label: "Zoom to 100 %",
      perform: () => void flow.zoomTo(1, zoom()),
    },
    findNode: {
      ...row("view.findNode", "editor", "mod+f", <Search {...ICON} />),
      label: "Find a node",
      enabled: () => view.getState().nodes.length > 0,
      perform: () => view.setState({ findingNode: true }),
    },
    fit: {
      ...row("view.fit", "canvas", "f", <Maximize {...ICON} />),
      label: "Fit everything",
      perform: () => fitAll(session, flow),
    },
    layout: {
      ...row("graph.layout", "canvas", "l", <Network {...ICON} />),
      label: "Tidy layout",
      enabled: editable,
      perform: () => void layoutAll(session, flow),
    },
    outline: {
      ...row("view.outline", "canvas", "o", <LayoutList {...ICON} />),
      label: "Outline",
      perform: () => view.setState({ outline: !view.getState().outline }),
    },
  } satisfies Record<string, EditorCommand>;
}
