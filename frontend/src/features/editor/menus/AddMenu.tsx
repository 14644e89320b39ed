import { Popover } from "radix-ui";
import { useMemo, useState } from "react";
import type { Kind } from "@/model/catalog";
import { kindsThatFit } from "@/model/connect";
import { KindIcon } from "@/product";
import { cx, fuzzyFind, SearchInput } from "@/ui";
import { addNodeHere } from "../actions/editing";
import { useFlow } from "../state/flow";
import { useDocument, useEditor, useView } from "../state/session";
import type { ViewState } from "../state/viewStore";

/** Asks which kind to add at a place of the canvas; at the end of a line only those that fit, and joined by it. */
export function AddMenu() {
  const adding = useView((state) => state.adding);
  return adding && <Open key={`${adding.at.x} ${adding.at.y}`} {...adding} />;
}

function Open({ at, from }: NonNullable<ViewState["adding"]>) {
  const session = useEditor();
  const flow = useFlow();
  const source = useDocument((state) => (from === null ? undefined : state.document.nodes[from]));
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const kinds = useMemo(() => {
    const { catalog, document } = session;
    const fitting = source ? kindsThatFit(catalog, document.getState().document, source.id) : catalog.kinds;
    return fuzzyFind(
      query,
      fitting.map((item) => ({ item, texts: [item.label, item.id, item.description] })),
    );
  }, [session, source, query]);
  const shown = Math.min(active, Math.max(0, kinds.length - 1));
  const close = (): void => session.view.setState({ adding: null });
  const choose = (kind: Kind | undefined): void => {
    if (!kind) return;
    close();
    addNodeHere(session, kind, flow, at, from);
  };
  return (
    <Popover.Root open onOpenChange={(open) => !open && close()}>
      <Popover.Anchor asChild>
        <span aria-hidden className="fixed size-px" style={{ left: at.x, top: at.y }} />
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          aria-label={source ? `Add to ${source.name}` : "Add here"}
          align="start"
          sideOffset={4}
          collisionPadding={8}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            session.focus.give("canvas");
          }}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") setActive(Math.min(shown + 1, kinds.length - 1));
            else if (event.key === "ArrowUp") setActive(Math.max(shown - 1, 0));
            else if (event.key === "Enter") choose(kinds[shown]);
            else return;
            event.preventDefault();
          }}
          className="animate-pop z-60 flex max-h-(--radix-popover-content-available-height) w-64 flex-col rounded-card border border-line bg-raised p-1.5 shadow-3"
        >
          <SearchInput
            label="Find a kind to add"
            placeholder={source ? `Joined to ${source.name}` : "Add here"}
            value={query}
            onChange={(text) => {
              setQuery(text);
              setActive(0);
            }}
          />
          <ul aria-label="Kinds that fit" className="mt-1 max-h-72 min-h-0 overflow-y-auto">
            {kinds.map((kind, index) => (
              <li key={kind.id}>
                <button
                  type="button"
                  tabIndex={-1}
                  aria-current={index === shown}
                  onClick={() => choose(kind)}
                  onPointerMove={() => setActive(index)}
                  className={cx(
                    "flex h-8 w-full items-center gap-2 rounded px-2 text-left text-13",
                    index === shown && "bg-hover",
                  )}
                >
                  <span className="kind-mark border-0! bg-transparent!" data-group={kind.group}>
                    <KindIcon kind={kind.icon} className="shrink-0" />
                  </span>
                  <span className="min-w-0 flex-1 truncate">{kind.label}</span>
                </button>
              </li>
            ))}
          </ul>
          {kinds.length === 0 && (
            <p className="px-2 py-3 text-13 text-muted">
              {query === "" ? `Nothing more can be connected to ${source?.name}.` : `No kind matches “${query}”.`}
            </p>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
