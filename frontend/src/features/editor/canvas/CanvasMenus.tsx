import {
  ArrowRight,
  Ban,
  Clipboard,
  Copy,
  CopyPlus,
  ListTree,
  Maximize,
  Network,
  Spline,
  SquareMousePointer,
  Trash2,
} from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useEffect, useMemo, useState, type ReactNode, type RefObject } from "react";
import { kindLabel } from "@/model/catalog";
import { allowedTargets } from "@/model/connect";
import { fuzzyFind } from "@/model/fuzzy";
import type { Point } from "@/model/records";
import { KindIcon } from "@/product";
import { cx, Dialog, Kbd, SearchInput, toast } from "@/ui";
import {
  connectNodes,
  copySelection,
  deleteSelection,
  drawConnection,
  duplicateSelection,
  layoutAll,
  pasteText,
} from "../actions";
import { useFlow } from "../state/flow";
import { useDocument, useEditor, useView } from "../state/session";
import { fitAll } from "./fit";

export function CanvasMenus({ pane }: { pane: RefObject<HTMLDivElement | null> }) {
  return (
    <>
      <RelationMenu />
      <ContextMenu pane={pane} />
      <Refusal />
      <ConnectDialog pane={pane} />
    </>
  );
}

/** Several relations fit between the two nodes: which one is meant? */
function RelationMenu() {
  const session = useEditor();
  const menu = useView((state) => state.relationMenu);
  if (!menu) return null;
  return (
    <PointMenu at={menu.at} label="Which relation" onClose={() => session.view.setState({ relationMenu: null })}>
      <DropdownMenu.Label className="max-w-80 px-2 py-1 text-12 text-muted">
        {menu.why === null ? "Which relation" : `${capital(menu.why)}. Only an order can be drawn:`}
      </DropdownMenu.Label>
      {menu.connections.map((connection) => (
        <DropdownMenu.Item
          key={connection.relation.id}
          onSelect={() => drawConnection(session, connection)}
          className={ITEM}
        >
          <Spline size={16} className="shrink-0 text-muted" aria-hidden />
          <span className="min-w-0 flex-1">
            <span className="block">{connection.relation.label}</span>
            <span className="block text-12 text-muted">{connection.relation.effect}</span>
          </span>
        </DropdownMenu.Item>
      ))}
    </PointMenu>
  );
}

function ContextMenu({ pane }: { pane: RefObject<HTMLDivElement | null> }) {
  const session = useEditor();
  const flow = useFlow();
  const menu = useView((state) => state.contextMenu);
  const selected = useView((state) => state.selectedNodes);
  const readOnly = useDocument((state) => state.readOnly);
  if (!menu) return null;
  const paste = (): void => {
    const centre = flow.screenToFlowPosition(menu.at);
    void navigator.clipboard
      ?.readText()
      .then(
        (text) => pasteText(session, text, centre) || toast({ key: "paste", title: "The clipboard holds no nodes" }),
      )
      .catch(() =>
        toast({
          key: "paste",
          title: "This browser does not let the page read the clipboard",
          detail: "Press Ctrl+V on the canvas instead.",
        }),
      );
  };
  const entries: (Entry | null)[] = menu.nodeId
    ? [
        readOnly || selected.length !== 1
          ? null
          : {
              label: "Connect to…",
              icon: <ArrowRight size={16} />,
              keys: "c",
              act: () => session.view.setState({ connectFrom: menu.nodeId }),
            },
        {
          label: "Copy",
          icon: <Copy size={16} />,
          keys: "mod+c",
          act: () => void navigator.clipboard?.writeText(copySelection(session) ?? ""),
        },
        readOnly
          ? null
          : { label: "Duplicate", icon: <CopyPlus size={16} />, keys: "mod+d", act: () => duplicateSelection(session) },
        { label: "Show YAML", icon: <ListTree size={16} />, act: () => session.view.setState({ tab: "yaml" }) },
        readOnly
          ? null
          : {
              label: selected.length > 1 ? `Delete ${selected.length} nodes` : "Delete",
              icon: <Trash2 size={16} />,
              keys: "backspace",
              danger: true,
              act: () => deleteSelection(session),
            },
      ]
    : menu.edgeId
      ? [
          readOnly
            ? null
            : {
                label: "Delete line",
                icon: <Trash2 size={16} />,
                keys: "backspace",
                danger: true,
                act: () => deleteSelection(session),
              },
        ]
      : [
          readOnly ? null : { label: "Paste here", icon: <Clipboard size={16} />, keys: "mod+v", act: paste },
          {
            label: "Select all",
            icon: <SquareMousePointer size={16} />,
            keys: "mod+a",
            act: () =>
              session.view.getState().select(
                flow.getNodes().map((node) => node.id),
                flow.getEdges().map((edge) => edge.id),
              ),
          },
          {
            label: "Fit everything",
            icon: <Maximize size={16} />,
            keys: "f",
            act: () => fitAll(flow),
          },
          readOnly
            ? null
            : {
                label: "Tidy layout",
                icon: <Network size={16} />,
                keys: "l",
                act: () => void layoutAll(session, flow),
              },
        ];
  return (
    <PointMenu
      at={menu.at}
      label="Actions"
      onClose={() => {
        session.view.setState({ contextMenu: null });
        pane.current?.focus({ preventScroll: true });
      }}
    >
      {entries.map(
        (entry) =>
          entry && (
            <DropdownMenu.Item
              key={entry.label}
              onSelect={entry.act}
              className={cx(ITEM, entry.danger && "text-bad! data-highlighted:bg-bad-soft!")}
            >
              <span className={cx("flex size-4 shrink-0", !entry.danger && "text-muted")}>{entry.icon}</span>
              <span className="min-w-0 flex-1 truncate">{entry.label}</span>
              {entry.keys && <Kbd keys={entry.keys === "backspace" ? "⌫" : entry.keys} />}
            </DropdownMenu.Item>
          ),
      )}
    </PointMenu>
  );
}

