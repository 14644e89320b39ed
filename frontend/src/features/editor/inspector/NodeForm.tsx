import { useMemo, useState } from "react";
import type { Kind } from "@/model/catalog";
import type { Problem } from "@/model/checks";
import { setParameter, type RecordRef } from "@/model/edits";
import { errorsOf, nodeForm, type FormSection, type Link } from "@/model/form";
import { findFields } from "@/model/findFields";
import type { NodeRecord } from "@/model/records";
import { cx, SearchInput } from "@/ui";
import type { FormContextValue } from "../form/context";
import { Form } from "../form/Form";
import { useDocument, useEditor, useView } from "../state/session";
import { Section } from "./Section";
import type { ShownOwners } from "./useOwners";

interface NodeFormProps {
  readonly kind: Kind;
  readonly node: NodeRecord;
  readonly onJump: (link: Link) => void;
  /** Who owns its fields in the cluster. */
  readonly owners?: ShownOwners;
  /** What of them is left to others. */
  readonly left?: FormContextValue["leftOf"];
}

/** The form of one node, made from the catalog. */
export function NodeForm({ kind, node, onJump, owners, left }: NodeFormProps) {
  const { catalog } = useEditor();
  const document_ = useDocument((state) => state.document);
  const problems = useDocument((state) => state.problems);
  const sections = useMemo(
    () => nodeForm(kind, node, document_, catalog, problems),
    [kind, node, document_, catalog, problems],
  );
  const form = useFormOf("node", node.id);
  const withOwners = useMemo(
    () => ({ ...form, ownersOf: owners?.ownersOf, leftOf: left }),
    [form, owners?.ownersOf, left],
  );
  // That a name is taken is said below the name.
  const general = problems.filter(
    (problem) =>
      problem.node_ids.includes(node.id) && problem.field === null && problem.code !== "graph.duplicate_name",
  );
  const view = useEditor().view;
  return (
    <div
      onBlur={({ target }) => {
        // A required field was left empty: from now on it is an error.
        if (!target.hasAttribute("aria-required") || !(target instanceof HTMLInputElement) || target.value) return;
        const { calm, setCalm } = view.getState();
        setCalm([...calm].filter((id) => id !== node.id));
      }}
    >
      {owners?.toggle}
      <Form value={withOwners}>
        <FormBody name={kind.id} sections={sections} paths={kind.api_paths} onJump={onJump} notes={general} />
      </Form>
    </div>
  );
}

/** The form context that writes to one record's parameters. */
export function useFormOf(type: RecordRef["type"], id: string): FormContextValue {
  const session = useEditor();
  const problems = useDocument((state) => state.problems);
  const readOnly = useDocument((state) => state.readOnly);
  const calm = useView((state) => state.calm.has(id));
  const kindId = useDocument((state) => (type === "node" ? state.document.nodes[id]?.kind : undefined));
  return useMemo(
    () => ({
      readOnly,
      apiPath: (path) => {
        const paths = session.catalog.kindById.get(kindId ?? "")?.api_paths;
        return paths?.[path.filter((step) => !/^\d+$/.test(String(step))).join(".")];
      },
      errors: errorsOf(type === "node" ? "nodes" : "edges", id, problems),
      warnings: errorsOf(type === "node" ? "nodes" : "edges", id, problems, "warning"),
      calm,
      set: (path, value) => {
        const { document, apply } = session.document.getState();
        apply(setParameter(document, { type, id }, path, value));
      },
      seal: () => session.document.getState().seal(),
    }),
    [session, type, id, kindId, problems, readOnly, calm],
  );
}

/** A form that is seen at a glance needs no search. */
const FILTERED_FROM = 12;

interface FormBodyProps {
  readonly name: string;
  readonly sections: readonly FormSection[];
  readonly paths?: Kind["api_paths"];
  /** Problems of the whole record. */
  readonly notes?: readonly Problem[];
  readonly onJump?: (link: Link) => void;
}

export function FormBody({ name, sections, paths, notes = [], onJump }: FormBodyProps) {
  const [query, setQuery] = useState("");
  const found = useMemo(() => findFields(sections, query, paths), [sections, query, paths]);
  const count = sections.reduce((sum, section) => sum + section.fields.length + section.advanced.length, 0);
  const asked = useView((state) => /^parameters\.([^.]+)/.exec(state.focusField?.path ?? "")?.[1] ?? null);
  return (
    <div className="flex flex-col pb-6">
      {notes.length > 0 && (
        <ul
          role="alert"
          className={cx(
            "mx-4 mt-4 flex flex-col gap-1 rounded border px-3 py-2 text-13",
            notes.some((note) => note.severity === "error")
              ? "border-bad/30 bg-bad-soft"
              : "border-warn/30 bg-warn-soft",
          )}
        >
          {notes.map((note) => (
            <li key={note.detail}>{note.detail}</li>
          ))}
        </ul>
      )}
      {count >= FILTERED_FROM && (
        <div className="px-4 pt-3 pb-1">
          <SearchInput label="Find a field" placeholder="Find a field" value={query} onChange={setQuery} />
        </div>
      )}
      {found.length === 0 && <p className="px-4 py-3 text-13 text-muted">No field matches “{query}”.</p>}
      {found.map((section, index) => (
        <Section
          key={section.id}
          storage={`editor.section.${name}.${section.id}`}
          section={section}
          first={index === 0}
          searched={query.trim() !== ""}
          alone={sections.length === 1}
          asked={asked}
          onJump={onJump}
        />
      ))}
    </div>
  );
}
