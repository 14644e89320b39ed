import { GitCompareArrows, RotateCcw, Save } from "lucide-react";
import { useState } from "react";
import { asProblem, fetchGraph } from "@/api";
import type { Comparison, Version } from "@/contract";
import { kindLabel } from "@/model/catalog";
import { shortValue } from "@/model/form";
import { documentFromLists, type Json } from "@/model/records";
import { sentence } from "@/model/words";
import { KindIcon } from "@/product";
import {
  Button,
  ConfirmDialog,
  cx,
  EmptyState,
  ErrorState,
  Field,
  FormDialog,
  Input,
  RelativeTime,
  SidePanel,
  SkeletonRows,
  Tag,
  Textarea,
  Tooltip,
} from "@/ui";
import { useComparison, useRestoreVersion, useSaveVersion, useVersions } from "../queries";
import { useDocument, useEditor } from "../state/session";

/** What this workflow was: every run and every save by hand kept a version. */
export function VersionsDrawer() {
  const session = useEditor();
  const versions = useVersions(session.workflowId);
  const readOnly = useDocument((state) => state.readOnly);
  const [compared, setCompared] = useState<number | null>(null);
  const [restoring, setRestoring] = useState<Version | null>(null);
  const [saving, setSaving] = useState(false);
  const rows = versions.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <SidePanel
      name="editor.versions"
      title="Versions"
      min={320}
      initial={400}
      onClose={() => session.view.setState({ versionsOpen: false })}
      actions={
        !readOnly && (
          <Button size="sm" icon={<Save size={14} aria-hidden />} onClick={() => setSaving(true)}>
            Save version
          </Button>
        )
      }
    >
      {versions.isPending && <SkeletonRows rows={5} />}
      {versions.isError && (
        <ErrorState
          title="The versions could not be read"
          reason={sentence(asProblem(versions.error).detail)}
          onRetry={() => void versions.refetch()}
        />
      )}
      {versions.isSuccess && rows.length === 0 && (
        <EmptyState title="No versions yet">
          Each run keeps one by itself; save one by hand to give it a name.
        </EmptyState>
      )}
      <ul>
        {rows.map((version) => (
          <li key={version.number} className="border-b border-line px-4 py-2.5">
            <div className="flex items-start gap-2">
              <div className="min-w-0 flex-1">
                <p className="flex min-w-0 items-center gap-2">
                  <span className="tnum shrink-0 font-mono text-12 text-muted">v{version.number}</span>
                  <span className="truncate text-13 font-medium">
                    {version.name || (version.automatic ? "Kept at a run" : "Saved by hand")}
                  </span>
                  {version.tag && <Tag tone="busy">{version.tag}</Tag>}
                </p>
                {version.description && <p className="text-12 break-words text-muted">{version.description}</p>}
                <p className="text-12 text-muted">
                  {version.restored_from !== null && `restored from v${version.restored_from} · `}
                  {version.created_by && `${version.created_by.name} · `}
                  <RelativeTime at={version.created_at} />
                </p>
              </div>
              <Tooltip text="What is different in what is drawn now">
                <Button
                  size="sm"
                  tone="ghost"
                  aria-pressed={compared === version.number}
                  icon={<GitCompareArrows size={14} aria-hidden />}
                  onClick={() => setCompared(compared === version.number ? null : version.number)}
                >
                  Compare
                </Button>
              </Tooltip>
              {!readOnly && (
                <Button
                  size="sm"
                  tone="ghost"
                  icon={<RotateCcw size={14} aria-hidden />}
                  onClick={() => setRestoring(version)}
                >
                  Restore
                </Button>
              )}
            </div>
            {compared === version.number && <ComparedWithNow number={version.number} />}
          </li>
        ))}
      </ul>
      {versions.hasNextPage && (
        <div className="p-3 text-center">
          <Button size="sm" busy={versions.isFetchingNextPage} onClick={() => void versions.fetchNextPage()}>
            Show older
          </Button>
        </div>
      )}
      {restoring && <Restore version={restoring} onClose={() => setRestoring(null)} />}
      {saving && <SaveVersion onClose={() => setSaving(false)} />}
    </SidePanel>
  );
}

function ComparedWithNow({ number }: { number: number }) {
  const session = useEditor();
  const rev = useDocument((state) => state.save.rev);
  const comparison = useComparison(session.workflowId, number, "current");
  if (comparison.isPending) return <SkeletonRows rows={2} />;
  if (comparison.isError)
    return (
      <ErrorState
        inline
        title="The versions could not be compared"
        reason={sentence(asProblem(comparison.error).detail)}
        onRetry={() => void comparison.refetch()}
      />
    );
  return <Differences key={rev} comparison={comparison.data} />;
}