interface Entry {
  readonly label: string;
  readonly icon: ReactNode;
  readonly keys?: string;
  readonly danger?: boolean;
  readonly act: () => void;
}

const ITEM =
  "flex min-h-8 max-w-80 items-center gap-2.5 rounded px-2 py-1 text-13 outline-none select-none data-highlighted:bg-hover";

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A menu at a point of the window. */
function PointMenu({
  at,
  label,
  onClose,
  children,
}: {
  at: Point;
  label: string;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <DropdownMenu.Root open onOpenChange={(open) => !open && onClose()} modal={false}>
      <DropdownMenu.Trigger asChild>
        <span aria-hidden className="fixed size-px" style={{ left: at.x, top: at.y }} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          aria-label={label}
          align="start"
          sideOffset={2}
          collisionPadding={8}
          className="animate-pop z-60 min-w-52 rounded-card border border-line bg-raised p-1 shadow-3"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** A refused drop says why, where it happened. */
function Refusal() {
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

/** Before the dialog looks for something to focus by itself. */
function focusAtOnce(input: HTMLInputElement | null): void {
  input?.focus();
}

/** Connect by keyboard: the nodes that fit, found by name. */
function ConnectDialog({ pane }: { pane: RefObject<HTMLDivElement | null> }) {
  const session = useEditor();
  const from = useView((state) => state.connectFrom);
  const document_ = useDocument((state) => state.document);
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const targets = useMemo(() => {
    if (from === null) return [];
    const allowed = allowedTargets(session.catalog, document_, from);
    const nodes = Object.values(document_.nodes).filter((node) => allowed.has(node.id));
    return fuzzyFind(
      query,
      nodes.map((item) => ({ item, texts: [item.name, kindLabel(session.catalog, item.kind)] })),
    );
  }, [from, query, document_, session.catalog]);
  const source = from === null ? undefined : document_.nodes[from];
  const close = (then?: () => void): void => {
    session.view.setState({ connectFrom: null });
    setQuery("");
    setActive(0);
    requestAnimationFrame(() => {
      pane.current?.querySelector<HTMLElement>(`.react-flow__node[data-id="${from}"]`)?.focus();
      // What comes next may be a menu, which closes when the focus leaves it: not before the focus has come back.
      if (then) window.setTimeout(then);
    });
  };
  const choose = (index: number): void => {
    const target = targets[index];
    if (!target || from === null) return;
    const box = pane.current?.getBoundingClientRect();
    const middle = { x: (box?.left ?? 0) + (box?.width ?? 0) / 2, y: (box?.top ?? 0) + (box?.height ?? 0) / 2 };
    close(() => connectNodes(session, from, target.id, middle));
  };
  const shown = Math.min(active, Math.max(0, targets.length - 1));
  return (
    <Dialog
      open={source !== undefined}
      onOpenChange={(open) => !open && close()}
      title={<>Connect {source?.name}</>}
      size="sm"
    >
      <div
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setActive(Math.min(shown + 1, targets.length - 1));
          else if (event.key === "ArrowUp") setActive(Math.max(shown - 1, 0));
          else if (event.key === "Enter") choose(shown);
          else return;
          event.preventDefault();
        }}
        role="presentation"
      >
        <SearchInput label="Find a node to connect to" value={query} onChange={setQuery} inputRef={focusAtOnce} />
        <ul aria-label="Nodes that fit" className="mt-2 max-h-72 overflow-y-auto">
          {targets.map((node, index) => (
            <li key={node.id}>
              <button
                type="button"
                aria-current={index === shown}
                onClick={() => choose(index)}
                onPointerMove={() => setActive(index)}
                className={cx(
                  "flex w-full items-center gap-2.5 rounded px-2 py-1.5 text-left",
                  index === shown && "bg-hover",
                )}
              >
                <KindIcon
                  kind={session.catalog.kindById.get(node.kind)?.icon ?? node.kind}
                  className="shrink-0 text-muted"
                />
                <span className="min-w-0 flex-1 truncate font-mono text-13">{node.name}</span>
                <span className="text-12 text-muted">{kindLabel(session.catalog, node.kind)}</span>
              </button>
            </li>
          ))}
        </ul>
        {targets.length === 0 && (
          <p className="px-2 py-3 text-13 text-muted">
            {query ? "No node of that name fits." : "No other node of this workflow can be connected to it."}
          </p>
        )}
      </div>
    </Dialog>
  );
}
