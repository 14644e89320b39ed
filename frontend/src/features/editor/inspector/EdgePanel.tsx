import { ArrowRight, Trash2, X } from "lucide-react";
import { useMemo } from "react";
import { relationsBetween } from "@/model/catalog";
import { edgeForm } from "@/model/form";
import { KindIcon } from "@/product";
import { Field, IconButton, Select } from "@/ui";
import { changeRelation, deleteEdge } from "../actions/editing";
import { showRecords } from "../actions/showing";
import { Form } from "../form/Form";
import { useFlow } from "../state/flow";
import { useDocument, useEditor, useFocusTarget } from "../state/session";
import { FormBody, useFormOf } from "./NodeForm";

/** One connection: its relation, its effect and its settings. */
export function EdgePanel({ id, onClose }: { id: string; onClose: () => void }) {
  const session = useEditor();
  const flow = useFlow();
  const edge = useDocument((state) => state.document.edges[id]);
  const nodes = useDocument((state) => state.document.nodes);
  const problems = useDocument((state) => state.problems);
  const readOnly = useDocument((state) => state.readOnly);
  const form = useFormOf("edge", id);
  const ends = useFocusTarget("inspector");
  const { catalog } = session;
  const sections = useMemo(() => (edge ? edgeForm(edge, catalog, problems) : []), [edge, catalog, problems]);
  if (!edge) return null;
  const [source, target] = [nodes[edge.source], nodes[edge.target]];
  const relation = catalog.relationById.get(edge.relation);
  const others = source && target ? relationsBetween(catalog, source.kind, target.kind) : [];
  const notes = problems.filter((problem) => problem.edge_ids.includes(id) && problem.field === null);
  return (
    <>
      <header className="flex shrink-0 items-start gap-2 border-b border-line px-4 pt-3 pb-3">
        <div className="min-w-0 flex-1">
          <h2 className="text-13 font-semibold">{relation?.label ?? edge.relation}</h2>
          <p ref={ends} className="mt-1 flex min-w-0 items-center gap-1.5 text-12">
            {[source, target].map((node, index) => (
              <span key={index} className="contents">
                {index === 1 && <ArrowRight size={12} className="shrink-0 text-muted" aria-label={relation?.phrase} />}
                <button
                  type="button"
                  className="flex min-w-0 items-center gap-1 rounded font-mono hover:underline"
                  onClick={() => node && showRecords(session, [node.id], [], flow)}
                >
                  <KindIcon
                    kind={catalog.kindById.get(node?.kind ?? "")?.icon ?? "custom"}
                    size={14}
                    className="shrink-0 text-muted"
                  />
                  <span className="truncate">{node?.name}</span>
                </button>
              </span>
            ))}
          </p>
        </div>
        {!readOnly && (
          <IconButton label="Delete connection" tone="danger-ghost" size="sm" onClick={() => deleteEdge(session, id)}>
            <Trash2 size={14} aria-hidden />
          </IconButton>
        )}
        <IconButton label="Close" shortcut="esc" size="sm" onClick={onClose}>
          <X size={16} aria-hidden />
        </IconButton>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {relation && <p className="px-4 pt-4 text-13 text-muted">{relation.effect}</p>}
        {others.length > 1 && (
          <Field label="Relation" className="px-4 pt-4">
            <Select
              value={edge.relation}
              disabled={readOnly}
              onChange={(id) => {
                const next = catalog.relationById.get(id);
                if (next) changeRelation(session, edge, next);
              }}
              options={others.map((row) => ({ value: row.id, label: row.label }))}
            />
          </Field>
        )}
        <Form value={form}>
          <FormBody name={edge.relation} sections={sections} notes={notes} />
        </Form>
      </div>
    </>
  );
}
