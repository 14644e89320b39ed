import { useMemo } from "react";
import { describeDiff, type RecordChange } from "@/model/graphDiff";
import { mergeDocuments } from "@/model/merge";
import { Values } from "@/product";
import { Button, Dialog, Tag } from "@/ui";
import { ChangeMark } from "../changes/Change";
import { useDocument, useEditor, useView } from "../state/session";

/** Somebody else saved first: shows what each side changed, and lets the person choose. Both ways can be undone. */
export function ConflictDialog() {
  const session = useEditor();
  const conflict = useDocument((state) => state.conflict);
  const base = useDocument((state) => state.base);
  const mine = useDocument((state) => state.document);
  const view = useMemo(() => {
    if (!conflict) return null;
    return {
      theirs: describeDiff(base, conflict.theirs),
      mine: describeDiff(base, mine),
      merge: mergeDocuments(base, mine, conflict.theirs),
    };
  }, [conflict, base, mine]);
  const aside = useView((state) => state.conflictAside);
  if (!conflict || !view || aside) return null;
  const clashing = new Set(view.merge.clashes.map((clash) => clash.id));
  const { rebase } = session.document.getState();
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && session.view.setState({ conflictAside: true })}
      size="lg"
      title={`${conflict.by ?? "Somebody else"} saved this workflow meanwhile`}
      description={
        clashing.size === 0
          ? "Your edits and theirs touch different things, so both can be kept."
          : "Some edits touch the same thing. Keeping yours replaces theirs there."
      }
      footer={
        <>
          <Button
            onClick={() => rebase(conflict.rev, conflict.theirs, conflict.theirs, "take their version", Date.now())}
          >
            Take theirs
          </Button>
          <Button
            tone="primary"
            autoFocus
            onClick={() =>
              rebase(conflict.rev, conflict.theirs, view.merge.document, "bring in their edits", Date.now())
            }
          >
            {clashing.size === 0 ? "Keep both" : "Keep mine"}
          </Button>
        </>
      }
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <Side title="They changed" changes={view.theirs} clashing={clashing} />
        <Side title="You changed" changes={view.mine} clashing={clashing} />
      </div>
      {view.merge.droppedEdges.length > 0 && (
        <p className="text-12 text-warn">
          {view.merge.droppedEdges.length} of your connections cannot stay: they removed a node at an end.
        </p>
      )}
      <p className="text-12 text-muted">Whatever you choose, undo brings the other back.</p>
    </Dialog>
  );
}

function Side({
  title,
  changes,
  clashing,
}: {
  title: string;
  changes: readonly RecordChange[];
  clashing: ReadonlySet<string>;
}) {
  return (
    <section className="min-w-0">
      <h3 className="mb-1.5 text-12 font-medium text-muted">{title}</h3>
      <ul className="flex max-h-80 flex-col gap-2 overflow-y-auto rounded border border-line bg-sunken px-3 py-2">
        {changes.length === 0 && <li className="text-12 text-muted">Only positions changed.</li>}
        {changes.map((change) => (
          <li key={`${change.type} ${change.id} ${change.change}`}>
            <p className="flex min-w-0 items-center gap-1.5 text-12">
              <ChangeMark change={change.change} />
              <span className="min-w-0 truncate font-mono">{change.title}</span>
              {clashing.has(change.id) && <Tag tone="warn">both</Tag>}
            </p>
            {change.fields.map((field) => (
              <p key={field.path} className="pl-5 text-12 break-words">
                <span className="font-mono text-muted">{field.path}</span> <Values from={field.from} to={field.to} />
              </p>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