function Differences({ comparison }: { comparison: Comparison }) {
  const { catalog, document } = useEditor();
  const nodes = document.getState().document.nodes;
  const nameOf = (id: string): string =>
    nodes[id]?.name ?? comparison.nodes.find((node) => node.node_id === id)?.name ?? id;
  if (comparison.nodes.length + comparison.edges.length === 0)
    return <p className="mt-2 rounded bg-sunken px-3 py-2 text-12 text-muted">The same as what is drawn now.</p>;
  return (
    <ul className="mt-2 flex flex-col gap-2 rounded border border-line bg-sunken px-3 py-2">
      {comparison.nodes.map((node) => (
        <li key={node.node_id}>
          <p className="flex items-center gap-1.5 text-12">
            <ChangeMark change={node.change} />
            <KindIcon
              kind={catalog.kindById.get(node.kind)?.icon ?? node.kind}
              size={14}
              className="shrink-0 text-muted"
            />
            <span className="truncate font-mono">{node.name}</span>
            <span className="text-muted">{kindLabel(catalog, node.kind)}</span>
          </p>
          <ul className="pl-5">
            {node.changes.map((change) => (
              <li key={change.path} className="text-12 break-words">
                <span className="font-mono text-muted">{change.path}</span> <Values from={change.from} to={change.to} />
              </li>
            ))}
          </ul>
        </li>
      ))}
      {comparison.edges.map((edge) => (
        <li key={edge.edge_id} className="flex items-center gap-1.5 text-12">
          <ChangeMark change={edge.change} />
          <span className="min-w-0 truncate font-mono">
            {nameOf(edge.source)} → {nameOf(edge.target)}
          </span>
          <span className="text-muted">{catalog.relationById.get(edge.relation)?.phrase ?? edge.relation}</span>
        </li>
      ))}
    </ul>
  );
}

export function Values({ from, to }: { from: unknown; to: unknown }) {
  const text = (value: unknown): string =>
    value === undefined || value === null ? "nothing" : shortValue(value as Json) || '""';
  return (
    <span className="font-mono">
      <span className="text-muted line-through decoration-bad/60">{text(from)}</span> →{" "}
      <span className="text-text">{text(to)}</span>
    </span>
  );
}

export function ChangeMark({ change }: { change: "added" | "removed" | "modified" }) {
  const [mark, tone] =
    change === "added" ? ["+", "text-ok"] : change === "removed" ? ["−", "text-bad"] : ["~", "text-busy"];
  return (
    <span className={cx("w-3 shrink-0 text-center font-mono font-bold", tone)} role="img" aria-label={change}>
      {mark}
    </span>
  );
}

function Restore({ version, onClose }: { version: Version; onClose: () => void }) {
  const session = useEditor();
  const restore = useRestoreVersion(session.workflowId);
  const [error, setError] = useState<string | null>(null);
  const go = async (): Promise<void> => {
    setError(null);
    try {
      // What is drawn now is saved first, so that the server keeps it as a version of its own.
      await session.autosaver.flush();
      await restore.mutateAsync(version.number);
      const graph = await fetchGraph(session.workflowId);
      const next = documentFromLists(graph);
      session.document.getState().rebase(graph.rev, next, next, `restore v${version.number}`, Date.now());
      onClose();
    } catch (failed) {
      setError(sentence(asProblem(failed).detail));
    }
  };
  return (
    <ConfirmDialog
      open
      tone="primary"
      onOpenChange={(open) => !open && onClose()}
      title={`Restore v${version.number}?`}
      removed={["What is drawn now is replaced. Undo brings it back."]}
      kept={["All versions", "Everything in the cluster, until the next run"]}
      confirmLabel={`Restore v${version.number}`}
      busy={restore.isPending}
      error={error && <ErrorState inline title="The version was not restored" reason={error} />}
      onConfirm={() => void go()}
    />
  );
}

function SaveVersion({ onClose }: { onClose: () => void }) {
  const session = useEditor();
  const save = useSaveVersion(session.workflowId);
  const [name, setName] = useState("");
  const [tag, setTag] = useState("");
  const [description, setDescription] = useState("");
  const [error, setError] = useState<string | null>(null);
  const go = async (): Promise<void> => {
    if (name.trim() === "" || save.isPending) return;
    setError(null);
    try {
      await session.autosaver.flush();
      await save.mutateAsync({
        name: name.trim(),
        ...(tag.trim() ? { tag: tag.trim() } : {}),
        ...(description.trim() ? { description: description.trim() } : {}),
      });
      onClose();
    } catch (failed) {
      setError(sentence(asProblem(failed).detail));
    }
  };
  return (
    <FormDialog
      size="sm"
      title="Save version"
      description="Keeps what is drawn now under a name."
      onSubmit={() => void go()}
      submit="Save version"
      busy={save.isPending}
      disabled={name.trim() === ""}
      onClose={onClose}
      failure={error && { title: "The version was not saved", reason: error }}
    >
      <Field label="Name" required>
        <Input
          autoFocus
          value={name}
          maxLength={120}
          placeholder="Before the price change"
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field label="Tag">
        <Input mono value={tag} maxLength={40} placeholder="v1.2" onChange={(event) => setTag(event.target.value)} />
      </Field>
      <Field label="Description">
        <Textarea
          rows={3}
          value={description}
          maxLength={2000}
          onChange={(event) => setDescription(event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}
