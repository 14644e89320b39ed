import { Maximize2, Minimize2, Trash2, X } from "lucide-react";
import type { ReactNode } from "react";
import { nodeLabel } from "@/model/written";
import { isPatch } from "@/model/checks";
import { KindIcon, StatusGlyph, useLeftOf } from "@/product";
import { EmptyState, IconButton, Tabs } from "@/ui";
import { deleteNode } from "../actions/editing";
import { showRecords } from "../actions/showing";
import { DiagnosisTab } from "../diagnosis/DiagnosisTab";
import { DriftTab } from "../drift/DriftTab";
import { useNodeDrift } from "../drift/useDrift";
import { useNodeLive } from "../live";
import { BuildsTab } from "../images/BuildsTab";
import { ReadersTab } from "../reach/ReadersTab";
import { useFlow } from "../state/flow";
import { useDocument, useEditor, useView } from "../state/session";
import type { InspectorTab } from "../state/viewStore";
import { GroupField } from "./GroupField";
import { InsideTab, useContainersOfNode } from "./InsideTab";
import { NodeForm } from "./NodeForm";
import { NodeName } from "./NodeName";
import { SecretsTab } from "./SecretsTab";
import { StatusTab } from "./StatusTab";
import { useLeftInForm, useOwners } from "./useOwners";
import { YamlTab } from "./YamlTab";

/** One node: its name and kind, and a tab for each way to look at it. */
export function NodePanel({ id, onClose }: { id: string; onClose: () => void }) {
  const session = useEditor();
  const flow = useFlow();
  const node = useDocument((state) => state.document.nodes[id]);
  const readOnly = useDocument((state) => state.readOnly);
  const problems = useDocument((state) => state.problems);
  const about = problems.filter((problem) => problem.node_ids.includes(id));
  const inPatch = about.filter((problem) => isPatch(problem.field)).length;
  const inForm = about.length - inPatch;
  const tab = useView((state) => state.tab);
  const wide = useView((state) => state.wide);
  const status = useNodeLive(id);
  const drift = useNodeDrift(id);
  const left = useLeftOf(
    useView((state) => state.environmentId),
    id,
  );
  const containers = useContainersOfNode(status);
  const owners = useOwners(node);
  const leftInForm = useLeftInForm(node, left);
  if (!node) return null;
  const kind = session.catalog.kindById.get(node.kind);
  const secret = kind?.parameters.some((parameter) => parameter.type === "secret_keys") ?? false;
  const tabs: { value: InspectorTab; label: ReactNode; badge?: ReactNode; content: ReactNode }[] = [
    {
      value: "form",
      label: "Form",
      badge: inForm || undefined,
      content: kind ? (
        <>
          <NodeForm
            kind={kind}
            node={node}
            owners={owners}
            left={leftInForm}
            onJump={(link) => showRecords(session, [], [link.edgeId], flow)}
          />
          {node.group && (
            <div className="border-t border-line p-4">
              <GroupField ids={[id]} />
            </div>
          )}
        </>
      ) : (
        <EmptyState title={`The kind “${node.kind}” is not known here`}>
          This server has no template for it; the node is kept as it is.
        </EmptyState>
      ),
    },
    { value: "yaml", label: "YAML", badge: inPatch || undefined, content: <YamlTab node={node} /> },
    { value: "status", label: "Status", content: <StatusTab nodeId={id} status={status} /> },
    { value: "diagnosis", label: "Diagnosis", content: <DiagnosisTab nodeId={id} /> },
  ];
  if (containers)
    tabs.push(
      { value: "logs", label: "Logs", content: <InsideTab address={containers} what="Logs" /> },
      { value: "terminal", label: "Terminal", content: <InsideTab address={containers} what="Shells" /> },
    );
  if (drift || left.length > 0 || tab === "drift")
    tabs.push({
      value: "drift",
      label: "Drift",
      badge: drift && drift.count + drift.missing,
      content: <DriftTab nodeId={id} />,
    });
  if (kind && ["ConfigMap", "Secret"].includes(kind.kind))
    tabs.push({ value: "readers", label: "Readers", content: <ReadersTab nodeId={id} /> });
  // What becomes no object has no status in a cluster.
  if (kind?.renders === false)
    tabs.splice(1, 3, { value: "builds", label: "Builds", content: <BuildsTab node={node} /> });
  // Beside the form, which has just the keys: a Secret without values is good for nothing.
  if (secret) tabs.splice(1, 0, { value: "secrets", label: "Values", content: <SecretsTab nodeId={id} /> });
  const shown = tabs.some((entry) => entry.value === tab) ? tab : "form";
  return (
    <>
      <header className="flex shrink-0 items-start gap-2.5 px-4 pt-3 pb-2">
        <span className="mt-0.5 flex size-8 shrink-0 items-center justify-center rounded border border-line bg-sunken text-muted">
          <KindIcon kind={kind?.icon ?? node.kind} size={18} />
        </span>
        <div className="min-w-0 flex-1">
          <NodeName key={node.id} node={node} />
          <p className="flex items-center gap-1.5 px-1 text-12 text-muted">
            <span className="truncate">{nodeLabel(session.catalog, node)}</span>
            {status && (
              <>
                <span aria-hidden>·</span>
                <StatusGlyph status={status.health} stale={status.stale_since !== null} size={12} />
              </>
            )}
          </p>
        </div>
        {!readOnly && (
          <IconButton label="Delete node" tone="danger-ghost" size="sm" onClick={() => deleteNode(session, id)}>
            <Trash2 size={14} aria-hidden />
          </IconButton>
        )}
        <IconButton
          label={wide ? "Narrow the inspector" : "Widen the inspector"}
          size="sm"
          onClick={() => session.view.setState({ wide: !wide })}
        >
          {wide ? <Minimize2 size={14} aria-hidden /> : <Maximize2 size={14} aria-hidden />}
        </IconButton>
        <IconButton label="Close" shortcut="esc" size="sm" onClick={onClose}>
          <X size={16} aria-hidden />
        </IconButton>
      </header>
      <Tabs
        label="Node"
        className="flex-1"
        contentClassName="overflow-y-auto"
        value={shown}
        onChange={(next) => session.view.setState({ tab: next })}
        tabs={tabs}
      />
    </>
  );
}
